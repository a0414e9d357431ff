//! Datasets of every earlier schema are migrated, and a newer one is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rusqlite::Connection;
use sendlens::archive::{Archive, sha256};
use serde_json::Value;
use support::program::{fixtures, json, program, sendlens, stdout};
use support::site::files;

/// The letters in every dataset of `fixtures/datasets`.
const LETTERS: [&str; 3] = ["2018-thornwick-revisit", "2019-brackenford-joint-targeted", "2024-saltmere-full"];

/// The SHA-256 of each step of the schema. A released step is never edited; a change is a further step.
const STEPS: &[&str] = &[
    "bb5c5eb567e4329a7a17ff780f6264a4abfc64451ef5668bac83e55809781907",
    "78be7706202a643b1e23d9ef401c22fe153780f693de6869959577e5d22e030c",
    "42cc871af84684bf3b252e44db383e2b93ee076a4863f66e9778cf952fb7c60d",
    "868935b54a1b10f1196268a5ed077dad75d460f9bb6cec861d31a7abfc978f59",
    "6747ffd05ba3b5a7ba473c3714182243576e71561de976107984fa0af1df8c6f",
    "a760f0f7fc76b96704220ffcc3da0e2a5f81a524e4ce5adaad0061f34b76d71d",
    "55e5ceead66cfb9005fbab97819369ac03e72077a8a633864bc5885f9ab263c6",
    "65f4d84010dcae1406ec6d76f49dc1ca1da9d31d347bcff2cfa17a9c3dc6a5ed",
    "b852333c2fbd054336c1f4d4c3ab290018094fb665fefa5f2e9cbee9109597d0",
    "61a5ae7a39656ed1d068edc2c40a5363fae093127c4cc538233172f7bf933612",
    "57d29d12ab4073eaec2b1cb77e8e3d895b479531169a6da8c44d688e4a9ec80c",
];

/// The datasets by the name of their file, which has the number of their schema.
fn datasets() -> BTreeMap<String, PathBuf> {
    let folder = std::fs::read_dir(fixtures("datasets")).unwrap().map(|item| item.unwrap().path());
    let packed = folder.filter(|path| path.extension().is_some_and(|extension| extension == "gz"));
    packed.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path)).collect()
}

fn schema_of(name: &str) -> i64 {
    name.strip_prefix("schema-").unwrap().chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

/// A folder with the letters, and beside them a data directory: an old dataset with its archive, or none.
fn home(dataset: Option<&Path>) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let archive = Archive::open(&data).unwrap();
    std::fs::create_dir(dir.path().join("letters")).unwrap();
    for name in LETTERS {
        let bytes = std::fs::read(fixtures("letters").join(format!("{name}.pdf"))).unwrap();
        std::fs::write(dir.path().join(format!("letters/{name}.pdf")), &bytes).unwrap();
        if dataset.is_some() {
            archive.put(&bytes).unwrap();
        }
    }
    if let Some(packed) = dataset {
        let mut bytes = Vec::new();
        flate2::read::GzDecoder::new(std::fs::File::open(packed).unwrap()).read_to_end(&mut bytes).unwrap();
        std::fs::write(data.join("sendlens.sqlite"), bytes).unwrap();
    }
    (dir, data)
}

fn run(dir: &Path, data: &Path, arguments: &[&str]) -> Output {
    sendlens(data).current_dir(dir).args(arguments).output().unwrap()
}

