//! The nouns of the field: documents, letters, sections, findings, themes, local areas.
//!
//! Plain values without input or output. Every other module speaks in these types, so their names are the
//! field's own: an inspection *letter* (or report), its *findings*, the *themes* of the codebook.

mod area;
mod block;
mod error_rates;
mod finding;
mod letter;
mod processed;
mod publication;
mod vocabulary;

pub use area::{AreaStatus, LaType, LocalArea, Neighbour, OfficialOutcome, Region};
pub use block::{Block, BlockKind, DocumentText, Method, PageBreak, PageQuality, TextStatus};
pub use error_rates::{ErrorRates, LetterCounts};
pub use finding::{Coding, Finding, JoinedBy, Passage, Polarity, Probability, Role, Section, ThemeCode, Verdict};
pub use letter::{
    Counts, DateSpan, Evidence, Fact, Framework, Letter, LetterKind, Outcome, PreviousInspection, PreviousStatus,
    Revisit, SetAside, Suspicion, Versions,
};
pub use processed::{Processed, Reading};
pub use publication::{DocumentStatus, Publication, Reason};
pub use vocabulary::{ParseTermError, Term};
