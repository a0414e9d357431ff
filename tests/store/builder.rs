//! Builds letters about invented areas, for tests of everything behind the parser.

use std::collections::BTreeMap;

use jiff::civil::Date;
use sendlens::archive::sha256;
use sendlens::domain::{
    Block, BlockKind, Coding, Counts, DateSpan, DocumentText, Evidence, Fact, Finding, LaType, Letter, LetterKind,
    LocalArea, Method, Neighbour, OfficialOutcome, Outcome, PageQuality, Passage, Polarity, PreviousInspection,
    PreviousStatus, Processed, Publication, Reading, Reason, Region, Revisit, Role, Section, SetAside, TextStatus,
    ThemeCode, Verdict, Versions,
};
use sendlens::store::{Dataset, Occasion, ThemeRow};

/// "2024-03-18" as a date.
pub fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// When tests record: always the same moment.
pub fn occasion() -> Occasion {
    Occasion { run: None, at: "2026-01-02T03:04:05Z".parse().unwrap() }
}

/// The versions that tests claim to have read with.
pub fn versions() -> Versions {
    Versions { extract: 1, parse: 1, code: 1, codebook: "1-test".into() }
}

/// A letter under construction: `letter("901", "2024-03-18").improve("Cut waits.", &["waiting-times"])`.
#[derive(Clone)]
pub struct Draft {
    pub letter: Letter,
    themes: Vec<Vec<(String, Option<String>)>>,
    polarities: Vec<Polarity>,
}

/// A report of the 2023 framework that says nothing yet.
pub fn letter(la_code: &str, start: &str) -> Draft {
    let start = day(start);
    Draft {
        letter: Letter {
            kind: LetterKind::AreaSendFull,
            la_code: la_code.into(),
            area_as_printed: format!("Area {la_code}"),
            inspection: DateSpan { start, end: start.checked_add(jiff::Span::new().days(4)).ok() },
            letter_date: None,
            previous_inspection: PreviousInspection { status: PreviousStatus::NoneStated, start: None, end: None },
            outcome: Some(Outcome::Inconsistent),
            wsoa_required: None,
            priority_action_plan_required: Some(false),
            next_full_inspection_months: Some(36),
            monitoring_inspection_months: None,
            local_authorities: vec![format!("Council {la_code}")],
            health_bodies: vec!["NHS Invented Integrated Care Board".into()],
            responsible_for_statement: Vec::new(),
            counts: Counts::default(),
            revisit: None,
            facts: vec![Fact {
                field: "inspection_start".into(),
                evidence: Evidence { page: 1, quote: format!("Inspection dates: {start}") },
            }],
            suspicious: Vec::new(),
            passages: Vec::new(),
        },
        themes: Vec::new(),
        polarities: Vec::new(),
    }
}

impl Draft {
    /// An outcome letter of 2016-2022.
    pub fn outcome_letter(mut self, wsoa: bool) -> Self {
        self.letter.kind = LetterKind::OutcomeLetter;
        self.letter.outcome = Some(if wsoa { Outcome::WsoaRequired } else { Outcome::WsoaNotRequired });
        self.letter.wsoa_required = Some(wsoa);
        self.letter.priority_action_plan_required = None;
        self.letter.next_full_inspection_months = None;
        self
    }

    /// A revisit letter.
    pub fn revisit_letter(mut self, sufficient: u32, insufficient: u32) -> Self {
        self = self.outcome_letter(false);
        self.letter.kind = LetterKind::RevisitLetter;
        self.letter.wsoa_required = None;
        self.letter.outcome = Some(match (sufficient, insufficient) {
            (_, 0) => Outcome::SufficientProgressAll,
            (0, _) => Outcome::SufficientProgressNone,
            _ => Outcome::SufficientProgressSome,
        });
        self.letter.revisit =
            Some(Revisit { wsoa_required_on: None, fit_for_purpose_on: None, sufficient, insufficient });
        self
    }

