//! The summary: sentences made from the figures. A claim is made only where the figures carry it.

use super::Answers;
use crate::domain::{Framework, LetterKind, Outcome};
use crate::query::{SMALL, ThemeShare};
use crate::view::words;

/// The sentences of the summary, each one paragraph.
pub(super) fn sentences(answers: &Answers) -> Vec<String> {
    let mut said = Vec::new();
    let (scope, letters) = (&answers.scope, answers.scope.letters);
    let (Some(first), Some(last)) = (scope.first_inspection, scope.last_inspection) else {
        return vec!["No letter matches these filters, so nothing can be said.".to_owned()];
    };
    let with_letter = answers.areas.iter().filter(|area| area.letters > 0).count();
    said.push(format!(
        "This report rests on {} about {}, inspected from {} to {}. Of the {} today, {} a letter in the dataset.",
        words::count(letters, "letter", "letters"),
        words::count(scope.areas, "area", "areas"),
        words::month_year(first),
        words::month_year(last),
        words::count(answers.areas.len(), "area", "areas"),
        if with_letter == 1 { "1 has".to_owned() } else { format!("{} have", words::thousands(with_letter)) }
    ));
    said.extend(outcome_sentence(answers));
    for under in &answers.frameworks {
        let rows: Vec<&ThemeShare> = under.all.rows.iter().filter(|row| row.letters > 0).collect();
        let total = under.all.scope.letters;
        if total < SMALL {
            said.push(format!(
                "Under the {} there are only {} in which areas can be flagged: too few to rank themes.",
                words::framework(under.framework),
                words::count(total, "letter", "letters")
            ));
        } else if let [one, two, three, ..] = rows.as_slice() {
            said.push(format!(
                "Under the {}, areas were most often flagged for {}, {} and {}.",
                words::framework(under.framework),
                with_share(one),
                with_share(two),
                with_share(three)
            ));
        }
    }
    if letters >= SMALL
        && let [most, next, ..] = answers.strengths.rows.as_slice()
        && most.letters > next.letters
    {
        said.push(format!("Praise is found most often on {}.", with_share(most)));
    }
    let overdue = answers.areas.iter().filter(|area| area.overdue).count();
    if overdue > 0 {
        said.push(format!(
            "{} past the expected inspection date that the latest report held here states, with no later report held.",
            if overdue == 1 {
                "One area is".to_owned()
            } else {
                format!("{} are", words::count(overdue, "area", "areas"))
            }
        ));
    }
    said
}

fn with_share(row: &ThemeShare) -> String {
    let share = row.share.share.map(|share| format!(", {}", words::percent(share))).unwrap_or_default();
    format!("\u{201c}{}\u{201d} ({} of {} letters{share})", row.label, row.letters, row.of_letters)
}

fn outcome_sentence(answers: &Answers) -> Vec<String> {
    let count = |outcome: Outcome| -> usize {
        answers.years.iter().filter(|y| y.outcome == Some(outcome)).map(|y| y.letters).sum()
    };
    let of_kind =
        |kind: LetterKind| -> usize { answers.years.iter().filter(|y| y.kind == kind).map(|y| y.letters).sum() };
    let mut said = Vec::new();
    let reports = of_kind(LetterKind::AreaSendFull);
    if reports > 0 {
        said.push(format!(
            "Of {} under the {}, {} found typically positive experiences and outcomes, {} inconsistent ones, and {} widespread or systemic failings.",
            words::count(reports, "full inspection", "full inspections"),
            words::framework(Framework::F2023),
            count(Outcome::TypicallyPositive),
            count(Outcome::Inconsistent),
            count(Outcome::WidespreadFailings)
        ));
    }
    let letters = of_kind(LetterKind::OutcomeLetter);
    if letters > 0 {
        said.push(format!(
            "Of {} under the {}, {} required a written statement of action.",
            words::count(letters, "inspection", "inspections"),
            words::framework(Framework::F2016),
            count(Outcome::WsoaRequired)
        ));
    }
    let revisits = of_kind(LetterKind::RevisitLetter);
    if revisits > 0 {
        said.push(format!(
            "Of {}, {} found sufficient progress on all weaknesses.",
            words::count(revisits, "revisit", "revisits"),
            answers
                .years
                .iter()
                .filter(|y| y.kind == LetterKind::RevisitLetter && y.outcome == Some(Outcome::SufficientProgressAll))
                .map(|y| y.letters)
                .sum::<usize>()
        ));
    }
    said
}
