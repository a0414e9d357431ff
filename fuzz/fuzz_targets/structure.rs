//! The bytes as the objects of a structure tree.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use sendlens_fuzz::extract::{ExtractError, Limits, extract};
use sendlens_fuzz::wrap;

fuzz_target!(|data: &[u8]| {
    let limits = Limits { time: Duration::from_secs(2), ..Limits::default() };
    if let Err(ExtractError::Internal { message }) = extract(&wrap::as_structure(data), &limits) {
        panic!("{message}");
    }
});
