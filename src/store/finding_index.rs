//! The finding index: role, polarity and themes of every finding, and which of these are doubtful, packed into some 300 bytes per letter. Questions about all
//! letters count from it and never read the findings themselves.
//!
//! The index is derived from `all_findings` and `all_finding_themes`. Whoever changes those of a letter must call [`refresh`]
//! in the same transaction.

use rusqlite::{Connection, OptionalExtension, params};

use super::error::StoreError;
use super::reference::theme_number;
use super::values::term;
use crate::domain::{Polarity, Probability, Role, Section, Term};

/// Set in the byte of a polarity that does not judge with confidence.
const UNSURE: u8 = 1 << 7;
/// Set in the number of a doubtful theme.
const DOUBTFUL: u16 = 1 << 15;

/// A finding in the index.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Indexed<'a> {
    /// Its place in its letter, from 1.
    pub position: usize,
    pub role: Role,
    pub polarity: Polarity,
    /// Whether its polarity is likely right and, if it praises or criticises, does so outside the section that describes
    /// the area and the inspection.
    pub judged: bool,
    themes: &'a [u8],
}

impl Indexed<'_> {
    /// Numbers of its themes (`theme_no`); where only confident codes count, without the doubtful ones.
    pub fn themes(&self, confident: bool) -> impl Iterator<Item = u16> {
        let numbers = self.themes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
        numbers.filter(move |number| !confident || number & DOUBTFUL == 0).map(|number| number & !DOUBTFUL)
    }
}

/// The fewest bytes that a finding takes.
pub(crate) const MIN_FINDING_BYTES: usize = 3;

/// Calls back with a letter's findings, in their order.
///
/// # Errors
/// The bytes are not a finding index.
pub(crate) fn unpack<'a>(packed: &'a [u8], mut each: impl FnMut(Indexed<'a>)) -> Result<(), StoreError> {
    let damaged = || StoreError::Damaged("an entry of finding_index".to_owned());
    let (mut rest, mut position) = (packed, 0);
    while !rest.is_empty() {
        let [role, polarity, themes, after @ ..] = rest else { return Err(damaged()) };
        let role = *Role::ALL.get(usize::from(*role)).ok_or_else(damaged)?;
        let judged = polarity & UNSURE == 0;
        let polarity = *Polarity::ALL.get(usize::from(polarity & !UNSURE)).ok_or_else(damaged)?;
        let (themes, after) = after.split_at_checked(2 * usize::from(*themes)).ok_or_else(damaged)?;
        position += 1;
        each(Indexed { position, role, polarity, judged, themes });
        rest = after;
    }
    Ok(())
}

/// Rebuilds a letter's entry.
pub(super) fn refresh(connection: &Connection, letter_no: i64) -> Result<(), StoreError> {
    let entry = entry(connection, letter_no)?;
    connection.prepare_cached("DELETE FROM finding_index WHERE letter_no = ?1")?.execute([letter_no])?;
    if let Some((first, packed)) = entry {
        connection
            .prepare_cached("INSERT INTO finding_index VALUES (?1, ?2, ?3)")?
            .execute(params![letter_no, first, packed])?;
    }
    Ok(())
}

/// Rebuilds the entries of all letters.
pub(super) fn refresh_all(connection: &Connection) -> Result<(), StoreError> {
    let mut statement = connection.prepare("SELECT letter_no FROM all_letters")?;
    let letters: Vec<i64> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    letters.into_iter().try_for_each(|letter| refresh(connection, letter))
}

/// Whether a letter's entry agrees with its findings.
pub(super) fn agrees(connection: &Connection, letter_no: i64) -> Result<bool, StoreError> {
    let held = connection
        .prepare_cached("SELECT first_no, findings FROM finding_index WHERE letter_no = ?1")?
        .query_row([letter_no], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match entry(connection, letter_no) {
        Ok(entry) => Ok(held == entry),
        Err(StoreError::Damaged(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// A letter's entry, from its findings: the number of the first, and all of them packed; none for a letter without findings.
fn entry(connection: &Connection, letter_no: i64) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT f.position, f.role, f.polarity, t.theme, f.finding_no, f.section, f.polarity_probability, t.probability
         FROM all_findings AS f
         LEFT JOIN all_finding_themes AS t ON t.finding_no = f.finding_no
         WHERE f.letter_no = ?1 ORDER BY f.position, t.position",
    )?;
    let mut rows = statement.query([letter_no])?;
    let mut packed: Vec<u8> = Vec::new();
    let mut first = None;
    // The finding that is being packed, and where its number of themes stands.
    let (mut current, mut count) = (None, 0);
    while let Some(row) = rows.next()? {
        let position: i64 = row.get(0)?;
        let number: i64 = row.get(4)?;
        if *first.get_or_insert(number - position + 1) != number - position + 1 {
            return Err(StoreError::Damaged("a letter whose findings are not numbered in their order".to_owned()));
        }
        if current != Some(position) {
            let (role, polarity): (Role, Polarity) =
                (term(&row.get::<_, String>(1)?)?, term(&row.get::<_, String>(2)?)?);
            let judged = !is_doubtful(row.get(6)?) && judges(polarity, term(&row.get::<_, String>(5)?)?);
            packed.extend([role as u8, polarity as u8 | if judged { 0 } else { UNSURE }, 0]);
            (current, count) = (Some(position), packed.len() - 1);
        }
        if let Some(theme) = row.get::<_, Option<String>>(3)? {
            let number = u16::try_from(theme_number(connection, &theme)?).ok().filter(|number| *number < DOUBTFUL);
            let number = number.ok_or_else(|| StoreError::Damaged("more than 32767 themes".to_owned()))?;
            packed.extend((number | if is_doubtful(row.get(7)?) { DOUBTFUL } else { 0 }).to_be_bytes());
            let more = packed[count].checked_add(1);
            packed[count] =
                more.ok_or_else(|| StoreError::Damaged("a finding with more than 255 themes".to_owned()))?;
        }
    }
    Ok(first.map(|first| (first, packed)))
}

fn is_doubtful(percent: Option<u8>) -> bool {
    percent.is_some_and(|percent| Probability::from_percent(percent).is_doubtful())
}

/// Whether a polarity there is a judgement: praise and criticism are, except in the section that only describes.
fn judges(polarity: Polarity, section: Section) -> bool {
    polarity == Polarity::Neutral || section != Section::Context
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_index_is_refused() {
        for bytes in [&[0][..], &[0, 0], &[0, 0, 1], &[0, 0, 1, 0], &[8, 0, 0], &[0, 4, 0], &[0, 0x84, 0]] {
            assert!(unpack(bytes, |_| ()).is_err(), "{bytes:?}");
        }
        let mut found = Vec::new();
        let mut confident = Vec::new();
        let read = unpack(&[7, 1, 2, 0, 3, 0x81, 0, 0, 0x80, 0], |finding| {
            confident.extend(finding.themes(true));
            found.push((finding.position, finding.role, finding.judged, finding.themes(false).collect::<Vec<_>>()));
        });
        assert!(read.is_ok());
        assert_eq!(found, [(1, Role::Narrative, true, vec![3, 256]), (2, Role::SignificantWeakness, false, vec![])]);
        assert_eq!(confident, [3]);
    }
}
