//! Compares letters of 2016 to 2022 with the official register.
//!
//! For each inspection the register says whether a written statement was required and for how many significant
//! weaknesses, and for each revisit on how many of them progress was sufficient. A letter that says something else was
//! read wrongly, or the register is wrong. Both values are reported and neither is changed.
//!
//! What the register cannot know is no difference. It ends with the last day that stands in it, and an abolished area
//! may be missing from it altogether.

use jiff::civil::Date;

use super::Reference;
use crate::domain::{Letter, LetterKind, OfficialOutcome, Suspicion};

/// The beginning of every problem that is a difference.
const SAYS: &str = "the official register has";

/// An inspection of the register is taken for the letter's where they are no more than so many days apart.
const SAME_INSPECTION_DAYS: i32 = 60;

/// What a letter says that the register says, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredFacts {
    /// Kind of the letter.
    pub kind: LetterKind,
    /// Three-digit code of the area on the day of the inspection.
    pub la_code: String,
    /// First day of the inspection or revisit.
    pub start: Date,
    /// Date of the letter, where it bears one.
    pub letter_date: Option<Date>,
    /// Whether a written statement is required.
    pub wsoa_required: Option<bool>,
    /// Number of significant weaknesses.
    pub significant_weaknesses: u32,
    /// Numbers of weaknesses with sufficient and with insufficient progress.
    pub verdicts: Option<(u32, u32)>,
}

impl From<&Letter> for RegisteredFacts {
    fn from(letter: &Letter) -> Self {
        Self {
            kind: letter.kind,
            la_code: letter.la_code.clone(),
            start: letter.inspection.start,
            letter_date: letter.letter_date,
            wsoa_required: letter.wsoa_required,
            significant_weaknesses: letter.counts.significant_weakness,
            verdicts: letter.revisit.as_ref().map(|r| (r.sufficient, r.insufficient)),
        }
    }
}

/// A letter that the register should know, beside what the register says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared<'a> {
    /// The inspection of the register that is the letter's; `None` where it has none.
    pub entry: Option<&'a OfficialOutcome>,
    /// Every difference with both values; empty where letter and register agree.
    pub differences: Vec<Suspicion>,
}

/// Whether a suspicion is about a difference from the register.
#[must_use]
pub fn is_difference(suspicion: &Suspicion) -> bool {
    suspicion.problem.starts_with(SAYS)
}

impl Reference {
    /// Compares a letter with the register. `None` where the register cannot know it: letters of 2023 on, inspections
    /// after its end, and areas that were abolished and left out.
    #[must_use]
    pub fn compare_with_register(&self, letter: &RegisteredFacts) -> Option<Compared<'_>> {
        let is_revisit = match letter.kind {
            LetterKind::OutcomeLetter => false,
            LetterKind::RevisitLetter => true,
            LetterKind::AreaSendFull | LetterKind::AreaSendMonitoring | LetterKind::Other => return None,
        };
        let end = self.register_end()?;
        if letter.start > end || letter.letter_date.is_some_and(|day| day > end) {
            return None;
        }
        let of_area: Vec<&OfficialOutcome> = self.register().iter().filter(|e| e.la_code == letter.la_code).collect();
        if of_area.is_empty() && self.area(&letter.la_code).is_some_and(|area| area.abolished_on.is_some()) {
            return None;
        }
        let day_of =
            |entry: &OfficialOutcome| if is_revisit { entry.revisit_start } else { Some(entry.inspection_start) };
        let what = if is_revisit { "revisit" } else { "inspection" };
        let dated = of_area.iter().filter_map(|entry| Some((day_of(entry)?, *entry)));
        let Some((day, entry)) = dated.min_by_key(|(day, _)| days_between(*day, letter.start)) else {
            let problem = format!("{SAYS} no {what} of this area; the letter is on one of {}", letter.start);
            return Some(Compared { entry: None, differences: vec![told("inspection_start", problem)] });
        };
        let mut differences = Vec::new();
        if day != letter.start {
            let problem = format!("{SAYS} the {what} on {day}, the letter on {}", letter.start);
            differences.push(told("inspection_start", problem));
        }
        if days_between(day, letter.start) > SAME_INSPECTION_DAYS {
            return Some(Compared { entry: None, differences });
        }
        differences.extend(if is_revisit { of_revisit(letter, entry) } else { of_inspection(letter, entry) });
        Some(Compared { entry: Some(entry), differences })
    }

    /// The last day that stands in the register.
    fn register_end(&self) -> Option<Date> {
        let days = |e: &OfficialOutcome| {
            [Some(e.inspection_start), e.published_on, e.revisit_start, e.revisit_published_on].into_iter().flatten()
        };
        self.register().iter().flat_map(days).max()
    }
}