    /// Another outcome.
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.letter.outcome = Some(outcome);
        if outcome == Outcome::WidespreadFailings {
            self.letter.priority_action_plan_required = Some(true);
            self.letter.monitoring_inspection_months = Some(18);
        }
        self
    }

    /// A formal item or sentence with its themes ("theme" or "theme/subtheme").
    pub fn says(mut self, role: Role, polarity: Polarity, text: &str, themes: &[&str]) -> Self {
        let section = match role {
            Role::SignificantWeakness => Section::Wsoa,
            Role::PriorityAction => Section::PriorityActions,
            Role::AreaForImprovement => Section::AreasForImprovement,
            Role::ProgressVerdict => Section::Progress,
            Role::MainFinding => Section::MainFindings,
            Role::Strength | Role::AreaForDevelopment => Section::MeetingNeeds,
            Role::Narrative if polarity == Polarity::Strength => Section::Effective,
            Role::Narrative => Section::NeedsToImprove,
        };
        let ordinal = 1 + u32::try_from(self.letter.passages.iter().filter(|p| p.role == role).count()).unwrap();
        let counts = &mut self.letter.counts;
        match role {
            Role::SignificantWeakness => counts.significant_weakness += 1,
            Role::PriorityAction => counts.priority_action += 1,
            Role::AreaForImprovement => counts.area_for_improvement += 1,
            Role::Strength => counts.strength += 1,
            Role::AreaForDevelopment => counts.area_for_development += 1,
            _ => {}
        }
        self.letter.passages.push(Passage {
            role,
            section,
            ordinal,
            paragraph: ordinal,
            text: text.into(),
            page: 2 + ordinal,
            sub_items: 0,
            responsible: (role == Role::PriorityAction).then(|| "Council and NHS board".to_owned()),
            verdict: None,
            previous: None,
        });
        self.polarities.push(polarity);
        self.themes.push(
            themes
                .iter()
                .map(|t| match t.split_once('/') {
                    Some((theme, sub)) => (theme.to_owned(), Some(sub.to_owned())),
                    None => ((*t).to_owned(), None),
                })
                .collect(),
        );
        self
    }

    /// An area for improvement.
    pub fn improve(self, text: &str, themes: &[&str]) -> Self {
        self.says(Role::AreaForImprovement, Polarity::Weakness, text, themes)
    }

    /// An area for priority action.
    pub fn priority(self, text: &str, themes: &[&str]) -> Self {
        self.says(Role::PriorityAction, Polarity::Weakness, text, themes)
    }

    /// A significant weakness.
    pub fn weakness(self, text: &str, themes: &[&str]) -> Self {
        self.says(Role::SignificantWeakness, Polarity::Weakness, text, themes)
    }

    /// A restated weakness with its verdict.
    pub fn verdict(mut self, text: &str, verdict: Verdict, themes: &[&str]) -> Self {
        let polarity = if verdict == Verdict::Sufficient { Polarity::Strength } else { Polarity::Weakness };
        self = self.says(Role::ProgressVerdict, polarity, text, themes);
        self.letter.passages.last_mut().unwrap().verdict = Some(verdict);
        self
    }

    /// A sentence of praise.
    pub fn praise(self, text: &str, themes: &[&str]) -> Self {
        self.says(Role::Narrative, Polarity::Strength, text, themes)
    }

    /// A sentence of criticism.
    pub fn criticism(self, text: &str, themes: &[&str]) -> Self {
        self.says(Role::Narrative, Polarity::Weakness, text, themes)
    }

    /// The findings, with ids in the form that the coder gives them.
    pub fn findings(&self) -> Vec<Finding> {
        let letter_id = self.letter.id();
        let mut seen: BTreeMap<String, u32> = BTreeMap::new();
        self.letter
            .passages
            .iter()
            .zip(&self.themes)
            .zip(&self.polarities)
            .map(|((passage, themes), polarity)| {
                let key = format!("{}|{}|{}", passage.role, passage.section, passage.text);
                let occurrence = seen.entry(key.clone()).or_default();
                *occurrence += 1;
                let hash = sha256(format!("{key}|{occurrence}").as_bytes());
                Finding {
                    id: format!("{letter_id}.{}", &hash[..8]),
                    letter_id: letter_id.clone(),
                    passage: passage.clone(),
                    coding: Coding {
                        polarity: *polarity,
                        probability: None,
                        cue: passage.section.to_string(),
                        themes: themes
                            .iter()
                            .map(|(id, subtheme)| ThemeCode {
                                id: id.clone(),
                                subtheme: subtheme.clone(),
                                evidence: passage.text.split(' ').next().unwrap().to_owned(),
                                from_previous: false,
                                rule: format!("{id}-1"),
                                probability: None,
                            })
                            .collect(),
                    },
                }
            })
            .collect()
    }

    /// The document that was read into this letter. `bytes` stand for those of the PDF.
    pub fn processed(&self, bytes: &str) -> Processed {
        let text: Vec<&str> = self.letter.passages.iter().map(|p| p.text.as_str()).collect();
        Processed {
            sha256: sha256(bytes.as_bytes()),
            size: bytes.len() as u64,
            text: Some(document_text(&text)),
            reading: Reading::Letter { letter: Box::new(self.letter.clone()), findings: self.findings() },
            versions: versions(),
        }
    }

    /// Records the letter under an address of its own.
    pub fn store(&self, dataset: &mut Dataset) -> String {
        let id = self.letter.id();
        let processed = self.processed(&format!("bytes of {id}"));
        dataset.record(&web_publication(&id, None), &processed, &occasion()).unwrap();
        id
    }
}