fn rows(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// The whole dataset in every format.
fn export_all(dir: &Path, data: &Path) -> BTreeMap<String, Vec<u8>> {
    let out = tempfile::tempdir().unwrap();
    stdout(&run(dir, data, &["export", "--to", out.path().to_str().unwrap()]), 0);
    files(out.path())
}

#[test]
fn every_earlier_schema_has_a_dataset_and_no_released_step_was_edited() {
    let steps: Vec<String> = (1..)
        .map(|number| Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/store/schema/v{number}.sql")))
        .map_while(|path| Some(sha256(&std::fs::read(path).ok()?)))
        .collect();
    assert_eq!(steps, STEPS, "a step that datasets were written with stays as it is; add a further one");
    let newest = i64::try_from(steps.len()).unwrap();
    let held: Vec<i64> = datasets().keys().map(|name| schema_of(name)).collect();
    for schema in 1..newest {
        assert!(
            held.contains(&schema),
            "no dataset of schema {schema} in fixtures/datasets; its README says how to make one"
        );
    }
}

#[test]
fn old_datasets_are_backed_up_migrated_and_answer_like_new_ones() {
    let (fresh_dir, fresh) = home(None);
    stdout(&run(fresh_dir.path(), &fresh, &["ingest", "letters"]), 0);
    let expected = export_all(fresh_dir.path(), &fresh);
    let letters = json(&run(fresh_dir.path(), &fresh, &["letters", "--kind", "all", "--format", "json"]), 0);
    assert_eq!(letters.as_array().unwrap().len(), LETTERS.len(), "{letters:#}");

    for (name, packed) in datasets() {
        println!("{name}");
        let schema = schema_of(&name);
        let (dir, data) = home(Some(&packed));
        // A question is enough to migrate the dataset; no letter is lost.
        let found = json(&run(dir.path(), &data, &["letters", "--format", "json"]), 0);
        let found: Vec<&str> = found.as_array().unwrap().iter().map(|letter| letter["id"].as_str().unwrap()).collect();
        let backup = Connection::open(data.join(format!("sendlens.sqlite.schema-{schema}.bak"))).unwrap();
        assert_eq!(backup.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).unwrap(), schema);
        let mut before = rows(&backup, "SELECT id FROM letters");
        before.sort_by_key(|id| found.iter().position(|other| other == id));
        assert_eq!(found, before, "{name}");
        assert!(!found.is_empty());
        let now = Connection::open(data.join("sendlens.sqlite")).unwrap();
        assert_eq!(rows(&now, "PRAGMA integrity_check"), ["ok"]);
        assert!(rows(&now, "SELECT \"table\" FROM pragma_foreign_key_check").is_empty());
        let findings =
            |connection: &Connection| rows(connection, "SELECT id || text FROM findings ORDER BY id, ordinal");
        assert_eq!(findings(&now), findings(&backup), "{name}: the quotes are unchanged");
        drop((now, backup));
        // The text and letter that an older version stored are read, or made again.
        for command in [&["letter", found[0]][..], &["status"], &["themes"], &["changes", "--since", "2000-01-01"]] {
            stdout(&run(dir.path(), &data, command), 0);
        }

        stdout(&run(dir.path(), &data, &["rebuild"]), 0);
        let checked = run(dir.path(), &data, &["check", "--format", "json"]);
        assert_eq!(json(&checked, 0)["problems"], Value::Array(vec![]), "{name}");
        let files = export_all(dir.path(), &data);
        assert_eq!(files.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
        for (file, bytes) in &expected {
            assert!(files[file] == *bytes, "{name}: {file} differs from that of a fresh dataset");
        }
        // The backup is made once.
        let backups = || {
            std::fs::read_dir(&data)
                .unwrap()
                .filter(|f| f.as_ref().unwrap().path().extension().is_some_and(|e| e == "bak"))
                .count()
        };
        assert_eq!(backups(), 1);
    }
}

#[test]
fn a_dataset_of_a_newer_program_is_refused_and_not_touched() {
    let (dir, data) = home(None);
    stdout(&run(dir.path(), &data, &["ingest", "letters"]), 0);
    let connection = Connection::open(data.join("sendlens.sqlite")).unwrap();
    connection.pragma_update(None, "user_version", i64::try_from(STEPS.len() + 1).unwrap()).unwrap();
    connection.pragma_update(None, "journal_mode", "DELETE").unwrap();
    drop(connection);
    let before = files(&data);
    for command in
        [&["letters"][..], &["status"], &["ingest", "letters"], &["rebuild"], &["check"], &["export", "--to", "out"]]
    {
        let refused = run(dir.path(), &data, command);
        let message = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{command:?}: {message}");
        let last = message.lines().last().unwrap();
        assert!(last.contains("newer sendlens") && last.contains("nothing was changed"), "{command:?}: {message}");
        assert!(files(&data) == before, "{command:?} touched the data directory");
    }
}

/// A read-only file system in memory with a copy of a data directory.
struct ReadOnly(tempfile::TempDir);

impl ReadOnly {
    fn mount_copy(data: &Path) -> Option<Self> {
        let mounted = Self(tempfile::tempdir().unwrap());
        let mount = |arguments: &[&str]| {
            let status = Command::new("mount").args(arguments).arg(mounted.0.path()).stderr(Stdio::null()).status();
            status.is_ok_and(|status| status.success())
        };
        if !mount(&["-t", "tmpfs", "tmpfs"]) {
            println!("skipped: a read-only file system can't be mounted here (it needs root)");
            return None;
        }
        let copied = Command::new("cp").arg("-r").arg(data).arg(mounted.0.path().join("data")).status().unwrap();
        assert!(copied.success() && mount(&["-o", "remount,ro"]));
        Some(mounted)
    }

    fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[test]
fn a_read_only_dataset_answers_and_an_old_one_says_what_to_do() {
    let (dir, data) = home(None);
    stdout(&run(dir.path(), &data, &["ingest", "letters"]), 0);
    let Some(medium) = ReadOnly::mount_copy(&data) else { return };
    let answer = |data: &Path| stdout(&run(dir.path(), data, &["findings", "--format", "json"]), 0);
    assert_eq!(answer(&medium.data()), answer(&data));

    let (name, packed) = datasets().into_iter().next().unwrap();
    let (dir, data) = home(Some(&packed));
    let medium = ReadOnly::mount_copy(&data).unwrap();
    let refused = program().arg("--data").arg(medium.data()).arg("letters").current_dir(dir.path()).output().unwrap();
    let message = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{message}");
    let schema = schema_of(&name);
    assert!(message.contains(&format!("(schema {schema}, this one needs {})", STEPS.len())), "{message}");
    assert!(message.contains("run `sendlens status` once where it may be written"), "{message}");
}
