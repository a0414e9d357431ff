//! Reading the index of findings: which findings of which letters match a filter, without going through the findings
//! themselves.

use std::collections::HashMap;

use rusqlite::params_from_iter;

use super::error::QueryError;
use super::filter::{Conditions, Filter};
use super::scope::{ScopeLetter, letters_in};
use crate::domain::{Polarity, Role};
use crate::store::Dataset;
use crate::store::finding_index::{Indexed, unpack};

/// For at most so many letters a look-up for each is cheaper than reading the whole index.
const FEW_LETTERS: usize = 200;

/// The themes of the dataset, by the numbers under which the index knows them.
pub(super) struct ThemeNumbers {
    /// Theme ids; their places here are what questions count by.
    pub ids: Vec<String>,
    places: Vec<Option<usize>>,
}

impl ThemeNumbers {
    pub(super) fn of(dataset: &Dataset) -> Result<Self, QueryError> {
        let mut statement = dataset.connection().prepare_cached("SELECT theme_no, id FROM themes ORDER BY theme_no")?;
        let numbers: Vec<(u16, String)> =
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        let mut places = vec![None; numbers.last().map_or(0, |(number, _)| usize::from(*number) + 1)];
        for (place, (number, _)) in numbers.iter().enumerate() {
            places[usize::from(*number)] = Some(place);
        }
        Ok(Self { ids: numbers.into_iter().map(|(_, id)| id).collect(), places })
    }

    /// The place among `ids` of a number of the index.
    pub(super) fn place(&self, number: u16) -> Option<usize> {
        self.places.get(usize::from(number)).copied().flatten()
    }
}

/// What a filter demands of findings.
pub(super) struct Wanted<'a> {
    roles: &'a [Role],
    polarities: &'a [Polarity],
    /// For each theme whether it is wanted; nothing where any is.
    themes: Option<Vec<bool>>,
    numbers: &'a ThemeNumbers,
}

impl<'a> Wanted<'a> {
    pub(super) fn by(filter: &'a Filter, numbers: &'a ThemeNumbers) -> Self {
        let themes = (!filter.themes.is_empty())
            .then(|| numbers.ids.iter().map(|id| filter.themes.contains(id)).collect::<Vec<bool>>());
        Self { roles: &filter.roles, polarities: &filter.polarities, themes, numbers }
    }

    pub(super) fn matches(&self, finding: Indexed<'_>) -> bool {
        (self.roles.is_empty() || self.roles.contains(&finding.role))
            && (self.polarities.is_empty() || self.polarities.contains(&finding.polarity))
            && self
                .themes
                .as_ref()
                .is_none_or(|wanted| finding.themes().filter_map(|t| self.numbers.place(t)).any(|place| wanted[place]))
    }
}

/// Hands over every finding of these letters: the place of its letter in the list, its position in the letter from 1,
/// and what the index has of it. Letters come in no particular order, each one's findings together and in order.
pub(super) fn each_indexed(
    dataset: &Dataset,
    letters: &[ScopeLetter],
    mut each: impl FnMut(usize, usize, Indexed<'_>),
) -> Result<(), QueryError> {
    let places: HashMap<i64, usize> = letters.iter().enumerate().map(|(place, l)| (l.number, place)).collect();
    let mut conditions = Conditions::default();
    if letters.len() <= FEW_LETTERS {
        conditions.any_of("i.letter_no", letters.iter().map(|l| l.number));
    }
    if letters.is_empty() {
        return Ok(());
    }
    if let Some(index) = dataset.remembered(|| whole(dataset))? {
        for (place, letter) in letters.iter().enumerate() {
            if let Some(packed) = index.0.get(&letter.number) {
                unpack(packed, |position, finding| each(place, position, finding))?;
            }
        }
        return Ok(());
    }
    let sql = format!("SELECT i.letter_no, i.findings FROM finding_index AS i WHERE {}", conditions.sql());
    let mut statement = dataset.connection().prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(conditions.values))?;
    while let Some(row) = rows.next()? {
        let Some(&place) = places.get(&row.get::<_, i64>(0)?) else { continue };
        let packed = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        unpack(packed, |position, finding| each(place, position, finding))?;
    }
    Ok(())
}

/// The index of a held state, by letter.
struct Remembered(HashMap<i64, Box<[u8]>>);

fn whole(dataset: &Dataset) -> Result<Remembered, QueryError> {
    let mut statement = dataset.connection().prepare_cached(
        "SELECT i.letter_no, i.findings FROM finding_index AS i
         JOIN all_letters AS l ON l.letter_no = i.letter_no WHERE l.current = 1",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?.into_boxed_slice())))?;
    Ok(Remembered(rows.collect::<Result<_, _>>()?))
}

/// Numbers of the letters that have such findings, in the order of every answer: latest inspection first. Where the
/// filter demands nothing of findings, all letters that it means.
pub(super) fn letters_with_findings(dataset: &Dataset, filter: &Filter) -> Result<Vec<i64>, QueryError> {
    let mut letters = letters_in(dataset, filter)?;
    if filter.restricts_findings() {
        let themes = ThemeNumbers::of(dataset)?;
        let wanted = Wanted::by(filter, &themes);
        let mut has = vec![false; letters.len()];
        each_indexed(dataset, &letters, |letter, _, finding| has[letter] |= wanted.matches(finding))?;
        let mut has = has.into_iter();
        letters.retain(|_| has.next().unwrap_or(false));
    }
    letters.sort_by(|x, y| y.start.cmp(&x.start).then_with(|| x.id.cmp(&y.id)));
    Ok(letters.into_iter().map(|l| l.number).collect())
}

/// For each letter of the list and each theme of its findings with these roles (and polarities, if any are named),
/// once: the place of the letter in the list, and the place of the theme in the list of ids that is given back.
pub(super) fn each_theme_set(
    dataset: &Dataset,
    letters: &[ScopeLetter],
    roles: &[Role],
    polarities: &[Polarity],
    mut each: impl FnMut(usize, usize),
) -> Result<Vec<String>, QueryError> {
    let numbers = ThemeNumbers::of(dataset)?;
    // The letter that last had each theme: a letter's findings come together.
    let mut last = vec![usize::MAX; numbers.ids.len()];
    each_indexed(dataset, letters, |letter, _, finding| {
        if roles.contains(&finding.role) && (polarities.is_empty() || polarities.contains(&finding.polarity)) {
            for theme in finding.themes().filter_map(|number| numbers.place(number)) {
                if last[theme] != letter {
                    last[theme] = letter;
                    each(letter, theme);
                }
            }
        }
    })?;
    Ok(numbers.ids)
}
