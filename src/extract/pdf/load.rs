//! Loading with lopdf, within bounds on time, stack and memory.
//!
//! lopdf parses every object before the first page can be read, and cannot be stopped on the way. So it works on a
//! thread of its own, with a stack that its bounded recursion cannot use up, and is waited for no longer than the limit
//! on time; and no object stream may inflate to more than its share of the limit on all of them, so that a small file
//! cannot fill the memory with objects.

use std::panic::catch_unwind;
use std::sync::mpsc;
use std::thread;

use lopdf::{DecompressError, Document, Error, LoadOptions, Object, Writer};
use memchr::{memchr_iter, memmem};

use super::{Lookup, Value};
use crate::extract::error::{ExtractError, Result, damaged, message_of_panic};
use crate::extract::limits::Budget;

/// lopdf nests at most a hundred objects in each other; this holds them even where nothing is optimised.
const STACK_BYTES: usize = 16 << 20;

/// Loads a document; with `rebuild` by a scan for its objects, whatever its own table of them says.
pub(super) fn load(data: &[u8], budget: &Budget, rebuild: bool) -> Result<Document> {
    // Offsets count from the header, before which some servers put bytes of their own.
    let header = memmem::find(&data[..data.len().min(1024)], b"%PDF-").unwrap_or(0);
    let data = &data[header..];
    let mut document = load_apart(data.to_vec(), budget, rebuild)?;
    if let Some(data) = with_indirect_encryption(data, &document) {
        document = load_apart(data, budget, rebuild)?;
    }
    find_lengths(&mut document, data, budget)?;
    if document.trailer.has(b"Encrypt") && document.encryption_state.is_none() {
        return Err(why_encrypted(&document));
    }
    Ok(document)
}

/// Loads on a thread of its own.
fn load_apart(data: Vec<u8>, budget: &Budget, rebuild: bool) -> Result<Document> {
    let limits = &budget.limits;
    let share = limits.object_stream_bytes / inflated_streams(&data).max(1) as u64;
    let options = LoadOptions {
        max_decompressed_size: Some(usize::try_from(share).unwrap_or(usize::MAX)),
        force_reconstruct: rebuild,
        ..LoadOptions::default()
    };
    let is_encrypted = names(&data, &[b"Encrypt"]) > 0;
    let (sender, receiver) = mpsc::channel();
    let read = move || {
        let loaded = catch_unwind(|| Document::load_mem_with_options(&data, options));
        // Whoever asked may have stopped waiting.
        let _ = sender.send(loaded.map_err(|panic| message_of_panic(&*panic)));
    };
    let internal = |message: String| ExtractError::Internal { message };
    let thread = thread::Builder::new().name("pdf objects".to_owned()).stack_size(STACK_BYTES);
    thread.spawn(read).map_err(|error| internal(format!("no thread could be started: {error}")))?;
    let loaded = receiver.recv_timeout(budget.time_left()).map_err(|_| budget.no_time())?;
    match loaded.map_err(internal)? {
        Ok(document) => Ok(document),
        Err(Error::Decompress(DecompressError::MemoryLimitExceeded { .. })) => {
            let limit = limits.object_stream_bytes;
            Err(ExtractError::Limit { what: "inflated bytes of all object streams", limit })
        }
        Err(Error::UnsupportedSecurityHandler(handler)) => Err(unknown(&handler)),
        Err(Error::Unimplemented(_)) if !is_encrypted => damaged("its objects are packed in a way that is not known"),
        Err(Error::Unimplemented(_) | Error::Decryption(_)) => Err(unknown(b"not supported")),
        Err(_) => damaged("its objects cannot be found"),
    }
}

/// Gives a stream without a stated length the bytes before its `endstream`; lopdf leaves it empty.
fn find_lengths(document: &mut Document, data: &[u8], budget: &Budget) -> Result<()> {
    let streams = document.objects.values_mut().filter_map(|object| object.as_stream_mut().ok());
    for stream in streams.filter(|stream| stream.content.is_empty()) {
        let Some(rest) = stream.start_position.and_then(|start| data.get(start..)) else { continue };
        let length = memmem::find(rest, b"endstream");
        budget.scanned(length.unwrap_or(rest.len()))?;
        stream.set_content(rest[..length.unwrap_or(0)].to_vec());
    }
    Ok(())
}

