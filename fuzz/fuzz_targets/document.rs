//! The bytes as a whole document.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use sendlens_fuzz::extract::{ExtractError, Limits, extract};

fuzz_target!(|data: &[u8]| {
    let limits = Limits { time: Duration::from_secs(2), ..Limits::default() };
    if let Err(ExtractError::Internal { message }) = extract(data, &limits) {
        panic!("{message}");
    }
});
