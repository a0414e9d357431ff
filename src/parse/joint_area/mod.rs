//! What outcome letters and revisit letters of the framework of 2016 share: the opening, the bodies, bulleted items.

pub mod bodies;
pub mod bullets;
pub mod front;
pub mod progress;
pub mod subheadings;
pub mod verdicts;
pub mod weaknesses;

use super::pattern::pattern;
use super::view::View;

pattern! {
    CLOSE = r"(?i)^\s*(?:yours\s+(?:sincerely|faithfully)\b|cc\s*:|h(?:er|is)\s+majesty.s\s+inspector\b)";
    MAIN_FINDINGS = r"(?i)^\s*(?:main|key)\s+findings\s*:?\s*$";
}

/// Where the letter's own text ends: at "Yours sincerely", or what stands in its place.
#[must_use]
pub fn close(view: &View<'_>, from: usize) -> usize {
    (from..view.blocks().len()).find(|&i| CLOSE.is_match(&view.blocks()[i].text)).unwrap_or(view.blocks().len())
}

/// Whether a text is the heading "Main findings".
#[must_use]
pub fn is_main_findings(text: &str) -> bool {
    MAIN_FINDINGS.is_match(text)
}
