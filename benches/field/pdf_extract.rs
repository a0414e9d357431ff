//! Extracts the text of PDFs with the crate pdf-extract and discards it, for `benches/compare_extraction.py`.
#![allow(missing_docs)]

use std::process::ExitCode;

fn main() -> ExitCode {
    for path in std::env::args().skip(1) {
        // The crate prints messages of its own. Only its time and whether it succeeds are measured.
        if std::fs::read(&path).is_ok_and(|bytes| pdf_extract::extract_text_from_mem(&bytes).is_err()) {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
