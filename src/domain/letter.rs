//! A letter or report as understood: its kind, its facts with the wording they came from, and its passages.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::finding::Passage;
use super::vocabulary::vocabulary;

vocabulary! {
    /// Kind of document, decided by its own content.
    LetterKind, "kind" {
        /// Letter after a joint local area SEND inspection, 2016-2022.
        OutcomeLetter = "outcome_letter",
        /// Letter after a revisit to an area with a written statement of action, 2018-2023.
        RevisitLetter = "revisit_letter",
        /// Report of a full area SEND inspection, 2023 on.
        AreaSendFull = "area_send_full",
        /// Report of a monitoring inspection, 2023 on.
        AreaSendMonitoring = "area_send_monitoring",
        /// Recognised as something else and set aside; never counted.
        Other = "other",
    }
}

vocabulary! {
    /// The inspection framework, named by the year in which it began.
    Framework, "framework" {
        /// May 2016 to December 2022.
        F2016 = "2016",
        /// January 2023 on.
        F2023 = "2023",
    }
}

impl LetterKind {
    /// The framework under which such letters are written.
    #[must_use]
    pub fn framework(self) -> Option<Framework> {
        match self {
            Self::OutcomeLetter | Self::RevisitLetter => Some(Framework::F2016),
            Self::AreaSendFull | Self::AreaSendMonitoring => Some(Framework::F2023),
            Self::Other => None,
        }
    }

    /// The id of such a letter about an area: its three-digit code, the first day, and the kind ("941-2024-03-18-full").
    #[must_use]
    pub fn letter_id(self, la_code: &str, inspection_start: Date) -> String {
        let kind = match self {
            Self::OutcomeLetter => "outcome",
            Self::RevisitLetter => "revisit",
            Self::AreaSendFull => "full",
            Self::AreaSendMonitoring => "monitoring",
            Self::Other => "other",
        };
        format!("{la_code}-{inspection_start}-{kind}")
    }
}

vocabulary! {
    /// What an inspection or revisit concluded.
    Outcome, "outcome" {
        /// Arrangements typically lead to positive experiences and outcomes (2023 on).
        TypicallyPositive = "typically_positive",
        /// Arrangements lead to inconsistent experiences and outcomes (2023 on).
        Inconsistent = "inconsistent",
        /// Widespread and/or systemic failings (2023 on).
        WidespreadFailings = "widespread_failings",
        /// A written statement of action is required (2016-2022).
        WsoaRequired = "wsoa_required",
        /// No written statement of action is required (2016-2022).
        WsoaNotRequired = "wsoa_not_required",
        /// Sufficient progress (or effective action) on all weaknesses.
        SufficientProgressAll = "sufficient_progress_all",
        /// On some.
        SufficientProgressSome = "sufficient_progress_some",
        /// On none.
        SufficientProgressNone = "sufficient_progress_none",
    }
}

vocabulary! {
    /// What the letter says of the area's previous inspection.
    PreviousStatus, "previous inspection status" {
        /// Its dates were read.
        Found = "found",
        /// The letter says that there was none.
        NoneStated = "none_stated",
        /// The letter does not speak of it.
        Absent = "absent",
        /// The letter speaks of it, but the dates could not be read.
        Unreadable = "unreadable",
    }
}

/// First and last day of an inspection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateSpan {
    /// First day.
    pub start: Date,
    /// Last day; `None` where the one that is written cannot be right.
    pub end: Option<Date>,
}

impl DateSpan {
    /// The last day that is known.
    #[must_use]
    pub fn last_day(&self) -> Date {
        self.end.unwrap_or(self.start)
    }
}

/// The previous inspection as the letter gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousInspection {
    /// Whether dates were found, denied, not mentioned or unreadable.
    pub status: PreviousStatus,
    /// First day.
    pub start: Option<Date>,
    /// Last day.
    pub end: Option<Date>,
}

/// The words of the document that a fact was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The page, counted from 1.
    pub page: u32,
    /// The quote.
    pub quote: String,
}

/// A fact of a letter with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// The field of the letter ("inspection_start", "outcome").
    pub field: String,
    /// Where it was read.
    pub evidence: Evidence,
}