/// The file with its encryption dictionary as an object of its own, where the trailer holds it itself: lopdf looks for
/// it only behind a reference. It is added as an incremental update, as the format allows.
fn with_indirect_encryption(data: &[u8], document: &Document) -> Option<Vec<u8>> {
    let Ok(encryption @ Object::Dictionary(_)) = document.trailer.get(b"Encrypt") else { return None };
    let number = document.max_id.checked_add(1)?;
    let mut trailer = document.trailer.clone();
    trailer.set("Encrypt", (number, 0));
    trailer.set("Size", i64::from(number) + 1);
    if document.xref_start > 0 {
        trailer.set("Prev", i64::try_from(document.xref_start).ok()?);
    }
    let mut data = data.to_vec();
    let object = data.len() + 1;
    data.extend_from_slice(format!("\n{number} 0 obj\n").as_bytes());
    Writer::write_object(&mut data, encryption).ok()?;
    data.extend_from_slice(b"\nendobj\n");
    let table = data.len();
    data.extend_from_slice(format!("xref\n{number} 1\n{object:010} 00000 n \ntrailer\n").as_bytes());
    Writer::write_object(&mut data, &Object::Dictionary(trailer)).ok()?;
    data.extend_from_slice(format!("\nstartxref\n{table}\n%%EOF\n").as_bytes());
    Some(data)
}

/// Why a document stayed encrypted: it wants a password, or its method is not known.
fn why_encrypted(document: &Document) -> ExtractError {
    let Ok(dict) = document.get_encrypted() else { return ExtractError::Encrypted };
    let handler = dict.name(b"Filter").unwrap_or(b"Standard");
    if handler != b"Standard" {
        return unknown(handler);
    }
    match dict.int(b"V").unwrap_or(0) {
        1 | 2 => ExtractError::Encrypted,
        4 | 5 => {
            let filters = dict.find(b"CF").and_then(Value::dict);
            let mut methods = filters.into_iter().flat_map(|filters| filters.iter());
            let odd = methods.find_map(|(_, filter)| match filter.dict().and_then(|filter| filter.name(b"CFM")) {
                Some(b"None" | b"V2" | b"AESV2" | b"AESV3") | None => None,
                Some(method) => Some(method),
            });
            odd.map_or(ExtractError::Encrypted, unknown)
        }
        version => unknown(format!("version {version}").as_bytes()),
    }
}

fn unknown(method: &[u8]) -> ExtractError {
    ExtractError::UnknownEncryption { method: String::from_utf8_lossy(method).into_owned() }
}

/// At least how many streams of objects or of their places lopdf inflates while it loads.
fn inflated_streams(data: &[u8]) -> usize {
    names(data, &[b"ObjStm", b"XRef", b"Prev"])
}

/// How often one of some names stands in the file, however it is spelt.
fn names(data: &[u8], names: &[&[u8]]) -> usize {
    let is_escaped = |at: &usize| {
        names.iter().any(|name| {
            let start = at.saturating_sub(3 * name.len());
            let slash = data[start..*at].iter().rposition(|&byte| byte == b'/');
            slash.is_some_and(|slash| is_spelt(&data[start + slash + 1..], name))
        })
    };
    let plain: usize = names.iter().map(|name| memmem::find_iter(data, name).count()).sum();
    plain + memchr_iter(b'#', data).filter(is_escaped).count()
}

/// Whether a name begins with these bytes once its `#xx` are decoded.
fn is_spelt(mut raw: &[u8], name: &[u8]) -> bool {
    name.iter().all(|&wanted| match raw {
        [b'#', high, low, rest @ ..] => {
            raw = rest;
            let digit = |byte: &u8| char::from(*byte).to_digit(16);
            digit(high).zip(digit(low)).is_some_and(|(high, low)| high << 4 | low == u32::from(wanted))
        }
        [byte, rest @ ..] => {
            raw = rest;
            *byte == wanted
        }
        [] => false,
    })
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_name_is_counted_however_it_is_spelt() {
        assert_eq!(
            names(b"<</Type/ObjStm>> <</Type/#4fbj#53tm>> <</Type/ObjSt#6D>> <</Type/ObjSt#6E>>", &[b"ObjStm"]),
            4
        );
        assert_eq!(names(b"#53tm ObjSt", &[b"ObjStm"]), 0);
    }
}
