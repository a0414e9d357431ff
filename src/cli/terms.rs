//! Arguments that are dates or words of a fixed list. The help lists the words allowed, and so does the error for any
//! other.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::civil::Date;

use crate::domain::Term;

/// A parser for the members of a vocabulary.
#[must_use]
pub fn term<T: Term + Send + Sync>() -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(T::ALL.iter().map(|t| t.as_str())).try_map(|given| given.parse::<T>())
}

/// Parses a day as an argument.
///
/// # Errors
/// When the text is not a date in that form; the message shows the form.
pub fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "give the day as YYYY-MM-DD, as in 2024-03-18".to_owned())
}