/// A text of paragraphs.
pub fn document_text(paragraphs: &[&str]) -> DocumentText {
    let block = |text: &&str| Block {
        page: 1,
        kind: BlockKind::Paragraph,
        level: 0,
        table: None,
        row: None,
        column: None,
        text: (*text).to_owned(),
        label: None,
        size: 11.0,
        bold: false,
        page_breaks: Vec::new(),
    };
    DocumentText {
        pages: 1,
        method: Method::Tagged,
        status: TextStatus::Good,
        blocks: paragraphs.iter().map(block).collect(),
        quality: vec![PageQuality { page: 1, characters: 100, unmapped: 0, image_only: false }],
    }
}

/// A document of another programme.
pub fn set_aside(bytes: &str) -> Processed {
    let evidence = Evidence { page: 1, quote: "Joint targeted area inspection".into() };
    Processed {
        reading: Reading::SetAside(SetAside { what: "joint targeted area inspection".into(), evidence }),
        text: Some(document_text(&["Joint targeted area inspection"])),
        ..failed(bytes)
    }
}

/// A document that cannot be read.
pub fn failed(bytes: &str) -> Processed {
    let reason = Reason { code: "not_a_pdf".into(), message: "This is a web page; fetch the document again.".into() };
    Processed {
        sha256: sha256(bytes.as_bytes()),
        size: bytes.len() as u64,
        text: None,
        reading: Reading::Failed(reason),
        versions: versions(),
    }
}

/// An entry of a listing.
pub fn web_publication(key: &str, published_on: Option<&str>) -> Publication {
    Publication {
        source: "ofsted_reports".into(),
        key: key.into(),
        url: Some(format!("https://files.example/v1/file/{key}")),
        file: None,
        title: Some("Area SEND full inspection".into()),
        provider: None,
        published_on: published_on.map(day),
    }
}

/// A local file.
pub fn local_file(path: &str) -> Publication {
    Publication {
        source: "local".into(),
        key: path.into(),
        url: None,
        file: Some(path.into()),
        title: None,
        provider: None,
        published_on: None,
    }
}

/// An invented area.
pub fn area(la_code: &str, name: &str, region: Region, la_type: LaType) -> LocalArea {
    LocalArea {
        la_code: la_code.into(),
        ons_code: format!("E0{la_code}"),
        urn: None,
        name: name.into(),
        also_known_as: Vec::new(),
        region,
        la_type,
        population_0_25: Some(50_000),
        previous_ons_codes: Vec::new(),
        abolished_on: None,
        created_on: None,
        successors: Vec::new(),
    }
}

/// Six invented areas, five of them in the South West, and what the register says of one.
pub fn reference(dataset: &mut Dataset) {
    let areas = [
        area("901", "Ambleford", Region::SouthWest, LaType::County),
        area("902", "Brackwater", Region::SouthWest, LaType::County),
        area("903", "Coldmere", Region::SouthWest, LaType::UnitaryAuthority),
        area("904", "Dunholt", Region::SouthWest, LaType::UnitaryAuthority),
        area("905", "Eastmarsh", Region::SouthWest, LaType::UnitaryAuthority),
        area("906", "Fenwick and Gale", Region::London, LaType::LondonBorough),
    ];
    let neighbour = |rank: u8, code: &str, closeness: &str| Neighbour {
        la_code: "901".into(),
        rank,
        neighbour: code.into(),
        closeness: closeness.into(),
    };
    let neighbours =
        [neighbour(1, "902", "very close"), neighbour(2, "903", "close"), neighbour(3, "905", "somewhat close")];
    let register = [OfficialOutcome {
        la_code: "905".into(),
        inspection_start: day("2018-05-14"),
        published_on: Some(day("2018-07-20")),
        wsoa_required: true,
        significant_weaknesses: Some(3),
        revisit_start: Some(day("2020-01-20")),
        revisit_published_on: Some(day("2020-03-10")),
        sufficient: Some(2),
        insufficient: Some(1),
    }];
    dataset.sync_reference(&areas, &neighbours, &register).unwrap();
    let theme = |id: &str, label: &str| ThemeRow {
        id: id.into(),
        label: label.into(),
        group: Some("meet".into()),
        definition: None,
        subthemes: Vec::new(),
    };
    dataset
        .sync_themes(&[
            theme("identification", "Identification of need"),
            theme("waiting-times", "Waiting times"),
            theme("transitions", "Transitions"),
            theme("leadership", "Leadership"),
        ])
        .unwrap();
}
