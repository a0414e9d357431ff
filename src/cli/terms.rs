//! Closed vocabularies as arguments: the help lists their members, and a wrong word gets them too.

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::domain::Term;

/// A parser for the members of a vocabulary.
#[must_use]
pub fn term<T: Term + Send + Sync>() -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(T::ALL.iter().map(|t| t.as_str())).try_map(|given| given.parse::<T>())
}
