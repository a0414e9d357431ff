//! The briefing on one area as a document to edit: what was found there and what became of it, what areas like it were
//! flagged for in the inspectors' words, and what to be able to answer and to show.
//!
//! Every sentence of a letter is quoted whole, with its page and letter. Figures stand with their denominators and
//! intervals, and the document says to which day letters are held. No clock is read: the same dataset and day give the
//! same bytes.

mod block;
mod content;
mod docx;
mod html;

use std::sync::Arc;

use jiff::civil::Date;

use crate::query::{Basis, Filter, History, Peers, QueryError, held_to, history, peers_in_order};
use crate::store::Dataset;
use crate::view::briefing::{Briefing, ORDER};

/// Why a briefing could not be made.
#[derive(Debug, thiserror::Error)]
pub enum BriefingError {
    /// The dataset could not answer.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The document could not be packed.
    #[error("the Word document could not be packed: {0}; please report this with the area's name")]
    Pack(String),
}

/// The form of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BriefingForm {
    /// A Word document (Office Open XML).
    Docx,
    /// One HTML file that needs no other.
    Html,
}

impl BriefingForm {
    /// The form that a file name asks for by its ending.
    #[must_use]
    pub fn of_file(path: &std::path::Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "docx" => Some(Self::Docx),
            "html" | "htm" => Some(Self::Html),
            _ => None,
        }
    }

    /// The media type of the file.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Html => "text/html; charset=utf-8",
        }
    }
}

/// The answers that a briefing is made from.
struct Answers {
    own: Arc<History>,
    comparison: Peers,
    basis: Basis,
    held_to: Option<Date>,
    today: Date,
}

/// Writes the briefing on an area. `basis` says which areas are like it, `today` is the day that the document bears.
///
/// # Errors
/// The dataset could not be read, an area is unknown, or the document could not be packed.
pub fn briefing(
    dataset: &Dataset,
    la_code: &str,
    basis: &Basis,
    advice: &Briefing,
    today: Date,
    form: BriefingForm,
) -> Result<Vec<u8>, BriefingError> {
    let answers = Answers {
        own: history(dataset, la_code, &Filter::default(), today)?,
        comparison: peers_in_order(dataset, la_code, basis, &Filter::default(), ORDER)?,
        basis: basis.clone(),
        held_to: held_to(dataset)?,
        today,
    };
    let blocks = content::blocks(&answers, advice);
    match form {
        BriefingForm::Html => Ok(html::write(&answers.own.area, &blocks).into_bytes()),
        BriefingForm::Docx => docx::write(&blocks, today).map_err(BriefingError::Pack),
    }
}
