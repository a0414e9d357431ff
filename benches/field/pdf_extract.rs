//! The text of PDFs by the crate pdf-extract, for `benches/compare_extraction.py`, to nowhere.
#![allow(missing_docs)]

use std::process::ExitCode;

fn main() -> ExitCode {
    for path in std::env::args().skip(1) {
        // It prints what it meets on the way; what counts is its time and whether it ends.
        if std::fs::read(&path).is_ok_and(|bytes| pdf_extract::extract_text_from_mem(&bytes).is_err()) {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
