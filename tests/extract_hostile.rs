//! Hostile files end within ten seconds and 600 MiB, with text or one clear error, on a thread's default stack.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "extract/hostile.rs"]
mod hostile;
#[path = "extract/wrap.rs"]
mod wrap;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sendlens::extract::{Limits, extract};

/// Of processor time, so that a busy machine makes no file look slow.
const MAX_TIME: Duration = Duration::from_secs(10);
/// After this time the reader counts as hanging.
const HANG_TIMEOUT: Duration = Duration::from_secs(120);
const MAX_KIB: u64 = 600 * 1024;

/// Not a test by itself: reads the file that `SENDLENS_HOSTILE_FILE` names, in a process whose memory can be measured.
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
    println!("time={}", processor_time().as_millis());
    println!("peak={}", peak.trim().trim_end_matches("kB").trim());
}

/// The processor time of this process: the 14th and 15th field of its state, in hundredths of a second.
fn processor_time() -> Duration {
    let state = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = state.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// How reading a file in a process of its own ended.
struct Reading {
    outcome: String,
    peak_kib: u64,
    time: Duration,
}

fn read_in_own_process(path: &Path) -> Reading {
    let failed = |outcome: String| Reading { outcome, peak_kib: 0, time: Duration::ZERO };
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["reads_one_file", "--exact", "--ignored", "--nocapture"])
        .env("SENDLENS_HOSTILE_FILE", path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if started.elapsed() > HANG_TIMEOUT {
            child.kill().unwrap();
            child.wait().unwrap();
            return failed("died: it hung".to_owned());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let value = |key: &str| printed.lines().find_map(|line| Some(line.split_once(key)?.1.to_owned()));
    match (value("outcome="), value("peak="), value("time=")) {
        (Some(outcome), Some(peak), Some(time)) => {
            let time = Duration::from_millis(time.parse().unwrap());
            Reading { outcome, peak_kib: peak.parse().unwrap(), time }
        }
        _ => failed(format!("died: {}", output.status)),
    }
}

#[test]
fn every_hostile_file_ends_within_time_and_memory() {
    let directory = tempfile::tempdir().unwrap();
    let mut failures = Vec::new();
    for (name, bytes) in hostile::files() {
        let path = directory.path().join("file.pdf");
        std::fs::write(&path, bytes).unwrap();
        let Reading { outcome, peak_kib, time } = read_in_own_process(&path);
        let line = format!("{name}: {outcome} ({} MiB, {:.2} s)", peak_kib / 1024, time.as_secs_f32());
        println!("{line}");
        let clear = outcome.starts_with("text") || outcome.contains(": ") && !outcome.starts_with("died");
        if !clear || outcome.starts_with("internal") || peak_kib > MAX_KIB || time > MAX_TIME {
            failures.push(line);
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}
