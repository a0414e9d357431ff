//! Stream filters and predictors. What is damaged gives what could be decoded; what grows too large is an error.

use std::io::Read;

use flate2::bufread::DeflateDecoder;

use super::lexer::{decode_hex, is_space};
use super::object::{Dict, Object};
use crate::extract::error::{Result, damaged};
use crate::extract::limits::Budget;

/// Filters in a row that a stream may name.
const MOST_FILTERS: usize = 8;

/// One filter of a stream with its parameters.
pub(super) struct Filter {
    pub(super) name: Vec<u8>,
    pub(super) parameters: Dict,
}

/// Puts the filters of a stream in order; references must be resolved before.
pub(super) fn chain(filter: &Object, parameters: &Object) -> Result<Vec<Filter>> {
    let names: Vec<&[u8]> = match filter {
        Object::Name(name) => vec![name.bytes()],
        Object::Array(items) => items.iter().filter_map(Object::as_name).collect(),
        _ => Vec::new(),
    };
    if names.len() > MOST_FILTERS {
        return damaged("a stream names too many filters");
    }
    let parameters_of = |i: usize| match parameters {
        Object::Dict(dict) if i == 0 => dict.clone(),
        Object::Array(items) => items.get(i).and_then(Object::as_dict).cloned().unwrap_or_default(),
        _ => Dict::default(),
    };
    Ok(names
        .into_iter()
        .enumerate()
        .map(|(i, name)| Filter { name: name.to_vec(), parameters: parameters_of(i) })
        .collect())
}

impl Filter {
    pub(super) fn apply(&self, data: &[u8], budget: &Budget) -> Result<Vec<u8>> {
        match &self.name[..] {
            b"FlateDecode" | b"Fl" => self.unpredict(inflate(data, budget)?, budget),
            b"LZWDecode" | b"LZW" => {
                let early = self.parameters.int(b"EarlyChange") != Some(0);
                self.unpredict(lzw(data, early, budget)?, budget)
            }
            b"ASCIIHexDecode" | b"AHx" => {
                let data = &data[..memchr::memchr(b'>', data).unwrap_or(data.len())];
                let mut out = Vec::with_capacity(data.len() / 2 + 1);
                decode_hex(data, &mut out);
                budget.hold(out.len() as u64)?;
                Ok(out)
            }
            b"ASCII85Decode" | b"A85" => {
                let out = ascii85(data);
                budget.hold(out.len() as u64)?;
                Ok(out)
            }
            b"RunLengthDecode" | b"RL" => run_length(data, budget),
            b"Crypt" => Ok(data.to_vec()),
            _ => damaged("a stream uses a filter for images"),
        }
    }

    fn unpredict(&self, data: Vec<u8>, budget: &Budget) -> Result<Vec<u8>> {
        let predictor = self.parameters.int(b"Predictor").unwrap_or(1);
        if predictor < 2 {
            return Ok(data);
        }
        let setting = |key: &[u8], default: i64| {
            usize::try_from(self.parameters.int(key).unwrap_or(default)).unwrap_or(1).clamp(1, 1 << 20)
        };
        let (colours, bits, columns) = (setting(b"Colors", 1), setting(b"BitsPerComponent", 8), setting(b"Columns", 1));
        let pixel = (colours * bits).div_ceil(8);
        let row = (colours * bits).saturating_mul(columns).div_ceil(8);
        if row > data.len().saturating_add(1 << 16) {
            return damaged("a predictor's rows are longer than its data");
        }
        budget.scanned(data.len() * 4)?;
        if predictor == 2 { Ok(tiff(data, row, colours, bits)) } else { Ok(png(&data, row, pixel)) }
    }
}

fn tiff(mut data: Vec<u8>, row: usize, colours: usize, bits: usize) -> Vec<u8> {
    // Other depths occur in images only.
    if bits == 8 {
        for row in data.chunks_mut(row) {
            for i in colours..row.len() {
                row[i] = row[i].wrapping_add(row[i - colours]);
            }
        }
    }
    data
}

fn png(data: &[u8], row: usize, pixel: usize) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(data.len());
    let mut previous = vec![0; row];
    for line in data.chunks(row + 1) {
        let Some((&kind, line)) = line.split_first() else { break };
        let mut current = vec![0; row];
        current[..line.len()].copy_from_slice(line);
        for i in 0..line.len() {
            let left = if i >= pixel { current[i - pixel] } else { 0 };
            let up = previous[i];
            let up_left = if i >= pixel { previous[i - pixel] } else { 0 };
            let guess = match kind {
                1 => left,
                2 => up,
                3 => (u16::from(left) + u16::from(up)).div_euclid(2) as u8,
                4 => paeth(left, up, up_left),
                _ => 0,
            };
            current[i] = current[i].wrapping_add(guess);
        }
        out.extend_from_slice(&current[..line.len()]);
        previous = current;
    }
    out
}

fn paeth(left: u8, up: u8, up_left: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(up), i16::from(up_left));
    let estimate = a + b - c;
    let (da, db, dc) = ((estimate - a).abs(), (estimate - b).abs(), (estimate - c).abs());
    if da <= db && da <= dc {
        left
    } else if db <= dc {
        up
    } else {
        up_left
    }
}

