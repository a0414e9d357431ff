//! The decoded bytes of a stream, within the budget.

use std::borrow::Cow;

use lopdf::{DecompressError, Dictionary, Error, Object, Stream};

use super::{Lookup, Pdf, Value};
use crate::extract::error::{Result, damaged, tolerate};

/// Filters in a row that a stream may name.
const MOST_FILTERS: usize = 8;

impl Pdf<'_> {
    /// The decoded bytes of a stream. What is damaged gives what could be decoded.
    pub(in crate::extract) fn stream_data<'s>(&self, stream: &'s Stream) -> Result<Cow<'s, [u8]>> {
        let filters = self.filters(&stream.dict);
        if filters.is_empty() {
            return Ok(Cow::Borrowed(&stream.content));
        }
        if filters.len() > MOST_FILTERS {
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

    /// Whether the data of a deflated stream is what was deflated: its checksum stands at its end. Other streams have
    /// none.
    pub(in crate::extract) fn is_whole(&self, stream: &Stream) -> Result<bool> {
        let [b"FlateDecode" | b"Fl"] = self.filters(&stream.dict)[..] else { return Ok(true) };
        // A predictor works on the data after its checksum was made.
        if stream.dict.has(b"DecodeParms") || stream.dict.has(b"DP") || stream.content.is_empty() {
            return Ok(true);
        }
        let Some(data) = tolerate(self.decode(stream))? else { return Ok(false) };
        self.budget.scanned(data.len())?;
        let sum = adler32(&data).to_be_bytes();
        let end = &stream.content[stream.content.len().saturating_sub(8)..];
        Ok(end.windows(4).any(|window| window == sum))
    }

    /// Whether a stream is stored as text.
    pub(in crate::extract) fn is_plain(&self, dict: &Dictionary) -> bool {
        let first = self.filters(dict).first().copied().map(long_name);
        matches!(first, None | Some(b"ASCII85Decode" | b"ASCIIHexDecode"))
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

/// The checksum of deflated data.
fn adler32(data: &[u8]) -> u32 {
    const MODULUS: u32 = 65_521;
    // So many bytes fit before the sums have to be reduced.
    let (mut a, mut b) = (1_u32, 0_u32);
    for bytes in data.chunks(5552) {
        for &byte in bytes {
            a += u32::from(byte);
            b += a;
        }
        (a, b) = (a % MODULUS, b % MODULUS);
    }
    b << 16 | a
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
