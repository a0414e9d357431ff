//! Figures, dates and the vocabularies as people read them.

use jiff::civil::Date;

use crate::domain::{Framework, LaType, LetterKind, Outcome, Polarity, Role, Section, Verdict};
use crate::query::{Basis, DueKind};

/// "18 March 2024".
#[must_use]
pub fn date(day: Date) -> String {
    format!("{} {} {}", day.day(), month(day), day.year())
}

/// "March 2024".
#[must_use]
pub fn month_year(day: Date) -> String {
    format!("{} {}", month(day), day.year())
}

/// "18 to 22 March 2024", with only as much repeated as is needed.
#[must_use]
pub fn span(start: Date, end: Date) -> String {
    if start == end {
        date(start)
    } else if (start.year(), start.month()) == (end.year(), end.month()) {
        format!("{} to {}", start.day(), date(end))
    } else if start.year() == end.year() {
        format!("{} {} to {}", start.day(), month(start), date(end))
    } else {
        format!("{} to {}", date(start), date(end))
    }
}

fn month(day: Date) -> &'static str {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    usize::try_from(day.month() - 1).ok().and_then(|i| MONTHS.get(i).copied()).unwrap_or("")
}

/// A share as whole percent: "43%". Shares that are not none and not all never round to 0% or 100%.
#[must_use]
pub fn percent(share: f64) -> String {
    if share > 0.0 && share < 0.005 {
        "under 1%".to_owned()
    } else if (0.995..1.0).contains(&share) {
        "over 99%".to_owned()
    } else {
        format!("{:.0}%", share * 100.0)
    }
}

/// A difference of shares in percentage points with its sign: "+12", "−3", "0".
#[must_use]
pub fn points(difference: f64) -> String {
    let rounded = (difference * 100.0).round();
    if rounded > 0.0 {
        format!("+{rounded:.0}")
    } else if rounded < 0.0 {
        format!("\u{2212}{:.0}", -rounded)
    } else {
        "0".to_owned()
    }
}

/// A count with its noun: "1 letter", "12 letters", "1,204 letters".
#[must_use]
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { many })
}

/// "1,204,512".
#[must_use]
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// "a, b and c".
#[must_use]
pub fn list<S: AsRef<str>>(items: &[S]) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [start @ .., last] => {
            let start: Vec<&str> = start.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", start.join(", "), last.as_ref())
        }
    }
}

/// "a, b or c".
#[must_use]
pub fn either(items: &[&str]) -> String {
    match items {
        [start @ .., last] if !start.is_empty() => format!("{} or {last}", start.join(", ")),
        _ => items.concat(),
    }
}

/// What a letter of this kind is called.
#[must_use]
pub fn kind(kind: LetterKind) -> &'static str {
    match kind {
        LetterKind::OutcomeLetter => "Inspection letter",
        LetterKind::RevisitLetter => "Revisit letter",
        LetterKind::AreaSendFull => "Full inspection report",
        LetterKind::AreaSendMonitoring => "Monitoring inspection report",
        LetterKind::Other => "Other document",
    }
}

/// The framework's years.
#[must_use]
pub fn framework(framework: Framework) -> &'static str {
    match framework {
        Framework::F2016 => "2016 to 2022 framework",
        Framework::F2023 => "2023 framework",
    }
}

/// A conclusion in a few words.
#[must_use]
pub fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::TypicallyPositive => "Typically positive",
        Outcome::Inconsistent => "Inconsistent",
        Outcome::WidespreadFailings => "Widespread or systemic failings",
        Outcome::WsoaRequired => "Written statement of action required",
        Outcome::WsoaNotRequired => "No written statement of action",
        Outcome::SufficientProgressAll => "Sufficient progress on all weaknesses",
        Outcome::SufficientProgressSome => "Sufficient progress on some weaknesses",
        Outcome::SufficientProgressNone => "Not sufficient progress on any weakness",
    }
}

/// A role in the singular.
#[must_use]
pub fn role(role: Role) -> &'static str {
    match role {
        Role::SignificantWeakness => "Significant weakness",
        Role::PriorityAction => "Area for priority action",
        Role::AreaForImprovement => "Area for improvement",
        Role::ProgressVerdict => "Progress judgement",
        Role::Strength => "Strength",
        Role::AreaForDevelopment => "Area for development",
        Role::MainFinding => "Main finding",
        Role::Narrative => "Other finding",
    }
}

