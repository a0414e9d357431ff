//! What every letter must have before it is stored, and what a person should look for where a letter lacks something
//! that such letters have.

use super::ParseError;
use super::pattern::pattern;
use super::sentences;
use super::tidy::{is_cut_off, starts_lower};
use crate::domain::{Letter, LetterKind, Passage, Role, Section, Suspicion};

pattern! {
    DEMANDS = r"(?i)\b(?:should|must|needs?|required|ha(?:s|ve)\s+to|ensur\w+|improv\w+|develop\w*|strengthen\w*)\b";
    /// The name of a body runs into a demand: a cell beside it was read as one text with it.
    BODY_IN_DEMAND = r"\b(?:Council|Corporation|ICBs?|Boards?|Trust|Authority)\b\)?\s+(?:Leaders|Area|Local|Senior|Health|Commissioners|The|All)\b[^.]{0,200}?\b(?:should|must|needs?\s+to)\b";
}

/// Refuses a letter without area or findings, or without the findings that its kind cannot lack. (Dates are checked
/// where they are read: a letter cannot be made without a first day.)
pub(super) fn check(letter: &Letter) -> Result<(), ParseError> {
    let kind = letter.kind;
    if letter.la_code.is_empty() {
        return Err(ParseError::NoArea { kind });
    }
    let missing = |what| Err(ParseError::NoFindings { kind, what });
    if letter.passages.iter().all(|p| p.text.trim().is_empty()) {
        return missing("findings");
    }
    if letter.wsoa_required == Some(true)
        && kind == LetterKind::OutcomeLetter
        && letter.counts.significant_weakness == 0
    {
        return missing("significant weaknesses");
    }
    let verdict = letter.outcome.is_some() || letter.passages.iter().any(|p| p.verdict.is_some());
    if kind == LetterKind::AreaSendMonitoring && !verdict {
        return missing("verdicts on the areas for priority action");
    }
    if kind == LetterKind::RevisitLetter && !verdict {
        return missing("verdicts on the significant weaknesses");
    }
    if kind == LetterKind::AreaSendFull {
        let has = |role| letter.passages.iter().any(|p| p.role == role);
        let evaluated = letter.passages.iter().any(|p| p.role == Role::Narrative && p.section != Section::Context);
        if !evaluated {
            return missing("narrative findings");
        }
        if letter.priority_action_plan_required == Some(true) && !has(Role::PriorityAction) {
            return missing("priority actions");
        }
        if !has(Role::PriorityAction) && !has(Role::AreaForImprovement) {
            return missing("areas for improvement");
        }
    }
    Ok(())
}

/// What a letter of its kind has and this one lacks: it may have been lost in reading.
pub(super) fn gaps(letter: &Letter) -> Vec<Suspicion> {
    let has = |section: Section, role: Option<Role>| {
        letter.passages.iter().any(|p| p.section == section && role.is_none_or(|role| p.role == role))
    };
    let mut gaps = Vec::new();
    let mut need = |present: bool, section: Section, what: &str| {
        if !present {
            gaps.push(Suspicion {
                field: section.to_string(),
                problem: format!("no {what} could be found, though letters of this kind have some"),
                quote: String::new(),
            });
        }
    };
    if letter.kind == LetterKind::OutcomeLetter {
        need(has(Section::MainFindings, None), Section::MainFindings, "main findings");
        for section in [Section::Identification, Section::MeetingNeeds, Section::ImprovingOutcomes] {
            need(has(section, Some(Role::Strength)), section, "strengths");
            need(has(section, Some(Role::AreaForDevelopment)), section, "areas for development");
        }
    }
    if matches!(letter.kind, LetterKind::RevisitLetter | LetterKind::AreaSendMonitoring) {
        let what = "single weakness or priority action with its verdict";
        let judged = letter.passages.iter().any(|p| p.role == Role::ProgressVerdict);
        if !judged {
            gaps.push(Suspicion {
                field: Section::Progress.to_string(),
                problem: format!("no {what} could be found, though letters of this kind have some"),
                quote: String::new(),
            });
        }
    }
    gaps.extend(letter.passages.iter().filter(|p| p.role.flags()).filter_map(doubt));
    gaps.extend(letter.passages.iter().filter_map(incomplete));
    gaps
}

/// Signs that a part of a passage was lost, or that other text got into it.
fn incomplete(passage: &Passage) -> Option<Suspicion> {
    let verdict = passage.role == Role::ProgressVerdict;
    let problem = if verdict && passage.text.trim().is_empty() {
        "the weakness of this verdict could not be read"
    } else if is_cut_off(&passage.text) {
        "this text stops in the middle of a sentence"
    } else if verdict && sentences::split(&passage.text).len() > 1 {
        "this may be more than the weakness restated"
    } else {
        return None;
    };
    let field = if passage.role.is_formal() { passage.role.to_string() } else { passage.section.to_string() };
    let problem = format!("{problem}; compare it with page {} of the document", passage.page);
    Some(Suspicion { field, problem, quote: passage.text.lines().last().unwrap_or_default().to_owned() })
}

/// Signs that a formal item may be several items, or less than one, since its table could not be read with certainty.
fn doubt(item: &Passage) -> Option<Suspicion> {
    let merged = matches!(item.role, Role::PriorityAction | Role::AreaForImprovement)
        .then(|| BODY_IN_DEMAND.find(&item.text))
        .flatten();
    let (problem, quote) = match merged {
        Some(found) => ("may hold several, or the names of bodies beside it", found.as_str()),
        None if item.role == Role::PriorityAction && item.responsible.is_none() => {
            ("has no responsible body, which may have been lost", item.text.as_str())
        }
        None if item.role == Role::AreaForImprovement && !DEMANDS.is_match(&item.text) => {
            ("asks for nothing, so it may be the rest of the one before", item.text.as_str())
        }
        None if item.role != Role::SignificantWeakness && starts_lower(&item.text) => {
            ("begins in the middle of a sentence", item.text.as_str())
        }
        None => return None,
    };
    Some(Suspicion {
        field: item.role.to_string(),
        problem: format!("item {} {problem}; compare it with the document", item.ordinal),
        quote: quote.lines().next().unwrap_or_default().to_owned(),
    })
}
