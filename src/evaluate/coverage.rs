//! What the program codes, and how many labels there are for it: a figure about one section says nothing of another.

use std::collections::BTreeMap;

use serde::Serialize;

use super::gold::Gold;
use crate::domain::{LetterKind, Section};

/// Fewer labels than this say too little about a section.
pub const FEW_LABELS: usize = 50;

/// The sections of each kind of letter whose passages are coded.
const CODED: [(LetterKind, &[Section]); 4] = [
    (
        LetterKind::OutcomeLetter,
        &[
            Section::MainFindings,
            Section::Identification,
            Section::MeetingNeeds,
            Section::ImprovingOutcomes,
            Section::Wsoa,
        ],
    ),
    (LetterKind::RevisitLetter, &[Section::Progress]),
    (
        LetterKind::AreaSendFull,
        &[
            Section::Context,
            Section::Experience,
            Section::Effective,
            Section::NeedsToImprove,
            Section::PriorityActions,
            Section::AreasForImprovement,
        ],
    ),
    (LetterKind::AreaSendMonitoring, &[Section::Progress, Section::Context, Section::AreasForImprovement]),
];

/// How many labels there are for one section of one kind of letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// The kind of letter.
    pub letter_kind: LetterKind,
    /// The section.
    pub section: Section,
    /// Labelled texts.
    pub labels: usize,
    /// Whether these are too few to say how well the section is coded.
    pub few: bool,
}

/// The number of labels for everything that is coded, and for whatever else is labelled with a section.
#[must_use]
pub(super) fn coverage(gold: &Gold) -> Vec<Coverage> {
    let mut labels: BTreeMap<(LetterKind, Section), usize> = BTreeMap::new();
    for (kind, sections) in CODED {
        labels.extend(sections.iter().map(|section| ((kind, *section), 0)));
    }
    for text in &gold.texts {
        if let Some(section) = text.labelled.input().place() {
            *labels.entry((text.letter_kind, section)).or_default() += 1;
        }
    }
    let row = |((letter_kind, section), labels)| Coverage { letter_kind, section, labels, few: labels < FEW_LABELS };
    labels.into_iter().map(row).collect()
}
