//! Files made to hurt end within ten seconds and 600 MiB, with text or one clear error, on a thread's default stack.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "extract/hostile.rs"]
mod hostile;
#[path = "extract/wrap.rs"]
mod wrap;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sendlens::extract::{Limits, extract};

const LONGEST: Duration = Duration::from_secs(10);
const MOST_KIB: u64 = 600 * 1024;

/// Not a test of its own: reads the file that the variable names in a process of its own, whose memory can be told.
#[test]
#[ignore = "started by the other tests, one process for each file"]
fn reads_one_file() {
    let file = std::env::var("SENDLENS_HOSTILE_FILE").unwrap();
    let bytes = std::fs::read(file).unwrap();
    let outcome = match extract(&bytes, &Limits::default()) {
        Ok(text) => format!("text, {} blocks", text.blocks.len()),
        Err(error) => format!("{}: {error}", error.code()),
    };
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    println!("outcome={outcome}");
    println!("peak={}", peak.trim().trim_end_matches("kB").trim());
}

/// Reads a file in a process of its own; gives the outcome and the peak of its memory in KiB.
fn read_apart(path: &Path) -> (String, u64) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["reads_one_file", "--exact", "--ignored", "--nocapture"])
        .env("SENDLENS_HOSTILE_FILE", path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if started.elapsed() > LONGEST {
            child.kill().unwrap();
            child.wait().unwrap();
            return ("took longer than ten seconds".to_owned(), 0);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let value = |key: &str| printed.lines().find_map(|line| Some(line.split_once(key)?.1.to_owned()));
    match (value("outcome="), value("peak=")) {
        (Some(outcome), Some(peak)) => (outcome, peak.parse().unwrap()),
        _ => (format!("died: {}", output.status), 0),
    }
}

#[test]
fn every_hostile_file_ends_in_time_and_memory() {
    let directory = tempfile::tempdir().unwrap();
    let mut failures = Vec::new();
    for (name, bytes) in hostile::files() {
        let path = directory.path().join("file.pdf");
        std::fs::write(&path, bytes).unwrap();
        let started = Instant::now();
        let (outcome, peak) = read_apart(&path);
        println!("{name}: {outcome} ({} MiB, {:.1} s)", peak / 1024, started.elapsed().as_secs_f32());
        let clear = outcome.starts_with("text") || outcome.contains(": ") && !outcome.starts_with("died");
        if !clear || outcome.starts_with("internal") || peak > MOST_KIB {
            failures.push(format!("{name}: {outcome} ({} MiB)", peak / 1024));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}
