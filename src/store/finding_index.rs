//! The finding index: role, polarity and themes of every finding, packed into some 300 bytes per letter. Questions about all
//! letters count from it and never read the findings themselves.
//!
//! The index is derived from `all_findings` and `all_finding_themes`. Whoever changes those of a letter must call [`refresh`]
//! in the same transaction.

use rusqlite::{Connection, OptionalExtension, params};

use super::error::StoreError;
use super::reference::theme_number;
use super::values::term;
use crate::domain::{Polarity, Role, Term};

/// A finding in the index.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Indexed<'a> {
    /// Its place in its letter, from 1.
    pub position: usize,
    pub role: Role,
    pub polarity: Polarity,
    themes: &'a [u8],
}

impl Indexed<'_> {
    /// Numbers of its themes (`theme_no`).
    pub fn themes(&self) -> impl Iterator<Item = u16> {
        self.themes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
    }
}

/// The fewest bytes that a finding takes.
pub(crate) const SHORTEST: usize = 3;

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
        let polarity = *Polarity::ALL.get(usize::from(*polarity)).ok_or_else(damaged)?;
        let (themes, after) = after.split_at_checked(2 * usize::from(*themes)).ok_or_else(damaged)?;
        position += 1;
        each(Indexed { position, role, polarity, themes });
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
        "SELECT f.position, f.role, f.polarity, t.theme, f.finding_no FROM all_findings AS f
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
            packed.extend([role as u8, polarity as u8, 0]);
            (current, count) = (Some(position), packed.len() - 1);
        }
        if let Some(theme) = row.get::<_, Option<String>>(3)? {
            let number = u16::try_from(theme_number(connection, &theme)?);
            let number = number.map_err(|_| StoreError::Damaged("more than 65535 themes".to_owned()))?;
            packed.extend(number.to_be_bytes());
            let more = packed[count].checked_add(1);
            packed[count] =
                more.ok_or_else(|| StoreError::Damaged("a finding with more than 255 themes".to_owned()))?;
        }
    }
    Ok(first.map(|first| (first, packed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_index_is_refused() {
        for bytes in [&[0][..], &[0, 0], &[0, 0, 1], &[0, 0, 1, 0], &[8, 0, 0], &[0, 4, 0]] {
            assert!(unpack(bytes, |_| ()).is_err(), "{bytes:?}");
        }
        let mut found = Vec::new();
        let read = unpack(&[7, 1, 2, 0, 3, 1, 0, 0, 0, 0], |finding| {
            found.push((finding.position, finding.role, finding.polarity, finding.themes().collect::<Vec<_>>()));
        });
        assert!(read.is_ok());
        let second = (2, Role::SignificantWeakness, Polarity::Strength, vec![]);
        assert_eq!(found, [(1, Role::Narrative, Polarity::Weakness, vec![3, 256]), second]);
    }
}
