//! Blocks -> a typed letter: kind, area, dates, outcome, sections, formal items, verdicts. Pure.
//!
//! Each format of letter is one file here and one line in `FORMATS`. A format *recognises* its letters by their own
//! words, never by file name or listing title; where several do, all the evidence is weighed (see [`kind`]). Then it
//! *reads* them. What no format recognises is another programme (see [`other`]), or fails with a reason. Every fact keeps the words that it was read from, and every passage is an exact quote
//! (see [`quote`]). What is absent, stated as none, and unreadable are three different things; nothing is guessed.
//! A letter without area, dates or findings is refused.

mod amounts;
mod area_send_full;
mod area_send_monitoring;
mod checks;
mod contradictions;
pub mod dates;
mod joint_area;
pub mod kind;
pub mod other;
mod outcome_letter;
mod partnership;
pub mod passages;
mod pattern;
pub mod quote;
mod revisit_letter;
pub mod sentences;
pub mod similar;
pub mod tidy;
pub mod verdicts;
pub mod view;

use jiff::civil::Date;

use crate::domain::{DocumentText, Evidence, Fact, Letter, LetterKind, SetAside};
use crate::reference::{Reference, RegisteredFacts, UnknownArea};
use kind::Weighed;
use view::View;

/// Version of the parser. Raise it with every change that can alter what is read: older letters are then due for a
/// rebuild.
pub const VERSION: u32 = 6;

/// One format of letter.
struct Format {
    /// The kind of letter that it reads.
    kind: LetterKind,
    /// The words that show that a document is of this kind, if it is. Must be sure: documents of other programmes
    /// share addresses, phrases and the inspectorates' names.
    recognise: fn(&View<'_>) -> Option<Evidence>,
    /// Reads a document that was recognised.
    read: fn(&View<'_>, &Reference) -> Result<Letter, ParseError>,
}

/// All formats, in the order in which they are asked. To add one: a file beside this one, a line here, and fixtures.
const FORMATS: &[Format] =
    &[area_send_full::FORMAT, area_send_monitoring::FORMAT, outcome_letter::FORMAT, revisit_letter::FORMAT];

/// What a document turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parsed {
    /// A SEND letter.
    Letter(Box<Letter>),
    /// Something else, recognised.
    SetAside(SetAside),
}

/// Why a readable document could not be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Neither a SEND letter nor anything else that is known.
    #[error("this is no kind of document that sendlens knows; it begins \"{beginning}\"")]
    Unrecognised {
        /// Its first words.
        beginning: String,
    },
    /// Two kinds of letter are recognised, and neither outweighs the other.
    #[error(
        "this may be {first} ({for_first}) or {second} ({for_second}); `sendlens letter FILE` shows what speaks for each"
    )]
    TwoKinds {
        /// The one for which more speaks.
        first: LetterKind,
        /// What speaks for it.
        for_first: String,
        /// The other.
        second: LetterKind,
        /// What speaks for that.
        for_second: String,
    },
    /// A SEND letter that does not say, in words that could be found, which area it is about.
    #[error("no area could be found in this {kind}; look at its title and opening paragraph")]
    NoArea {
        /// Kind of the letter.
        kind: LetterKind,
    },
    /// The area is not in the reference tables.
    #[error("the area of this {kind} could not be resolved: {unknown}")]
    UnknownArea {
        /// Kind of the letter.
        kind: LetterKind,
        /// What was looked up and what came near.
        unknown: UnknownArea,
    },
    /// No dates of the inspection.
    #[error("no inspection dates could be found in this {kind}; look at its front page or opening paragraph")]
    NoDates {
        /// Kind of the letter.
        kind: LetterKind,
    },
    /// The dates of the inspection cannot be right.
    #[error("the inspection dates of this {kind} cannot be right: {problem} (\"{quote}\")")]
    ImplausibleDates {
        /// Kind of the letter.
        kind: LetterKind,
        /// What is wrong.
        problem: String,
        /// The wording.
        quote: String,
    },
    /// A letter in which no findings were found, or none of a kind that it must have.
    #[error("no {what} could be found in this {kind}, so it is not stored; look at how its sections are headed")]
    NoFindings {
        /// Kind of the letter.
        kind: LetterKind,
        /// What is missing.
        what: &'static str,
    },
}

impl ParseError {
    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unrecognised { .. } => "unrecognised",
            Self::TwoKinds { .. } => "two_kinds",
            Self::NoArea { .. } => "no_area",
            Self::UnknownArea { .. } => "unknown_area",
            Self::NoDates { .. } => "no_dates",
            Self::ImplausibleDates { .. } => "implausible_dates",
            Self::NoFindings { .. } => "no_findings",
        }
    }
}

/// Understands a document.
///
/// # Errors
/// If the document is of no known kind, or is a SEND letter without area, dates or findings.
pub fn parse(text: &DocumentText, reference: &Reference) -> Result<Parsed, ParseError> {
    let tidied = tidy::tidy(text);
    let view = View::new(&tidied);
    let weighed = weighed(&view);
    if let Some((found, rival)) = kind::decide(&weighed) {
        if let Some(rival) = rival {
            return Err(ParseError::TwoKinds {
                first: found.kind,
                for_first: found.in_words(),
                second: rival.kind,
                for_second: rival.in_words(),
            });
        }
        if let (Some(format), Some(evidence)) =
            (FORMATS.iter().find(|f| f.kind == found.kind), found.recognised.clone())
        {
            let mut letter = (format.read)(&view, reference)?;
            letter.kind = format.kind;
            letter.facts.insert(0, Fact { field: "kind".to_owned(), evidence });
            checks::check(&letter)?;
            letter.suspicious.extend(checks::gaps(&letter));
            letter.suspicious.extend(contradictions::contradictions(&letter, &view));
            if let Some(compared) = reference.compare_with_register(&RegisteredFacts::from(&letter)) {
                letter.suspicious.extend(compared.differences);
            }
            return Ok(Parsed::Letter(Box::new(letter)));
        }
    }
    if let Some(set_aside) = other::set_aside(&tidied, &view) {
        return Ok(Parsed::SetAside(set_aside));
    }
    Err(ParseError::Unrecognised { beginning: beginning(&view) })
}

/// What speaks for each kind of letter.
fn weighed(view: &View<'_>) -> Vec<Weighed> {
    FORMATS.iter().map(|format| kind::weigh(format.kind, (format.recognise)(view), view)).collect()
}

/// What speaks for each kind of letter in a document, the heaviest first.
#[must_use]
pub fn evidence(text: &DocumentText) -> Vec<Weighed> {
    let tidied = tidy::tidy(text);
    let mut weighed = weighed(&View::new(&tidied));
    weighed.sort_by_key(|w| std::cmp::Reverse((w.recognised.is_some(), w.weight())));
    weighed
}

fn beginning(view: &View<'_>) -> String {
    let text = view.running(view.first_pages(1)).text;
    text.split_whitespace().take(20).collect::<Vec<_>>().join(" ")
}

/// The code of the area that is printed in a letter, as areas were on the day of the inspection.
///
/// # Errors
/// If the tables have no such area, or had none on that day.
pub fn resolve_area(kind: LetterKind, printed: &str, on: Date, reference: &Reference) -> Result<String, ParseError> {
    let area = reference.resolve_on(printed, on).map_err(|unknown| ParseError::UnknownArea { kind, unknown })?;
    Ok(area.la_code.clone())
}
