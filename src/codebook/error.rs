//! What can be wrong with a codebook.

/// A codebook that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CodebookError {
    /// The file could not be read.
    #[error("cannot read the codebook {path}: {source}; give an existing file with --codebook FILE")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// It is not TOML, or lacks a field.
    #[error("the codebook is not well formed: {0}")]
    Toml(String),
    /// A line breaks a rule.
    #[error("codebook line {line}: {problem}")]
    Rule {
        /// The line, from 1.
        line: usize,
        /// What is wrong and how to mend it.
        problem: String,
    },
}

impl CodebookError {
    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "codebook_unreadable",
            Self::Toml(_) => "codebook_not_toml",
            Self::Rule { .. } => "codebook_rule",
        }
    }
}
