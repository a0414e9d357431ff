//! Compares what was read with what the letter was made from.

use std::collections::BTreeMap;

use sendlens::domain::{Letter, PreviousStatus, Role, Section, Term};
use sendlens::parse::{ParseError, Parsed, quote};

use super::Truth;

/// How a letter was read.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Everything was read as it is.
    Right,
    /// Refused, or marked as suspicious at the field that is wrong.
    Reported(String),
    /// Wrong without a report: each field with what was expected and what was read.
    Silent(Vec<String>),
}

/// A difference between what was expected and what was read, and the fields whose suspicions would report it.
struct Difference {
    reported_by: Vec<String>,
    description: String,
}

/// Compares what was read with the truth.
pub fn compare(truth: &Truth, read: &Result<Parsed, ParseError>) -> Verdict {
    let letter = match read {
        Err(error) => return Verdict::Reported(format!("refused: {error}")),
        Ok(Parsed::SetAside(aside)) => return Verdict::Silent(vec![format!("set aside as {}", aside.what)]),
        Ok(Parsed::Letter(letter)) => letter,
    };
    let mut differences = Vec::new();
    facts(truth, letter, &mut differences);
    items(truth, letter, &mut differences);
    bullets(truth, letter, &mut differences);
    let is_reported = |d: &Difference| letter.suspicious.iter().any(|s| d.reported_by.contains(&s.field));
    let silent: Vec<String> = differences.iter().filter(|d| !is_reported(d)).map(|d| d.description.clone()).collect();
    if let Some(section) = truth.unknown_heading
        && !letter.suspicious.iter().any(|s| s.field == section.as_str())
    {
        return Verdict::Silent(vec![format!("nothing reports the unknown heading of {section}")]);
    }
    match (differences.is_empty(), silent.is_empty()) {
        (true, _) if truth.unknown_heading.is_some() => Verdict::Reported("unknown heading".to_owned()),
        (true, _) => Verdict::Right,
        (false, true) => Verdict::Reported(differences.swap_remove(0).description),
        (false, false) => Verdict::Silent(silent),
    }
}

fn facts(truth: &Truth, letter: &Letter, into: &mut Vec<Difference>) {
    let previous = &letter.previous_inspection;
    let previous = (previous.status == PreviousStatus::Found).then_some(previous.start.zip(previous.end)).flatten();
    let revisit = letter.revisit.as_ref();
    let mut check = |field: &str, also_by: &[&str], expected: String, read: String| {
        if expected != read {
            let reported_by = also_by.iter().chain(&[field]).map(|t| (*t).to_owned()).collect();
            into.push(Difference { reported_by, description: format!("{field}: {expected} read as {read}") });
        }
    };
    check("kind", &[], truth.kind.to_string(), letter.kind.to_string());
    check("area", &[], truth.la_code.clone(), letter.la_code.clone());
    check("inspection_start", &[], truth.start.to_string(), letter.inspection.start.to_string());
    check("inspection_end", &[], format!("{:?}", Some(truth.end)), format!("{:?}", letter.inspection.end));
    check("letter_date", &[], format!("{:?}", truth.letter_date), format!("{:?}", letter.letter_date));
    check("outcome", &["revisit", "progress"], format!("{:?}", truth.outcome), format!("{:?}", letter.outcome));
    check("wsoa_required", &[], format!("{:?}", truth.wsoa_required), format!("{:?}", letter.wsoa_required));
    if truth.kind.framework() == Some(sendlens::domain::Framework::F2023) {
        check(
            "previous_inspection",
            &["previous_inspection_start"],
            format!("{:?}", truth.previous),
            format!("{previous:?}"),
        );
    }
    check(
        "wsoa_required_on",
        &[],
        format!("{:?}", truth.required_on),
        format!("{:?}", revisit.and_then(|r| r.wsoa_required_on)),
    );
    check(
        "fit_for_purpose_on",
        &[],
        format!("{:?}", truth.fit_on),
        format!("{:?}", revisit.and_then(|r| r.fit_for_purpose_on)),
    );
    check(
        "next_full_inspection_months",
        &[],
        format!("{:?}", truth.full_months),
        format!("{:?}", letter.next_full_inspection_months),
    );
    check(
        "monitoring_inspection_months",
        &[],
        format!("{:?}", truth.monitoring_months),
        format!("{:?}", letter.monitoring_inspection_months),
    );
    check("local_authorities", &[], format!("{:?}", truth.councils), format!("{:?}", letter.local_authorities));
    check("health_bodies", &[], format!("{:?}", truth.health), format!("{:?}", letter.health_bodies));
}

