//! Faults of disks, folders and files: failing writes, a full disk, no permission, a locked or broken database, files
//! cut short. Each ends the command with a plain message, and nothing recorded is lost.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use rusqlite::Connection;

use super::scenario::{Kind, Scenario};
use super::state;
use super::support::disk::{ReadOnly, SmallDisk, with_small_files};
use super::support::program::{fixtures, json, sendlens, stdout};

/// Asserts that a command that could not do its work ended with code 1 and one plain message, and gives the message.
fn assert_refused(output: &Output, context: &str) -> String {
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{context}: {message}");
    assert!(!message.contains("panicked") && message.starts_with("sendlens: "), "{context}: {message}");
    message
}

/// Runs a command under a limit on the size of files, another limit each time. Gives how many runs were refused.
pub fn failing_writes(kind: Kind, times: u64, random: &mut fastrand::Rng) -> usize {
    let scenario = Scenario::new(kind);
    let data = scenario.new_data();
    scenario.repeat(&data, "to measure its files");
    let largest = state::paths(&data).iter().map(|path| fs::metadata(path).unwrap().len()).max().unwrap() / 512;
    let mut count = 0;
    for time in 0..times {
        // From nothing at all to more than the largest file, with most of them small.
        let part = (time as f64 + random.f64()) / times as f64;
        let blocks = (part * part * (largest as f64 * 1.2)) as u64;
        let data = scenario.new_data();
        let output = with_small_files(&scenario.command(&data), blocks).output().unwrap();
        let context = format!("{kind:?} with files of at most {blocks} blocks");
        if output.status.code() != Some(0) {
            let message = assert_refused(&output, &context);
            assert!(message.contains("disk"), "{context}: {message}");
            count += 1;
        }
        scenario.assert_survives(&data, &context);
    }
    count
}

#[test]
fn a_failing_write_ends_the_command_with_a_plain_message() {
    let mut random = fastrand::Rng::with_seed(1);
    for kind in [Kind::Ingest, Kind::Export, Kind::Review] {
        assert!(failing_writes(kind, 2, &mut random) >= 1, "{kind:?} must have met the limit");
    }
}

#[test]
fn a_full_disk_ends_the_command_with_a_plain_message() {
    for (kind, size) in [(Kind::Ingest, "700k"), (Kind::Rebuild, "900k"), (Kind::Export, "1400k")] {
        let scenario = Scenario::new(kind);
        let Some(disk) = SmallDisk::mount("64m") else { return };
        let data = disk.path().join("data");
        state::copy(&scenario.new_data(), &data);
        disk.remount(&format!("size={size}"));
        let message = assert_refused(&scenario.command(&data).output().unwrap(), &format!("{kind:?} on a full disk"));
        assert!(message.contains("disk"), "{message}");
        disk.grow("64m");
        scenario.assert_survives(&data, "on a full disk");
    }
}

