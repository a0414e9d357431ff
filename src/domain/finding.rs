//! Passages of a letter, and the findings that coding makes of them.

use serde::{Deserialize, Serialize};

use super::vocabulary::vocabulary;

vocabulary! {
    /// The part that a finding plays in its letter.
    Role, "role" {
        /// A weakness for which a written statement of action is required (2016-2022).
        SignificantWeakness = "significant_weakness",
        /// An area for priority action (2023 on).
        PriorityAction = "priority_action",
        /// An area for improvement (2023 on).
        AreaForImprovement = "area_for_improvement",
        /// The verdict on one weakness or priority action at a revisit or monitoring inspection.
        ProgressVerdict = "progress_verdict",
        /// Listed as a strength (2016-2022).
        Strength = "strength",
        /// Listed as an area for development (2016-2022).
        AreaForDevelopment = "area_for_development",
        /// A main finding.
        MainFinding = "main_finding",
        /// Any other evaluative sentence.
        Narrative = "narrative",
    }
}

impl Role {
    /// Whether findings of this role are whole items with a number of their own, not sentences.
    #[must_use]
    pub fn is_formal(self) -> bool {
        self.flags() || matches!(self, Self::Strength | Self::ProgressVerdict)
    }

    /// Whether findings of this role are formal items: whole, numbered, and what an area is *flagged for*.
    #[must_use]
    pub fn flags(self) -> bool {
        matches!(
            self,
            Self::SignificantWeakness | Self::PriorityAction | Self::AreaForImprovement | Self::AreaForDevelopment
        )
    }
}

vocabulary! {
    /// The section of a letter in which a finding stands.
    Section, "section" {
        /// "Main findings" (2016-2022).
        MainFindings = "main_findings",
        /// The effectiveness of identifying needs (2016-2022).
        Identification = "identification",
        /// The effectiveness of assessing and meeting needs (2016-2022).
        MeetingNeeds = "meeting_needs",
        /// The effectiveness of improving outcomes (2016-2022).
        ImprovingOutcomes = "improving_outcomes",
        /// What it is like to be a child or young person with SEND in the area (2023 on).
        Experience = "experience",
        /// What the partnership does that is effective (2023 on).
        Effective = "effective",
        /// What the partnership needs to do better (2023 on).
        NeedsToImprove = "needs_to_improve",
        /// Areas for priority action (2023 on).
        PriorityActions = "priority_actions",
        /// Areas for improvement (2023 on).
        AreasForImprovement = "areas_for_improvement",
        /// The significant weaknesses that a written statement of action must address (2016-2022).
        Wsoa = "wsoa",
        /// Progress on each weakness or priority action, at a revisit or monitoring inspection.
        Progress = "progress",
        /// Facts about the area and the inspection.
        Context = "context",
    }
}

vocabulary! {
    /// Whether a finding praises or criticises.
    Polarity, "polarity" {
        /// Praise.
        Strength = "strength",
        /// Criticism, or a demand that implies it.
        Weakness = "weakness",
        /// Both, each judged.
        Mixed = "mixed",
        /// Neither: description, plans, effects that it is too early to see.
        Neutral = "neutral",
    }
}

vocabulary! {
    /// Whether progress on a weakness or priority action was sufficient.
    Verdict, "verdict" {
        /// Sufficient progress, or effective action.
        Sufficient = "sufficient",
        /// Not sufficient.
        Insufficient = "insufficient",
    }
}

vocabulary! {
    /// What joins a verdict with the weakness or priority action that it is on.
    JoinedBy, "way of joining" {
        /// Their wordings are alike.
        Wording = "wording",
        /// Only their place in lists of the same length.
        Position = "position",
    }
}

/// A piece of a letter that coding turns into one finding: a sentence of an evaluative section or a formal item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// The part that it plays.
    pub role: Role,
    /// Where it stands.
    pub section: Section,
    /// Position within its role, from 1. For formal items this is the item's number.
    pub ordinal: u32,
    /// Which bullet or paragraph of its section it belongs to, from 1; sentences of one bullet share it.
    pub paragraph: u32,
    /// The exact quote. Sub-bullets of a formal item follow on lines of their own that start with "- ".
    pub text: String,
    /// The page on which it starts, from 1.
    pub page: u32,
    /// Number of sub-bullets of a formal item.
    pub sub_items: u32,
    /// The bodies responsible for a priority action or written statement, as printed.
    pub responsible: Option<String>,
    /// The verdict on a restated weakness or priority action.
    pub verdict: Option<Verdict>,
    /// The sentence before it in the same bullet or paragraph, if any.
    pub previous: Option<String>,
}

/// One theme of a finding, with the wording that earned it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThemeCode {
    /// Theme id of the codebook.
    pub id: String,
    /// Subtheme id, where the theme has subthemes and one could be recognised.
    pub subtheme: Option<String>,
    /// The wording that earned the theme: a substring of the finding's text, or of the sentence before it.
    pub evidence: String,
    /// Whether the evidence stands in the sentence before.
    #[serde(default)]
    pub from_previous: bool,
    /// What gave the theme: the id of a pattern, `model`, or `human`.
    #[serde(default)]
    pub rule: String,
    /// How likely the theme is right; absent where patterns alone or a person gave it.
    #[serde(default)]
    pub probability: Option<Probability>,
}

/// How likely a code is right, in whole percent. In data it is a share from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Probability(u8);

impl Probability {
    /// A code that is less likely right than this is doubtful.
    pub const DOUBTFUL_BELOW: Self = Self(60);

    /// The nearest whole percent of a share from 0 to 1.
    #[must_use]
    pub fn of(share: f32) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0 to 100")]
        Self((share * 100.0).round().clamp(0.0, 100.0) as u8)
    }

    /// So many percent; what is more than 100 counts as 100.
    #[must_use]
    pub fn from_percent(percent: u8) -> Self {
        Self(percent.min(100))
    }

    /// In percent.
    #[must_use]
    pub fn percent(self) -> u8 {
        self.0
    }

    /// As a share from 0 to 1.
    #[must_use]
    pub fn share(self) -> f64 {
        f64::from(self.0) / 100.0
    }

    /// Whether a person should look before relying on it.
    #[must_use]
    pub fn is_doubtful(self) -> bool {
        self < Self::DOUBTFUL_BELOW
    }
}

impl Serialize for Probability {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.share())
    }
}

impl<'de> Deserialize<'de> for Probability {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f32::deserialize(deserializer).map(Self::of)
    }
}

/// What coding says of one text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coding {
    /// Praise, criticism, both or neither.
    pub polarity: Polarity,
    /// How likely the polarity is right; absent where wording or place settles it, or patterns alone or a person gave it.
    #[serde(default)]
    pub probability: Option<Probability>,
    /// The wording or section that decided the polarity.
    pub cue: String,
    /// The themes that the text is substantively about, in the codebook's order.
    pub themes: Vec<ThemeCode>,
}

/// A coded passage: the smallest unit of the dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable id: the letter's id, a dot, and eight hexadecimal digits made from role, section and quote.
    pub id: String,
    /// The letter that it stands in.
    pub letter_id: String,
    /// The passage.
    #[serde(flatten)]
    pub passage: Passage,
    /// Its codes.
    #[serde(flatten)]
    pub coding: Coding,
}