/// A value that was read but cannot be right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspicion {
    /// The field of the letter.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
    /// The wording it came from.
    pub quote: String,
}

impl Suspicion {
    /// A letter cannot be published before its inspection is over. Where a source says so, its dates do not mean what
    /// they are taken to mean.
    #[must_use]
    pub fn about_publication(published_on: Option<Date>, inspected_until: Option<Date>) -> Option<Self> {
        let (published, until) = published_on.zip(inspected_until).filter(|(published, until)| published < until)?;
        Some(Self {
            field: "published_on".to_owned(),
            problem: format!("the source gives {published}, but the inspection lasted until {until}"),
            quote: String::new(),
        })
    }
}

/// How many formal items and bullets a letter has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Significant weaknesses of the written statement of action.
    pub significant_weakness: u32,
    /// Areas for priority action.
    pub priority_action: u32,
    /// Areas for improvement.
    pub area_for_improvement: u32,
    /// Strengths listed as such.
    pub strength: u32,
    /// Areas for development listed as such.
    pub area_for_development: u32,
    /// Bullets of the section on what is effective.
    pub effective_bullets: u32,
    /// Bullets of the section on what must be better.
    pub needs_to_improve_bullets: u32,
}

/// What a revisit letter says of the written statement of action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revisit {
    /// Day on which the written statement was required.
    pub wsoa_required_on: Option<Date>,
    /// Day on which it was declared fit for purpose.
    pub fit_for_purpose_on: Option<Date>,
    /// Number of weaknesses with sufficient progress.
    pub sufficient: u32,
    /// Number without.
    pub insufficient: u32,
}

/// The versions that produced a letter and its codes; a change of any makes the letter due for a rebuild.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    /// Version of the extraction.
    pub extract: u32,
    /// Version of the parser.
    pub parse: u32,
    /// Version of the coder.
    pub code: u32,
    /// Version and hash of the codebook.
    pub codebook: String,
}

/// Why a readable document is not a letter that is counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// What it is ("joint targeted area inspection").
    pub what: String,
    /// The words that showed it.
    pub evidence: Evidence,
}

/// A letter or report about the inspection of one local area, as read from its document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Kind.
    pub kind: LetterKind,
    /// Three-digit code of the area as it was on the day of the inspection.
    pub la_code: String,
    /// The area's name as the letter gives it.
    pub area_as_printed: String,
    /// Days of the inspection.
    pub inspection: DateSpan,
    /// Date of the letter, where it bears one.
    pub letter_date: Option<Date>,
    /// The previous inspection.
    pub previous_inspection: PreviousInspection,
    /// The conclusion.
    pub outcome: Option<Outcome>,
    /// Whether a written statement of action is required; `None` where the framework has no such thing.
    pub wsoa_required: Option<bool>,
    /// Whether a priority action plan is required; `None` where the framework has no such thing.
    pub priority_action_plan_required: Option<bool>,
    /// Months to the next full inspection, as the letter states.
    pub next_full_inspection_months: Option<u32>,
    /// Months to the monitoring inspection, as the letter states.
    pub monitoring_inspection_months: Option<u32>,
    /// Local authorities responsible.
    pub local_authorities: Vec<String>,
    /// Integrated care boards or clinical commissioning groups responsible.
    pub health_bodies: Vec<String>,
    /// Bodies that must submit the written statement of action or priority action plan, as printed.
    pub responsible_for_statement: Vec<String>,
    /// Formal items and bullets, counted.
    pub counts: Counts,
    /// Only for revisits and monitoring inspections.
    pub revisit: Option<Revisit>,
    /// Where each fact was read.
    pub facts: Vec<Fact>,
    /// Values that cannot be right; they are not in the fields above.
    pub suspicious: Vec<Suspicion>,
    /// Everything to be coded, in the order of the document.
    pub passages: Vec<Passage>,
}

impl Letter {
    /// The stable id of the letter: area, first day, and kind.
    ///
    /// Two documents with the same id are revisions or copies of the same letter.
    #[must_use]
    pub fn id(&self) -> String {
        self.kind.letter_id(&self.la_code, self.inspection.start)
    }
}
