//! Why a question could not be answered.

use crate::store::StoreError;

/// Why a question could not be answered, and what to ask instead.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The dataset could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No such area in the dataset's reference tables.
    #[error("the dataset knows no area with the code {0}; `sendlens areas` lists all of them")]
    UnknownArea(String),
    /// Too few or too many areas to compare, or one of them twice.
    #[error(
        "cannot compare {given} {} ({distinct} different): name two to six different areas",
        if *given == 1 { "area" } else { "areas" }
    )]
    NotComparable {
        /// How many were named.
        given: usize,
        /// How many different ones.
        distinct: usize,
    },
    /// No such theme.
    #[error("no theme is called \"{given}\"; {}", did_you_mean(suggestions, "`sendlens themes` lists all of them"))]
    UnknownTheme {
        /// What was asked for.
        given: String,
        /// The nearest ids.
        suggestions: Vec<String>,
    },
    /// No such finding.
    #[error("no finding has the id \"{0}\"; `sendlens findings` and `sendlens search` print ids")]
    UnknownFinding(String),
    /// A search that cannot be understood.
    #[error("cannot search for {query}: {problem}; {help}")]
    Search {
        /// The search as given.
        query: String,
        /// What is wrong with it.
        problem: String,
        /// How to write it.
        help: &'static str,
    },
}

impl QueryError {
    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::UnknownArea(_) => "unknown_area",
            Self::NotComparable { .. } => "not_comparable",
            Self::UnknownTheme { .. } => "unknown_theme",
            Self::UnknownFinding(_) => "unknown_finding",
            Self::Search { .. } => "search_syntax",
        }
    }
}

impl From<rusqlite::Error> for QueryError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

fn did_you_mean(suggestions: &[String], otherwise: &str) -> String {
    if suggestions.is_empty() { otherwise.to_owned() } else { format!("did you mean {}?", suggestions.join(", ")) }
}