/// A section's heading.
#[must_use]
pub fn section(section: Section) -> &'static str {
    match section {
        Section::MainFindings => "Main findings",
        Section::Identification => "Identifying needs",
        Section::MeetingNeeds => "Assessing and meeting needs",
        Section::ImprovingOutcomes => "Improving outcomes",
        Section::Experience => "What it is like to be a child or young person with SEND here",
        Section::Effective => "What is effective",
        Section::NeedsToImprove => "What needs to be better",
        Section::PriorityActions => "Areas for priority action",
        Section::AreasForImprovement => "Areas for improvement",
        Section::Wsoa => "Significant weaknesses for the written statement of action",
        Section::Progress => "Progress since the last inspection",
        Section::Context => "About the area and the inspection",
    }
}

/// A polarity as a word for readers.
#[must_use]
pub fn polarity(polarity: Polarity) -> &'static str {
    match polarity {
        Polarity::Strength => "Strength",
        Polarity::Weakness => "Weakness",
        Polarity::Mixed => "Mixed",
        Polarity::Neutral => "Neutral",
    }
}

/// The sign shown beside a polarity.
#[must_use]
pub fn polarity_mark(polarity: Polarity) -> &'static str {
    match polarity {
        Polarity::Strength => "+",
        Polarity::Weakness => "\u{2212}",
        Polarity::Mixed => "\u{b1}",
        Polarity::Neutral => "\u{b7}",
    }
}

/// A verdict in words.
#[must_use]
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Sufficient => "Sufficient progress",
        Verdict::Insufficient => "Not sufficient progress",
    }
}

/// What kind of inspection is due.
#[must_use]
pub fn due_kind(kind: DueKind) -> &'static str {
    match kind {
        DueKind::Monitoring => "Monitoring inspection",
        DueKind::FullInspection => "Full inspection",
    }
}

/// Which areas an area is compared with.
#[must_use]
pub fn basis(basis: &Basis) -> &'static str {
    match basis {
        Basis::Neighbours => "Compared with its statistical neighbours",
        Basis::Region => "Compared with the other areas of its region",
        Basis::Type => "Compared with the other areas of its type",
        Basis::All => "Compared with all other areas",
        Basis::List(_) => "Compared with the areas chosen",
    }
}

/// What a day that has passed means. It stands wherever such a day is shown.
#[must_use]
pub fn passed_note(held_to: Option<Date>) -> String {
    match held_to {
        Some(day) => format!(
            "Where a day has passed, no later report is held here; one may exist. Latest inspection held: {}.",
            date(day)
        ),
        None => "No letter is held, so nothing is known to be due.".to_owned(),
    }
}

/// A type of area.
#[must_use]
pub fn la_type(la_type: LaType) -> &'static str {
    match la_type {
        LaType::LondonBorough => "London borough",
        LaType::MetropolitanDistrict => "Metropolitan district",
        LaType::UnitaryAuthority => "Unitary authority",
        LaType::County => "County",
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as day;

    use super::*;

    #[test]
    fn spans_repeat_only_what_differs() {
        assert_eq!(span(day(2024, 3, 18), day(2024, 3, 22)), "18 to 22 March 2024");
        assert_eq!(span(day(2022, 2, 28), day(2022, 3, 4)), "28 February to 4 March 2022");
        assert_eq!(span(day(2021, 12, 30), day(2022, 1, 4)), "30 December 2021 to 4 January 2022");
        assert_eq!(span(day(2022, 5, 2), day(2022, 5, 2)), "2 May 2022");
    }

    #[test]
    fn rounding_never_claims_none_or_all() {
        assert_eq!(
            [0.0, 0.001, 0.4349, 0.996, 1.0].map(percent),
            ["0%", "under 1%", "43%", "over 99%", "100%"].map(String::from)
        );
        assert_eq!([0.123, -0.034, 0.001].map(points), ["+12", "\u{2212}3", "0"].map(String::from));
    }

    #[test]
    fn counts_and_lists_read_well() {
        assert_eq!(count(1, "letter", "letters"), "1 letter");
        assert_eq!(count(1_204_512, "letter", "letters"), "1,204,512 letters");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(list(&["a"]), "a");
        assert_eq!([either(&["a", "b", "c"]), either(&["a"])], ["a, b or c", "a"].map(String::from));
    }
}
