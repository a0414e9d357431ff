//! A dataset of any size about the real areas with invented letters, for measurements: the same numbers give the same
//! dataset. Letters go through [`Dataset::record`] like real ones.
//!
//! Letter `i` is about area `i` modulo the number of areas; an area's letters lie evenly over nine years, 26 days apart
//! where there are 20,000 (at most 500,000: then they are a day apart). Inspections before 2023 have outcome letters,
//! every fourth a revisit letter; later ones full reports, every tenth a monitoring report. Of a letter's findings, six
//! are formal items (verdicts, in revisit and monitoring letters). Sentences are strung together from word lists, so that
//! common words are common and rare ones rare.

use jiff::Span;
use jiff::civil::{Date, date};
use sendlens::archive::sha256;
use sendlens::codebook::Codebook;
use sendlens::domain::{
    Coding, Counts, DateSpan, DocumentText, Finding, Letter, LetterKind, Method, Outcome, Passage, Polarity,
    PreviousInspection, PreviousStatus, Processed, Publication, Reading, Revisit, Role, Section, TextStatus, ThemeCode,
    Verdict, Versions,
};
use sendlens::reference::Reference;
use sendlens::store::{Dataset, Occasion};

const COMMON: &[&str] = &[
    "children",
    "young",
    "people",
    "with",
    "SEND",
    "and",
    "their",
    "families",
    "the",
    "partnership",
    "leaders",
    "support",
    "services",
    "needs",
    "schools",
    "too",
    "long",
    "not",
    "well",
    "enough",
    "across",
    "area",
    "access",
    "plans",
];
const USUAL: &[&str] = &[
    "therapy",
    "speech",
    "language",
    "assessment",
    "waiting",
    "transition",
    "adulthood",
    "annual",
    "reviews",
    "quality",
    "health",
    "visitors",
    "autism",
    "neurodevelopmental",
    "pathway",
    "attendance",
    "exclusion",
    "commissioning",
    "data",
    "strategy",
    "timely",
    "identified",
    "early",
    "communication",
    "co-production",
    "tribunal",
    "sufficiency",
    "training",
];
const RARE: &[&str] = &[
    "wheelchair",
    "hydrotherapy",
    "epilepsy",
    "dysphagia",
    "portage",
    "advocacy",
    "supported",
    "internships",
    "respite",
    "audiology",
    "dietetics",
    "orthoptics",
    "continence",
    "tracheostomy",
    "ventilation",
    "habilitation",
];

/// The days over which the letters of an area are spread.
const DAYS: usize = 3406;

/// Numbers that look random and are always the same (Knuth's MMIX generator).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % limit.max(1)
    }

    fn word(&mut self) -> &'static str {
        match self.below(100) {
            0..60 => COMMON[self.below(COMMON.len())],
            60..97 => USUAL[self.below(USUAL.len())],
            _ => RARE[self.below(RARE.len())],
        }
    }

    fn sentence(&mut self) -> String {
        let length = 12 + self.below(16);
        let words: Vec<&str> = (0..length).map(|_| self.word()).collect();
        format!("{}.", words.join(" "))
    }
}

/// Adds `letters` letters with `findings` findings each, and the reference tables and themes that they need.
pub fn fill(dataset: &mut Dataset, letters: usize, findings: usize) {
    let (reference, codebook) = (Reference::bundled(), Codebook::bundled());
    dataset.sync(reference, &codebook).unwrap();
    let areas: Vec<&str> =
        reference.areas().iter().filter(|a| a.abolished_on.is_none()).map(|a| a.la_code.as_str()).collect();
    let themes: Vec<&str> = codebook.themes().iter().map(|t| t.id.as_str()).collect();
    let occasion = Occasion { run: None, at: "2026-01-02T03:04:05Z".parse().unwrap() };
    let mut numbers = Numbers(1);
    let each = letters.div_ceil(areas.len());
    for i in 0..letters {
        let days = i / areas.len() * DAYS / each;
        let start = date(2016, 5, 2).checked_add(Span::new().days(i64::try_from(days).unwrap())).unwrap();
        let letter = letter(i, areas[i % areas.len()], start, findings, &mut numbers);
        let findings = coded(&letter, &themes, &mut numbers);
        let id = letter.id();
        let publication = Publication {
            source: "generated".into(),
            key: format!("{i:06}"),
            url: Some(format!("https://files.example/v1/file/{i}")),
            file: None,
            title: None,
            provider: None,
            published_on: start.checked_add(Span::new().days(40)).ok(),
        };
        let processed = Processed {
            sha256: sha256(id.as_bytes()),
            size: 100_000,
            text: Some(DocumentText {
                pages: 12,
                method: Method::Tagged,
                status: TextStatus::Good,
                blocks: Vec::new(),
                quality: Vec::new(),
            }),
            reading: Reading::Letter { letter: Box::new(letter), findings },
            versions: Versions { extract: 1, parse: 1, code: 1, codebook: "generated".into() },
        };
        dataset.record(&publication, &processed, &occasion).unwrap();
    }
    dataset.tidy().unwrap();
}

