//! Texts and letters as compressed JSON, pages as compressed bytes: small, and readable by any program with zlib.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::StoreError;

pub(super) fn pack<T: Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(6));
    serde_json::to_writer(&mut encoder, value).map_err(damaged)?;
    encoder.flush().and_then(|()| encoder.finish()).map_err(damaged)
}

pub(super) fn unpack<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(&expand(bytes)?).map_err(damaged)
}

pub(super) fn squeeze(bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(bytes).and_then(|()| encoder.finish()).map_err(damaged)
}

pub(super) fn expand(packed: &[u8]) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::new();
    ZlibDecoder::new(packed).read_to_end(&mut bytes).map_err(damaged)?;
    Ok(bytes)
}

fn damaged(error: impl std::fmt::Display) -> StoreError {
    StoreError::Damaged(format!("something stored in compressed form: {error}"))
}