#[test]
fn a_read_only_folder_is_named_and_left_alone() {
    let scenario = Scenario::new(Kind::Rebuild);
    let dir = tempfile::tempdir().unwrap();
    let Some((folder, data)) = ReadOnly::folder(dir.path(), |data| state::copy(&scenario.new_data(), data)) else {
        return;
    };
    let before = state::files(&data);
    let letter = fixtures("letters").join("2023-thornwick-full.pdf");
    let to = data.join("out");
    for arguments in [
        vec!["ingest", letter.to_str().unwrap()],
        vec!["rebuild", "--from", "code"],
        vec!["update"],
        vec!["export", "--to", to.to_str().unwrap()],
    ] {
        let message =
            assert_refused(&scenario.program(&data).args(&arguments).output().unwrap(), &format!("{arguments:?}"));
        let place = data.parent().unwrap().to_str().unwrap();
        assert!(message.contains(place) && message.contains("write"), "{arguments:?}: {message}");
    }
    for question in ["letters", "check"] {
        let output = scenario.program(&data).arg(question).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{question} only reads: {}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(state::files(&data), before);
    folder.release();
    scenario.assert_survives(&data, "in a folder that could not be written");
}

#[test]
fn a_writer_waits_for_a_locked_database_and_readers_do_not() {
    let scenario = Scenario::new(Kind::Rebuild);
    let data = scenario.new_data();
    let holder = Connection::open(data.join("sendlens.sqlite")).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut waiting = scenario.command(&data).spawn().unwrap();
    let letters = json(&scenario.program(&data).args(["letters", "--format", "json"]).output().unwrap(), 0);
    assert!(letters.as_array().unwrap().len() >= 4, "readers do not wait for a writer");
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(waiting.try_wait().unwrap(), None, "the writer waits");
    drop(holder);
    assert_eq!(waiting.wait().unwrap().code(), Some(0));
    scenario.assert_survives(&data, "while another process held the database");
}

pub fn assert_a_lock_held_too_long_is_reported(lock_wait: Duration) {
    let scenario = Scenario::new(Kind::Review);
    let data = scenario.new_data();
    let holder = Connection::open(data.join("sendlens.sqlite")).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let begun = std::time::Instant::now();
    let message = assert_refused(&scenario.command(&data).output().unwrap(), "a locked database");
    assert!(begun.elapsed() >= lock_wait.mul_f64(0.8), "{:?}", begun.elapsed());
    assert!(message.contains("another sendlens is writing"), "{message}");
    drop(holder);
    scenario.assert_survives(&data, "after a lock that was held too long");
}

#[test]
fn a_database_that_cannot_be_read_is_left_alone_and_can_be_made_again_from_the_archive() {
    let scenario = Scenario::new(Kind::Export);
    let ask = |data: &Path| scenario.program(data).args(["findings", "--format", "json"]).output().unwrap();
    let expected = findings(&stdout(&ask(&scenario.new_data()), 0));
    for (damage, bytes) in [
        ("noise", vec![0xA5; 9_000]),
        ("cut", database_bytes(&scenario)[..5_000].to_vec()),
        ("a hole", {
            let mut bytes = database_bytes(&scenario);
            let end = bytes.len() - 4096;
            bytes[8192..end].fill(0);
            bytes
        }),
    ] {
        let data = scenario.new_data();
        let file = data.join("sendlens.sqlite");
        fs::write(&file, &bytes).unwrap();
        for arguments in [vec!["findings"], vec!["check"], vec!["rebuild", "--from", "code"]] {
            let output = scenario.program(&data).args(&arguments).output().unwrap();
            // Damage in the middle is found by `check`, or by a question that reads it.
            if arguments[0] == "check" && output.status.code() == Some(2) {
                assert!(String::from_utf8_lossy(&output.stdout).contains("database"), "{damage}");
                continue;
            }
            let message = assert_refused(&output, &format!("{damage}: {arguments:?}"));
            assert!(message.contains("sendlens.sqlite") || message.contains("damaged"), "{damage}: {message}");
        }
        fs::rename(&file, data.join("damaged.sqlite")).unwrap();
        stdout(&scenario.program(&data).arg("ingest").arg(data.join("archive")).output().unwrap(), 0);
        assert_eq!(findings(&stdout(&ask(&data), 0)), expected, "{damage}");
    }
}

fn database_bytes(scenario: &Scenario) -> Vec<u8> {
    fs::read(scenario.new_data().join("sendlens.sqlite")).unwrap()
}

/// Ids, quotes and codes of an answer.
fn findings(answer: &str) -> Vec<(String, String, String)> {
    let rows: Vec<serde_json::Value> = serde_json::from_str(answer).unwrap();
    let rows = rows.iter().map(|row| (row["id"].to_string(), row["text"].to_string(), row["themes"].to_string()));
    let rows: Vec<_> = rows.collect();
    assert!(rows.len() > 20);
    rows
}

#[test]
fn a_document_that_was_cut_short_fails_alone_and_is_replaced_by_the_whole_one() {
    let dir = tempfile::tempdir().unwrap();
    let letters = dir.path().join("letters");
    fs::create_dir(&letters).unwrap();
    let names = ["2016-thornwick-outcome.pdf", "2024-fenbridge-full.pdf"];
    let originals = names.map(|name| fs::read(fixtures("letters").join(name)).unwrap());
    for (name, bytes) in names.iter().zip(&originals) {
        fs::write(letters.join(name), bytes).unwrap();
    }
    let (data, undisturbed) = (dir.path().join("data"), dir.path().join("undisturbed"));
    let ingest = |data: &Path, code| stdout(&sendlens(data).arg("ingest").arg(&letters).output().unwrap(), code);
    let ask =
        |data: &Path| findings(&stdout(&sendlens(data).args(["findings", "--format", "json"]).output().unwrap(), 0));
    ingest(&undisturbed, 0);
    for length in [0, 1, 700, originals[1].len() / 2] {
        fs::write(letters.join(names[1]), &originals[1][..length]).unwrap();
        ingest(&data, 2);
        let stored = json(&sendlens(&data).args(["letters", "--format", "json"]).output().unwrap(), 0);
        assert_eq!(
            stored.as_array().unwrap().len(),
            1,
            "only the whole letter is stored, not the one of {length} bytes"
        );
    }
    fs::write(letters.join(names[1]), &originals[1]).unwrap();
    ingest(&data, 0);
    assert_eq!(ask(&data), ask(&undisturbed));
    // A copy that is cut short takes nothing away from the whole one.
    fs::write(letters.join(names[1]), &originals[1][..900]).unwrap();
    ingest(&data, 2);
    assert_eq!(ask(&data), ask(&undisturbed));
}

#[test]
fn a_document_without_permission_fails_alone() {
    let dir = tempfile::tempdir().unwrap();
    let letters = dir.path().join("letters");
    state::copy(&fixtures("letters/parts"), &letters);
    for name in ["2016-thornwick-outcome.pdf", "2024-fenbridge-full.pdf"] {
        fs::copy(fixtures("letters").join(name), letters.join(name)).unwrap();
    }
    let closed = letters.join("2024-fenbridge-full.pdf");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&closed).is_ok() {
        println!("skipped: root may read everything");
        return;
    }
    let data = dir.path().join("data");
    let report = json(&sendlens(&data).args(["ingest", "--format", "json"]).arg(&letters).output().unwrap(), 2);
    assert_eq!((&report["stored"], &report["failed"]), (&1.into(), &1.into()));
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o644)).unwrap();
    let report = json(&sendlens(&data).args(["ingest", "--format", "json"]).arg(&letters).output().unwrap(), 0);
    assert_eq!((&report["stored"], &report["unchanged"]), (&1.into(), &1.into()));
}
