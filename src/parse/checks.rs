//! What every letter must have before it is stored.

use super::ParseError;
use crate::domain::{Letter, LetterKind, Role, Section};

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
    if letter.wsoa_required == Some(true) && kind == LetterKind::OutcomeLetter {
        return if letter.counts.significant_weakness == 0 { missing("significant weaknesses") } else { Ok(()) };
    }
    let verdict = letter.outcome.is_some() || letter.passages.iter().any(|p| p.verdict.is_some());
    if kind == LetterKind::AreaSendMonitoring && !verdict {
        return missing("verdicts on the areas for priority action");
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
