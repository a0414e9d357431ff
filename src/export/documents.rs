//! The table that engines such as Spark keep of every document that they read: everything that a data directory needs.
//! It is no part of an export, which shows what a data directory holds.

use super::tables::{Column, Kind, Table};

/// The table. Its columns are the fields of [`DocumentRecord`](crate::pipeline::DocumentRecord).
pub const DOCUMENTS: Table = Table {
    name: "documents",
    about: "One row for each document, whatever became of it.",
    columns: &[
        Column { path: "sha256", kind: Kind::Text, about: "hash of the bytes; empty where they were not read" },
        Column { path: "path", kind: Kind::Text, about: "address under which the document was found" },
        Column { path: "file", kind: Kind::Text, about: "last part of the address" },
        Column { path: "size", kind: Kind::Number, about: "size in bytes" },
        Column { path: "status", kind: Kind::Text, about: "letter, set_aside or failed" },
        Column { path: "reason_code", kind: Kind::Text, about: "why it is no letter: a stable word" },
        Column { path: "reason_message", kind: Kind::Text, about: "why it is no letter, for people" },
        Column { path: "letter_id", kind: Kind::Text, about: "id of the letter" },
        Column { path: "pages", kind: Kind::Whole, about: "number of pages" },
        Column { path: "method", kind: Kind::Text, about: "how the text was read: tagged or layout" },
        Column { path: "text_status", kind: Kind::Text, about: "good, poor_text or needs_ocr" },
        Column { path: "versions_extract", kind: Kind::Whole, about: "version of the extraction" },
        Column { path: "versions_parse", kind: Kind::Whole, about: "version of the parser" },
        Column { path: "versions_code", kind: Kind::Whole, about: "version of the coder" },
        Column { path: "versions_codebook", kind: Kind::Text, about: "version and hash of the codebook" },
        Column {
            path: "row",
            kind: Kind::Text,
            about: "row of the table letters, as JSON; also for what was set aside",
        },
        Column { path: "letter", kind: Kind::Text, about: "the letter with where each fact was read, as JSON" },
        Column { path: "findings", kind: Kind::Text, about: "the findings in full, as JSON" },
        Column { path: "set_aside", kind: Kind::Text, about: "what the document is instead of a letter, as JSON" },
        Column { path: "text", kind: Kind::Text, about: "the text as blocks, as JSON" },
    ],
};
