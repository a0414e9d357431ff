//! What a person should look at: something in a letter that the program could not be sure of.

use serde::Serialize;

/// Something in a letter that a person should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Doubt {
    /// The letter.
    pub letter_id: String,
    /// The field or finding.
    pub about: String,
    /// What is doubtful.
    pub problem: String,
}
