//! Blocks -> a typed letter: kind, area, dates, outcome, sections, formal items, verdicts. Pure.

pub mod dates;
pub mod passages;
mod pattern;
pub mod quote;
pub mod sentences;
pub mod view;
