//! Migrates a database from any released schema to the newest.
//!
//! `PRAGMA user_version` holds the number of the schema. Each step is one SQL script; all steps run in one transaction, together
//! with the change of that number. Before the first step an existing database is copied to a backup beside it. A released step
//! is never edited: every change of the schema is a new step. Derived rows are made again after the last step, so no step depends
//! on code that later schemas outgrow.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::error::StoreError;
use super::{beside, wait};

/// "SEND" in ASCII: tells `file` and us whose database this is.
pub(super) const APPLICATION_ID: i64 = 0x5345_4E44;

/// The steps. The number of a schema is the number of steps that lead to it.
pub(super) const STEPS: &[&str] = &[
    include_str!("schema/v1.sql"),
    include_str!("schema/v2.sql"),
    include_str!("schema/v3.sql"),
    include_str!("schema/v4.sql"),
    include_str!("schema/v5.sql"),
    include_str!("schema/v6.sql"),
    include_str!("schema/v7.sql"),
    include_str!("schema/v8.sql"),
    include_str!("schema/v9.sql"),
    include_str!("schema/v10.sql"),
    include_str!("schema/v11.sql"),
];

/// The newest schema that the steps lead to.
pub(super) fn newest(steps: &[&str]) -> i64 {
    i64::try_from(steps.len()).unwrap_or(i64::MAX)
}

/// The schema that a database has; 0 for an empty one.
pub(super) fn version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Refuses what is not ours or newer than we are.
pub(super) fn check(connection: &Connection, path: &Path, steps: &[&str]) -> Result<i64, StoreError> {
    let found = version(connection)?;
    let application: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let empty = found == 0 && application == 0 && tables == 0;
    if !empty && application != APPLICATION_ID {
        return Err(StoreError::NotOurs(path.to_owned()));
    }
    let known = newest(steps);
    if found > known {
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
    }
    Ok(found)
}

/// Migrates a database to the newest schema and then calls `derive`, which makes the derived rows. Returns the path of the
/// backup, if one was made.
pub(super) fn migrate(
    connection: &mut Connection,
    path: &Path,
    steps: &[&str],
    derive: fn(&Connection) -> Result<(), StoreError>,
) -> Result<Option<PathBuf>, StoreError> {
    let found = check(connection, path, steps)?;
    if found == newest(steps) {
        return Ok(None);
    }
    // From here on nobody else writes; another process may have been first.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let start = check(&transaction, path, steps)?;
    if start == newest(steps) {
        return Ok(None);
    }
    let backup = if start == 0 { None } else { Some(back_up(path, start)?) };
    for (number, step) in steps.iter().enumerate().skip(usize::try_from(start).unwrap_or(0)) {
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", newest(&steps[..=number]))?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    derive(&transaction)?;
    transaction.commit()?;
    Ok(backup)
}

/// Copies the last committed version of a database. The copy gets its name only once it is complete.
fn back_up(path: &Path, version: i64) -> Result<PathBuf, StoreError> {
    let backup = beside(path, &format!(".schema-{version}.bak"));
    let unfinished = beside(path, &format!(".schema-{version}.partial"));
    let failed = |source| StoreError::Io { path: unfinished.clone(), source };
    match std::fs::remove_file(&unfinished) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => return Err(failed(source)),
        _ => {}
    }
    // A connection of its own: the one that holds the lock is in a transaction, in which no copy can be made.
    let mut reader =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    reader.busy_handler(Some(wait::pause))?;
    let copied = reader.execute("VACUUM INTO ?1", [unfinished.to_string_lossy()]);
    if let Err(error) = copied {
        // An incomplete copy is of no use; the first error is the one that is reported.
        _ = std::fs::remove_file(&unfinished);
        return Err(error.into());
    }
    std::fs::rename(&unfinished, &backup).map_err(failed)?;
    Ok(backup)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: fn(&Connection) -> Result<(), StoreError> = |_| Ok(());

    fn database(dir: &Path) -> (Connection, PathBuf) {
        let path = dir.join("sendlens.sqlite");
        (Connection::open(&path).unwrap(), path)
    }

    #[test]
    fn an_older_database_is_copied_and_brought_forward_with_its_rows() {
        let dir = tempfile::tempdir().unwrap();
        let (mut connection, path) = database(dir.path());
        let first = ["CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('kept');"];
        assert_eq!(migrate(&mut connection, &path, &first, NOTHING).unwrap(), None);
        let both = [first[0], "ALTER TABLE t ADD COLUMN b TEXT NOT NULL DEFAULT 'new'"];
        let backup = migrate(&mut connection, &path, &both, NOTHING).unwrap().unwrap();
        let row: (String, String) =
            connection.query_row("SELECT a, b FROM t", [], |r| Ok((r.get(0)?, r.get(1)?))).unwrap();
        assert_eq!(row, ("kept".into(), "new".into()));
        assert_eq!(version(&connection).unwrap(), 2);
        let old = Connection::open(backup).unwrap();
        assert_eq!(version(&old).unwrap(), 1);
        assert!(old.query_row("SELECT b FROM t", [], |_| Ok(())).is_err());
        assert_eq!(migrate(&mut connection, &path, &both, NOTHING).unwrap(), None, "a second opening changes nothing");
    }

    #[test]
    fn a_step_that_fails_leaves_the_old_schema() {
        let dir = tempfile::tempdir().unwrap();
        let (mut connection, path) = database(dir.path());
        let first = ["CREATE TABLE t (a TEXT)"];
        migrate(&mut connection, &path, &first, NOTHING).unwrap();
        assert!(migrate(&mut connection, &path, &[first[0], "CREATE TABLE u (a); nonsense"], NOTHING).is_err());
        assert_eq!(version(&connection).unwrap(), 1);
        let tables: i64 =
            connection.query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'u'", [], |r| r.get(0)).unwrap();
        assert_eq!(tables, 0);
    }

    #[test]
    fn a_newer_database_and_a_stranger_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let (mut connection, path) = database(dir.path());
        migrate(&mut connection, &path, STEPS, NOTHING).unwrap();
        connection.pragma_update(None, "user_version", newest(STEPS) + 1).unwrap();
        let refusal = migrate(&mut connection, &path, STEPS, NOTHING).unwrap_err();
        assert_eq!(refusal.code(), "newer_dataset");
        assert!(refusal.to_string().contains("newer sendlens"), "{refusal}");

        let other = dir.path().join("other.sqlite");
        let mut stranger = Connection::open(&other).unwrap();
        stranger.execute_batch("CREATE TABLE theirs (a)").unwrap();
        assert_eq!(migrate(&mut stranger, &other, STEPS, NOTHING).unwrap_err().code(), "not_a_dataset");
    }
}
