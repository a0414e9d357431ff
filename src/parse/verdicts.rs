//! Which letter a revisit or monitoring letter gives verdicts on, and which of its items each verdict is on.
//!
//! A verdict is sought in the latest earlier letter of its area, or of an area that its area took over from, that has
//! such items. The answer follows from the letters alone, in whatever order they are given. (A dataset seeks the
//! earlier letter in its tables instead; the tests of the Spark job check that the two agree.)

use jiff::civil::Date;

use super::similar::{self, Link};
use crate::domain::{LetterKind, Role};

/// The items of a letter that verdicts are on, or its verdicts, with whatever names an item where it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Items<K> {
    /// Id of the letter.
    pub letter_id: String,
    /// Its kind.
    pub kind: LetterKind,
    /// Its area.
    pub la_code: String,
    /// First day of the inspection.
    pub inspection_start: Date,
    /// The items in the order of the letter: its name and its text.
    pub items: Vec<(K, String)>,
}

/// The kind of letter on whose items a kind of letter gives verdicts, and the role of those items.
#[must_use]
pub fn judged(kind: LetterKind) -> Option<(LetterKind, Role)> {
    match kind {
        LetterKind::RevisitLetter => Some((LetterKind::OutcomeLetter, Role::SignificantWeakness)),
        LetterKind::AreaSendMonitoring => Some((LetterKind::AreaSendFull, Role::PriorityAction)),
        LetterKind::OutcomeLetter | LetterKind::AreaSendFull | LetterKind::Other => None,
    }
}

/// The role of a letter's verdicts, or of its items that later verdicts can be on.
#[must_use]
pub fn role(kind: LetterKind) -> Option<Role> {
    match kind {
        LetterKind::RevisitLetter | LetterKind::AreaSendMonitoring => Some(Role::ProgressVerdict),
        LetterKind::OutcomeLetter => Some(Role::SignificantWeakness),
        LetterKind::AreaSendFull => Some(Role::PriorityAction),
        LetterKind::Other => None,
    }
}

/// The letter on whose items these verdicts are, among those that are held of their area and its predecessors.
pub fn original<'a, K>(verdicts: &Items<K>, held: impl IntoIterator<Item = &'a Items<K>>) -> Option<&'a Items<K>> {
    let (kind, _) = judged(verdicts.kind)?;
    held.into_iter()
        .filter(|l| l.kind == kind && l.inspection_start < verdicts.inspection_start && !l.items.is_empty())
        .max_by(|a, b| {
            let own = |l: &Items<K>| l.la_code == verdicts.la_code;
            (a.inspection_start, own(a)).cmp(&(b.inspection_start, own(b))).then(b.letter_id.cmp(&a.letter_id))
        })
}

/// The item that each of these verdicts is on.
#[must_use]
pub fn links(verdicts: &[&str], items: &[&str], same_area: bool) -> Vec<Option<Link>> {
    // Two areas that one took over from may both have had a statement: then a place in the list says nothing.
    similar::link(verdicts, items, same_area)
}

impl<K> Items<K> {
    /// The texts of the items.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        self.items.iter().map(|(_, text)| text.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(kind: LetterKind, la_code: &str, start: &str, items: &[&'static str]) -> Items<&'static str> {
        Items {
            letter_id: format!("{la_code}-{start}-{kind}"),
            kind,
            la_code: la_code.to_owned(),
            inspection_start: start.parse().unwrap(),
            items: items.iter().map(|text| (*text, (*text).to_owned())).collect(),
        }
    }

    #[test]
    fn verdicts_are_on_the_latest_earlier_letter_that_has_such_items() {
        use LetterKind::{AreaSendFull, OutcomeLetter, RevisitLetter};
        let verdicts = letter(RevisitLetter, "971", "2020-01-20", &["Joint commissioning was lacking."]);
        let held = [
            letter(OutcomeLetter, "970", "2018-03-05", &["waiting times of the area before"]),
            letter(OutcomeLetter, "971", "2016-05-02", &["an earlier weakness"]),
            letter(OutcomeLetter, "971", "2018-03-05", &["transitions", "the lack of joint commissioning"]),
            letter(OutcomeLetter, "971", "2019-03-05", &[]),
            letter(AreaSendFull, "971", "2019-06-03", &["another kind"]),
            letter(OutcomeLetter, "971", "2021-03-01", &["too late"]),
        ];
        let found = original(&verdicts, &held).unwrap();
        assert_eq!(found.letter_id, held[2].letter_id);
        assert_eq!(original(&verdicts, held.iter().rev()), Some(found));
        assert_eq!(links(&verdicts.texts(), &found.texts(), true)[0].map(|link| link.original), Some(1));
        assert_eq!(original(&verdicts, &held[3..]), None);
        assert_eq!(original(&held[2], &held), None);
    }
}