fn letter(i: usize, la_code: &str, start: Date, findings: usize, numbers: &mut Numbers) -> Letter {
    let (kind, formal, outcome) = match (start.year() < 2023, i % 4, i % 10) {
        (true, 3, _) => (LetterKind::RevisitLetter, Role::ProgressVerdict, Outcome::SufficientProgressSome),
        (true, 1, _) => (LetterKind::OutcomeLetter, Role::AreaForDevelopment, Outcome::WsoaNotRequired),
        (true, ..) => (LetterKind::OutcomeLetter, Role::SignificantWeakness, Outcome::WsoaRequired),
        (false, _, 9) => (LetterKind::AreaSendMonitoring, Role::ProgressVerdict, Outcome::SufficientProgressSome),
        (false, _, 8) => (LetterKind::AreaSendFull, Role::PriorityAction, Outcome::WidespreadFailings),
        (false, ..) => (LetterKind::AreaSendFull, Role::AreaForImprovement, Outcome::Inconsistent),
    };
    let passages = (0..findings)
        .map(|n| {
            let role = if n < 6 { formal } else { Role::Narrative };
            let number = u32::try_from(n).unwrap() + 1;
            Passage {
                role,
                section: if n < 6 { Section::AreasForImprovement } else { Section::NeedsToImprove },
                ordinal: number,
                paragraph: number.div_ceil(3),
                text: numbers.sentence(),
                page: 1 + number / 6,
                sub_items: 0,
                responsible: None,
                verdict: (role == Role::ProgressVerdict).then_some(if n % 2 == 0 {
                    Verdict::Sufficient
                } else {
                    Verdict::Insufficient
                }),
                previous: None,
            }
        })
        .collect();
    let full = kind == LetterKind::AreaSendFull;
    Letter {
        kind,
        la_code: la_code.to_owned(),
        area_as_printed: la_code.to_owned(),
        inspection: DateSpan { start, end: start.checked_add(Span::new().days(4)).ok() },
        letter_date: None,
        previous_inspection: PreviousInspection { status: PreviousStatus::Absent, start: None, end: None },
        outcome: Some(outcome),
        wsoa_required: None,
        priority_action_plan_required: full.then_some(outcome == Outcome::WidespreadFailings),
        next_full_inspection_months: full.then_some(36),
        monitoring_inspection_months: None,
        local_authorities: vec![format!("Council {la_code}")],
        health_bodies: vec!["NHS Integrated Care Board".into()],
        responsible_for_statement: Vec::new(),
        counts: Counts::default(),
        revisit: (kind == LetterKind::RevisitLetter).then_some(Revisit {
            wsoa_required_on: None,
            fit_for_purpose_on: None,
            sufficient: 3,
            insufficient: 3,
        }),
        facts: Vec::new(),
        suspicious: Vec::new(),
        passages,
    }
}

fn coded(letter: &Letter, themes: &[&str], numbers: &mut Numbers) -> Vec<Finding> {
    let letter_id = letter.id();
    letter
        .passages
        .iter()
        .enumerate()
        .map(|(n, passage)| {
            let first = numbers.below(themes.len());
            let mut chosen = vec![first];
            if numbers.below(2) == 0 {
                chosen.push((first + 1 + numbers.below(themes.len() - 1)) % themes.len());
            }
            let evidence = passage.text.split(' ').next().unwrap_or_default();
            let theme = |t: usize| ThemeCode {
                id: themes[t].to_owned(),
                subtheme: None,
                evidence: evidence.to_owned(),
                from_previous: false,
                rule: "generated".to_owned(),
                probability: None,
            };
            let polarity = match numbers.below(4) {
                0 => Polarity::Strength,
                1 | 2 => Polarity::Weakness,
                _ => Polarity::Neutral,
            };
            Finding {
                id: format!("{letter_id}.{n:08x}"),
                letter_id: letter_id.clone(),
                passage: passage.clone(),
                coding: Coding {
                    polarity: if passage.role.flags() { Polarity::Weakness } else { polarity },
                    probability: None,
                    cue: String::new(),
                    themes: chosen.into_iter().map(theme).collect(),
                },
            }
        })
        .collect()
}
