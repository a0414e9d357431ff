//! What must hold for a data directory, whatever happened to it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use sendlens::archive::sha256;

/// Every file below a folder: its path within the folder and the hash of its bytes.
pub fn files(folder: &Path) -> BTreeMap<String, String> {
    let paths = paths(folder).into_iter();
    paths
        .map(|path| {
            let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
            (name, sha256(&std::fs::read(&path).unwrap()))
        })
        .collect()
}

/// Every file below a folder. None if there is no folder.
pub fn paths(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(&dir).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// Copies a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for path in paths(from) {
        let place = to.join(path.strip_prefix(from).unwrap());
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::copy(&path, place).unwrap();
    }
}

/// Whether a file has the name of one that was not completed.
pub fn is_partial(path: &Path) -> bool {
    path.file_name().unwrap().to_string_lossy().starts_with(".partial-")
}

/// Makes the files that a killed run left a day old, as they are when the next night comes.
pub fn age_partials(folder: &Path) {
    for path in paths(folder).into_iter().filter(|path| is_partial(path)) {
        let yesterday = std::time::SystemTime::now() - std::time::Duration::from_secs(24 * 60 * 60);
        std::fs::File::options().write(true).open(path).unwrap().set_modified(yesterday).unwrap();
    }
}

/// Asserts that every archived document has the hash that is its name.
pub fn assert_archive_is_sound(data: &Path, context: &str) {
    for path in paths(&data.join("archive")).into_iter().filter(|path| !is_partial(path)) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert_eq!(sha256(&std::fs::read(&path).unwrap()), name, "{context}: an archived document has other bytes");
    }
}

/// Opens the database and asserts that SQLite finds it sound. `None` if it has no tables yet.
pub fn open_sound_database(data: &Path, context: &str) -> Option<Connection> {
    let path = data.join("sendlens.sqlite");
    if !path.exists() {
        return None;
    }
    let connection = Connection::open(&path).unwrap();
    let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok", "{context}");
    let broken: i64 =
        connection.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0)).unwrap();
    assert_eq!(broken, 0, "{context}: rows refer to rows that are not there");
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    (version > 0).then_some(connection)
}

/// One number of a database.
pub fn count(connection: &Connection, sql: &str) -> i64 {
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}