fn items(truth: &Truth, letter: &Letter, into: &mut Vec<Difference>) {
    for role in [
        Role::SignificantWeakness,
        Role::PriorityAction,
        Role::AreaForImprovement,
        Role::Strength,
        Role::AreaForDevelopment,
        Role::ProgressVerdict,
    ] {
        let mut sections: Vec<Section> = truth.items.iter().filter(|i| i.role == role).map(|i| i.section).collect();
        sections.extend(letter.passages.iter().filter(|p| p.role == role).map(|p| p.section));
        sections.sort_unstable();
        sections.dedup();
        for section in sections {
            let expected: Vec<String> = truth
                .items
                .iter()
                .filter(|i| i.role == role && i.section == section)
                .map(|i| format!("{} {:?}", plain(&i.text), i.verdict))
                .collect();
            let read: Vec<String> = letter
                .passages
                .iter()
                .filter(|p| p.role == role && p.section == section)
                .map(|p| format!("{} {:?}", plain(&p.text), p.verdict))
                .collect();
            if expected != read {
                let reported_by = [role.as_str(), section.as_str(), "revisit"].map(str::to_owned).to_vec();
                into.push(Difference {
                    reported_by,
                    description: format!("{role} in {section}: {expected:#?} read as {read:#?}"),
                });
            }
        }
    }
    let bodies = |i: Option<&String>| i.map(|b| quote::normalise(b)).unwrap_or_default();
    for role in [Role::PriorityAction, Role::AreaForImprovement] {
        let items = truth.items.iter().filter(|i| i.role == role);
        let expected: Vec<String> = items.map(|i| bodies(i.responsible.as_ref())).collect();
        let passages = letter.passages.iter().filter(|p| p.role == role);
        let read: Vec<String> = passages.map(|p| bodies(p.responsible.as_ref())).collect();
        if expected != read {
            let description = format!("responsible: {expected:?} read as {read:?}");
            into.push(Difference { reported_by: vec![role.as_str().to_owned()], description });
        }
    }
}

fn plain(text: &str) -> String {
    text.lines().map(quote::normalise).collect::<Vec<_>>().join(" / ")
}

fn bullets(truth: &Truth, letter: &Letter, into: &mut Vec<Difference>) {
    let mut paragraphs: BTreeMap<(Section, u32), String> = BTreeMap::new();
    for passage in letter.passages.iter().filter(|p| !p.role.flags() && p.role != Role::Strength) {
        let text = paragraphs.entry((passage.section, passage.paragraph)).or_default();
        *text = format!("{text} {}", passage.text).trim().to_owned();
    }
    let mut sections: Vec<Section> = truth.bullets.iter().map(|(s, _)| *s).collect();
    sections.sort_unstable();
    sections.dedup();
    for section in sections {
        let expected: Vec<&str> =
            truth.bullets.iter().filter(|(s, _)| *s == section).map(|(_, t)| t.as_str()).collect();
        let read: Vec<&str> = paragraphs.iter().filter(|((s, _), _)| *s == section).map(|(_, t)| t.as_str()).collect();
        // Where no bullets are printed, a page end between two sentences may end a paragraph.
        let same = if section == Section::Experience { expected.join(" ") == read.join(" ") } else { expected == read };
        if !same {
            into.push(Difference {
                reported_by: vec![section.as_str().to_owned()],
                description: format!("bullets of {section}: {expected:#?} read as {read:#?}"),
            });
        }
    }
}
