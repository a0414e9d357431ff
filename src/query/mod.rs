//! Questions and their answers, as types: what every surface (command line, report, web, export) shows.
//!
//! Rules of all answers:
//! - only current letters count, and the unit of every share is the letter or the area, never the sentence;
//! - an area is *flagged for* a theme when a letter has a formal item on it (a significant weakness, priority action,
//!   area for improvement or area for development);
//! - a share stands beside its denominator and its interval ([`stats`]), and an answer says which framework and
//!   period it is about and what it leaves out ([`Scope`]);
//! - the same dataset gives the same answer, in the same order.

mod adjusted;
mod areas;
mod changes;
mod compare;
pub mod correction;
mod criticised;
mod doubt;
mod due;
mod error;
mod error_model;
mod facets;
mod filter;
mod findings;
mod flagged_again;
mod groups;
mod highlight;
mod history;
mod in_memory;
mod index;
mod latest;
mod letters;
mod matching;
mod mix;
mod national;
mod overview;
mod peers;
#[cfg(test)]
mod plans;
mod quotes;
mod recurring;
mod register;
mod scope;
mod search;
mod show;
pub mod stats;
mod status;
mod syntax;
mod themes;
mod trends;

pub use adjusted::Adjusted;
pub use areas::{AreaRow, LatestLetter, Standing, areas};
pub use changes::{Change, ChangeRow, changes, flagged_in};
pub use compare::{ComparedArea, ComparedLetter, ComparedTheme, Comparison, MAX_COMPARED, MIN_COMPARED, compare};
pub use criticised::{criticised_areas, criticised_themes};
pub use doubt::Doubt;
pub use due::{DueKind, DueRow, due, held_to};
pub use error::QueryError;
pub use facets::{Facets, facets, total as total_of};
pub use filter::{Filter, Kinds};
pub use findings::{FindingRow, count_findings, each_finding, findings};
pub use flagged_again::{AreaShare, FlaggedAgain};
pub use groups::By;
pub use highlight::Segment;
pub use history::{FlaggedAt, FollowUp, Gap, History, Inspection, Item, Recurrence, history};
pub use latest::{CodedBy, Latest, coded_by, latest};
pub use letters::{LetterRow, count_letters, each_letter, letters};
pub use mix::Standardised;
pub use overview::{YearOutcome, flagged_areas, outcomes_by_year};
pub use peers::{Basis, Peer, PeerOrder, PeerTheme, Peers, peers, peers_in_order};
pub use quotes::Quote;
pub use recurring::{Group, Member, Recurring, recurring};
pub use register::{RegisterAgreement, RegisterCount};
pub use scope::{LeftOut, Scope};
pub use search::{Found, Hit, MAX_COUNTED_MATCHES, MAX_RANKED_MATCHES, MAX_TERM_FINDINGS, search};
pub use show::{Code, Copy, Part, Shown, WholeLetter, letter, letter_named, show};
pub use status::{Failure, KindCount, ReasonCount, Status, TextProblem, Totals, VersionCount, status, totals};
pub use themes::{ThemeShare, Themes, labels as theme_labels, themes, themes_by, themes_to_one_mix};
pub use trends::Trend;

/// Below this many letters or areas a share says too little to be ranked; answers mark it `small`.
pub const SMALL: usize = 10;

/// Below this many letters or areas there are counts, but no share is given.
pub const FEW: usize = 5;

/// Derives from a snapshot what most questions need, so that the first of them does not wait for it.
///
/// # Errors
/// The dataset could not be read.
pub fn prepare(dataset: &crate::store::Dataset) -> Result<(), QueryError> {
    themes(dataset, &Filter::default(), None)?;
    status(dataset).map(drop)
}
