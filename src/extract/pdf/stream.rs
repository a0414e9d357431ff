//! The decoded bytes of a stream, within the budget.

use std::borrow::Cow;

use lopdf::{DecompressError, Dictionary, Error, Object, Stream};
use memchr::memmem;

use super::{Lookup, Pdf, Value};
use crate::extract::error::{Result, damaged, incomplete};

/// Filters in a row that a stream may name.
const MAX_FILTERS: usize = 8;

impl Pdf<'_> {
    /// The decoded bytes of a stream. What is damaged gives what could be decoded.
    pub(in crate::extract) fn stream_data<'s>(&self, stream: &'s Stream) -> Result<Cow<'s, [u8]>> {
        let filters = self.filters(&stream.dict);
        if filters.is_empty() {
            return Ok(Cow::Borrowed(&stream.content));
        }
        if filters.len() > MAX_FILTERS {
            return damaged("a stream names too many filters");
        }
        let data = match self.with_plain_names(stream, &filters) {
            Some(plain) => self.decode(&plain)?,
            None => self.decode(stream)?,
        };
        let data = match filters[..] {
            [b"FlateDecode" | b"Fl"] if data.is_empty() => self.decode_without_header(stream)?,
            _ => data,
        };
        self.budget.scanned(data.len())?;
        self.budget.hold(data.len() as u64)?;
        Ok(Cow::Owned(data))
    }

    /// The decoded bytes of a stream of text, if they are all there: what was deflated ends with a checksum, and what is
    /// stored as text has no long run of zeros, which stands for a part that never arrived.
    pub(in crate::extract) fn whole_stream_data<'s>(&self, stream: &'s Stream) -> Result<Cow<'s, [u8]>> {
        let data = self.stream_data(stream)?;
        let filters = self.filters(&stream.dict);
        // A predictor changes the bytes that the checksum was made of.
        let has_checksum = filters.last().is_some_and(|&last| long_name(last) == b"FlateDecode")
            && !stream.dict.has(b"DecodeParms")
            && !stream.dict.has(b"DP");
        let is_whole = match filters.len() {
            0 => !has_gap(&stream.content),
            1 => !has_checksum || ends_with_checksum(&stream.content, &data),
            _ if has_gap(&stream.content) => false,
            _ => !has_checksum || ends_with_checksum(&self.decode(&without_last(stream, &filters))?, &data),
        };
        if is_whole { Ok(data) } else { incomplete("part of a stream is missing") }
    }

    fn filters<'s>(&'s self, dict: &'s Dictionary) -> Vec<&'s [u8]> {
        match self.value(dict, if dict.has(b"Filter") { b"Filter" } else { b"F" }) {
            Object::Name(name) => vec![name],
            Object::Array(names) => names.iter().filter_map(|name| self.resolve(name).name()).collect(),
            _ => Vec::new(),
        }
    }

    /// A copy of a stream that says by the names of the standard what it says by reference or in short, since lopdf
    /// knows only those; none where nothing needs to change.
    fn with_plain_names(&self, stream: &Stream, filters: &[&[u8]]) -> Option<Stream> {
        let dict = &stream.dict;
        let parameters = dict.find(b"DecodeParms").or_else(|| dict.find(b"DP"));
        let is_direct = |object: &Object| match object {
            Object::Reference(_) => false,
            Object::Array(items) => !items.iter().any(|item| matches!(item, Object::Reference(_))),
            Object::Dictionary(dict) => !dict.iter().any(|(_, value)| matches!(value, Object::Reference(_))),
            _ => true,
        };
        let is_plain = dict.find(b"Filter").is_some_and(is_direct)
            && parameters.is_none_or(is_direct)
            && !dict.has(b"DP")
            && filters.iter().all(|&name| long_name(name) == name && name != b"Crypt");
        if is_plain {
            return None;
        }
        let mut plain = Dictionary::new();
        // A stream of which only the Crypt filter was named is decrypted by now.
        let names = filters.iter().filter(|&&name| name != b"Crypt");
        plain.set("Filter", Object::Array(names.map(|name| Object::Name(long_name(name).to_vec())).collect()));
        if let Some(parameters) = parameters {
            plain.set("DecodeParms", self.with_values(self.resolve(parameters), 2));
        }
        Some(Stream::new(plain, stream.content.clone()))
    }

    /// A copy of a value with the references inside it followed, down to a depth.
    fn with_values(&self, object: &Object, depth: usize) -> Object {
        let inside = |value: &Object| match self.resolve(value) {
            value if depth > 0 => self.with_values(value, depth - 1),
            value => value.clone(),
        };
        match object {
            Object::Array(items) => Object::Array(items.iter().map(inside).collect()),
            Object::Dictionary(dict) => {
                let mut copy = Dictionary::new();
                dict.iter().for_each(|(key, value)| copy.set(key.clone(), inside(value)));
                Object::Dictionary(copy)
            }
            other => other.clone(),
        }
    }

    fn decode(&self, stream: &Stream) -> Result<Vec<u8>> {
        let room = usize::try_from(self.budget.room()).unwrap_or(usize::MAX);
        match stream.decompressed_content_with_limit(room) {
            Ok(data) => Ok(data),
            Err(Error::Decompress(DecompressError::MemoryLimitExceeded { .. })) => Err(self.budget.no_room()),
            Err(Error::Unimplemented(_)) => damaged("a stream uses a filter for images"),
            Err(_) => damaged("a stream cannot be decoded"),
        }
    }

    /// Some writers leave the header of deflated data out. lopdf wants one, and looks at no checksum once it has data.
    fn decode_without_header(&self, stream: &Stream) -> Result<Vec<u8>> {
        let mut dict = stream.dict.clone();
        dict.set("Filter", Object::Name(b"FlateDecode".to_vec()));
        self.decode(&Stream::new(dict, [b"\x78\x9c", &stream.content[..]].concat()))
    }
}

/// A stream as it is before the last of its filters is undone.
fn without_last(stream: &Stream, filters: &[&[u8]]) -> Stream {
    let others = filters[..filters.len() - 1].iter().map(|name| Object::Name(long_name(name).to_vec())).collect();
    let mut dict = Dictionary::new();
    dict.set("Filter", Object::Array(others));
    Stream::new(dict, stream.content.clone())
}

fn has_gap(data: &[u8]) -> bool {
    const MIN_ZEROS: usize = 64;
    data.chunk_by(|a, b| a == b).any(|run| run.len() >= MIN_ZEROS && run[0] == 0)
}

/// Whether deflated bytes, if there are any, end with the checksum of these; a line end may follow it.
fn ends_with_checksum(deflated: &[u8], data: &[u8]) -> bool {
    /// A checksum and what may stand behind it, in bytes.
    const END_BYTES: usize = 8;
    let end = &deflated[deflated.len().saturating_sub(END_BYTES)..];
    deflated.is_empty() || memmem::find(end, &adler2::adler32_slice(data).to_be_bytes()).is_some()
}

fn long_name(name: &[u8]) -> &[u8] {
    match name {
        b"Fl" => b"FlateDecode",
        b"LZW" => b"LZWDecode",
        b"AHx" => b"ASCIIHexDecode",
        b"A85" => b"ASCII85Decode",
        b"RL" => b"RunLengthDecode",
        name => name,
    }
}