fn of_inspection(letter: &RegisteredFacts, entry: &OfficialOutcome) -> Vec<Suspicion> {
    let mut differences = Vec::new();
    let required = |yes: bool| if yes { "a written statement required" } else { "no written statement required" };
    match letter.wsoa_required {
        Some(read) if read != entry.wsoa_required => {
            let problem = format!("{SAYS} {}, the letter has {}", required(entry.wsoa_required), required(read));
            differences.push(told("wsoa_required", problem));
        }
        Some(_) => {}
        None => {
            let problem = format!("{SAYS} {}, the letter was read without either", required(entry.wsoa_required));
            differences.push(told("wsoa_required", problem));
        }
    }
    if let Some(registered) = entry.significant_weaknesses.filter(|n| *n != letter.significant_weaknesses) {
        let problem = format!(
            "{SAYS} {}, {} in the letter",
            counted(registered, "significant weakness", "significant weaknesses"),
            were_read(letter.significant_weaknesses)
        );
        differences.push(told("significant_weakness", problem));
    }
    differences
}

fn of_revisit(letter: &RegisteredFacts, entry: &OfficialOutcome) -> Vec<Suspicion> {
    let Some(registered) = entry.sufficient.zip(entry.insufficient) else { return Vec::new() };
    let read = letter.verdicts.unwrap_or_default();
    if read == registered {
        return Vec::new();
    }
    let problem = format!(
        "{SAYS} sufficient progress on {} and insufficient progress on {}, the letter on {} and {}",
        counted(registered.0, "weakness", "weaknesses"),
        registered.1,
        read.0,
        read.1
    );
    vec![told("revisit", problem)]
}

fn told(field: &str, problem: String) -> Suspicion {
    Suspicion { field: field.to_owned(), problem, quote: String::new() }
}

fn counted(number: u32, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}

fn were_read(number: u32) -> String {
    format!("{number} {} read", if number == 1 { "was" } else { "were" })
}

fn days_between(one: Date, other: Date) -> i32 {
    one.since(other).map_or(i32::MAX, |span| span.get_days().abs())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn inspected(la_code: &str, start: Date, required: bool, weaknesses: u32) -> RegisteredFacts {
        RegisteredFacts {
            kind: LetterKind::OutcomeLetter,
            la_code: la_code.to_owned(),
            start,
            letter_date: None,
            wsoa_required: Some(required),
            significant_weaknesses: weaknesses,
            verdicts: None,
        }
    }

    fn revisited(la_code: &str, start: Date, verdicts: (u32, u32)) -> RegisteredFacts {
        let letter = inspected(la_code, start, false, 0);
        RegisteredFacts { kind: LetterKind::RevisitLetter, wsoa_required: None, verdicts: Some(verdicts), ..letter }
    }

    fn problems(letter: &RegisteredFacts) -> Option<Vec<String>> {
        let reference = Reference::load(std::path::Path::new("fixtures/reference")).unwrap();
        let compared = reference.compare_with_register(letter)?;
        assert!(compared.differences.iter().all(is_difference));
        Some(compared.differences.into_iter().map(|d| format!("{}: {}", d.field, d.problem)).collect())
    }

    #[test]
    fn a_letter_that_agrees_has_no_differences() {
        assert_eq!(problems(&inspected("985", date(2018, 11, 5), true, 5)), Some(vec![]));
        assert_eq!(problems(&revisited("984", date(2021, 10, 11), (1, 1))), Some(vec![]));
    }

    #[test]
    fn each_difference_is_told_with_both_values() {
        let told = |letter| problems(&letter).unwrap().join("; ");
        assert_eq!(
            told(inspected("985", date(2018, 11, 5), true, 4)),
            "significant_weakness: the official register has 5 significant weaknesses, 4 were read in the letter"
        );
        assert_eq!(
            told(inspected("985", date(2018, 11, 12), true, 5)),
            "inspection_start: the official register has the inspection on 2018-11-05, the letter on 2018-11-12"
        );
        assert!(
            told(inspected("985", date(2018, 11, 5), false, 0))
                .starts_with("wsoa_required: the official register has a written")
        );
        assert!(told(inspected("985", date(2019, 11, 5), true, 4)).ends_with("the letter on 2019-11-05"));
        assert_eq!(
            told(revisited("984", date(2021, 10, 11), (2, 0))),
            "revisit: the official register has sufficient progress on 1 weakness and insufficient progress on 1, \
             the letter on 2 and 0"
        );
    }

    #[test]
    fn what_the_register_cannot_know_is_no_difference() {
        let letter = inspected("985", date(2022, 12, 5), true, 5);
        assert_eq!(problems(&letter), None, "after its end");
        let late =
            RegisteredFacts { letter_date: Some(date(2023, 1, 9)), ..inspected("985", date(2018, 11, 5), true, 4) };
        assert_eq!(problems(&late), None, "published after its end");
        let full = RegisteredFacts { kind: LetterKind::AreaSendFull, ..inspected("985", date(2018, 11, 5), true, 4) };
        assert_eq!(problems(&full), None, "another framework");
        let bundled = Reference::bundled();
        for area in bundled.areas().iter().filter(|a| bundled.register().iter().all(|e| e.la_code != a.la_code)) {
            let compared = bundled.compare_with_register(&inspected(&area.la_code, date(2017, 1, 23), true, 3));
            assert_eq!(compared.is_none(), area.abolished_on.is_some(), "{}", area.name);
        }
    }
}