/// Reads until the end, an error, or the limit. The checksum at the end is not looked at: what can be read is kept, as
/// other readers do, even where it is wrong.
fn inflate(data: &[u8], budget: &Budget) -> Result<Vec<u8>> {
    // Some writers leave the zlib header out or break it.
    let starts = if has_zlib_header(data) { [2, 0] } else { [0, 2] };
    for start in starts {
        let out = read_bounded(DeflateDecoder::new(data.get(start..).unwrap_or_default()), data.len(), budget)?;
        if !out.is_empty() {
            return Ok(out);
        }
    }
    Ok(Vec::new())
}

/// Whether it begins as RFC 1950 says: method 8, no dictionary, and a check that comes out even.
fn has_zlib_header(data: &[u8]) -> bool {
    matches!(data, [method, flags, ..]
        if method & 0xf == 8 && flags & 0x20 == 0 && (u16::from(*method) << 8 | u16::from(*flags)) % 31 == 0)
}

fn read_bounded(mut reader: impl Read, packed: usize, budget: &Budget) -> Result<Vec<u8>> {
    const CHUNK: usize = 1 << 16;
    let room = budget.room();
    let mut out = Vec::with_capacity(packed.saturating_mul(4).clamp(256, CHUNK));
    loop {
        let length = out.len();
        let chunk = (out.capacity() - length).clamp(1024, CHUNK);
        out.resize(length + chunk, 0);
        let read = reader.read(&mut out[length..]);
        // An error ends the stream; what came before it is kept, as other readers do.
        let read = read.unwrap_or(0);
        out.truncate(length + read);
        budget.scanned(read)?;
        if out.len() as u64 > room {
            return Err(budget.no_room());
        }
        if read == 0 {
            break;
        }
    }
    budget.hold(out.len() as u64)?;
    Ok(out)
}

fn lzw(data: &[u8], early_change: bool, budget: &Budget) -> Result<Vec<u8>> {
    const CLEAR: u16 = 256;
    const END: u16 = 257;
    let room = budget.room();
    let mut out: Vec<u8> = Vec::new();
    // Each entry is a stretch of the output: where it starts and how long it is.
    let mut table: Vec<(usize, usize)> = Vec::with_capacity(4096);
    let mut previous: Option<(usize, usize)> = None;
    let (mut bits, mut held, mut width) = (0_u32, 0_u32, 9_u32);
    for &byte in data {
        bits = bits << 8 | u32::from(byte);
        held += 8;
        if held < width {
            continue;
        }
        held -= width;
        let code = (bits >> held) as u16 & ((1 << width) - 1);
        bits &= (1 << held) - 1;
        match code {
            CLEAR => {
                table.clear();
                previous = None;
                width = 9;
                continue;
            }
            END => break,
            _ => {}
        }
        let start = out.len();
        match (code, previous) {
            (0..=255, _) => out.push(code as u8),
            (_, previous) => match (table.get(usize::from(code) - 258).copied(), previous) {
                (Some((from, length)), _) => out.extend_from_within(from..from + length),
                (None, Some((from, length))) if usize::from(code) - 258 == table.len() => {
                    out.extend_from_within(from..from + length);
                    out.push(out[from]);
                }
                _ => break,
            },
        }
        if let Some((from, length)) = previous
            && table.len() < 4096 - 258
        {
            // The new entry is the previous one and the first byte after it, which the output now holds in a row.
            table.push((from, length + 1));
        }
        previous = Some((start, out.len() - start));
        width = match table.len() + 258 + usize::from(early_change) {
            0..=511 => 9,
            512..=1023 => 10,
            1024..=2047 => 11,
            _ => 12,
        };
        budget.scanned(out.len() - start)?;
        if out.len() as u64 > room {
            return Err(budget.no_room());
        }
    }
    budget.hold(out.len() as u64)?;
    Ok(out)
}

fn ascii85(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len() / 5 * 4 + 4);
    let (mut value, mut count) = (0_u32, 0_usize);
    for &byte in data {
        match byte {
            b'z' if count == 0 => out.extend_from_slice(&[0; 4]),
            b'!'..=b'u' => {
                value = value.wrapping_mul(85).wrapping_add(u32::from(byte - b'!'));
                count += 1;
                if count == 5 {
                    out.extend_from_slice(&value.to_be_bytes());
                    (value, count) = (0, 0);
                }
            }
            b'~' => break,
            byte if is_space(byte) => {}
            _ => {}
        }
    }
    if count > 1 {
        for _ in count..5 {
            value = value.wrapping_mul(85).wrapping_add(84);
        }
        out.extend_from_slice(&value.to_be_bytes()[..count - 1]);
    }
    out
}

fn run_length(data: &[u8], budget: &Budget) -> Result<Vec<u8>> {
    let room = budget.room();
    let mut out = Vec::new();
    let mut rest = data;
    while let Some((&length, tail)) = rest.split_first() {
        match length {
            0..=127 => {
                let (run, tail) = tail.split_at((usize::from(length) + 1).min(tail.len()));
                out.extend_from_slice(run);
                rest = tail;
            }
            128 => break,
            129..=255 => {
                let Some((&byte, tail)) = tail.split_first() else { break };
                out.resize(out.len() + 257 - usize::from(length), byte);
                rest = tail;
            }
        }
        if out.len() as u64 > room {
            return Err(budget.no_room());
        }
    }
    budget.hold(out.len() as u64)?;
    Ok(out)
}
