//! The real program is killed at any moment, and meets faults of disks and files. Afterwards the dataset opens, nothing
//! recorded is lost, and the same command again gives what an undisturbed run gives.
//!
//! The short form runs with all tests. The long form kills each command `SENDLENS_CRASH_KILLS` times (200 by default), at
//! random moments spread over the measured time of a run. `SENDLENS_CRASH_SEED` is the seed of the random moments:
//! `cargo test --release --test crash -- --ignored --nocapture long`
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

#[path = "crash/faults.rs"]
mod faults;
#[path = "crash/scenario.rs"]
mod scenario;
#[path = "crash/state.rs"]
mod state;

use std::time::Duration;

use scenario::{Kind, Left, Scenario};

/// What the kills of one command met.
#[derive(Debug, Default)]
struct Tally {
    /// Runs that were killed while they worked.
    kills: usize,
    /// Runs that had ended before the kill.
    too_late: usize,
    /// Kills that left a run open in the database.
    midway: usize,
    /// Kills before the database existed.
    before: usize,
}

/// Kills a command `kills` times, each time at another moment, and verifies everything after each kill.
fn kill(kind: Kind, kills: usize, seed: u64) -> Tally {
    let scenario = Scenario::new(kind);
    let mut random = fastrand::Rng::with_seed(seed ^ kind as u64);
    let mut tally = Tally::default();
    let mut attempts = 0;
    while tally.kills < kills {
        assert!(attempts < kills * 5 + 20, "{kind:?}: runs end before they can be killed: {tally:?}");
        // One moment in each of as many slices as there are kills, so that they are spread.
        let slice = (attempts % kills) as f64 + random.f64();
        let after = scenario.run_time.mul_f64(slice / kills as f64);
        attempts += 1;
        let data = scenario.new_data();
        if !scenario.run_and_kill(&data, after) {
            tally.too_late += 1;
            continue;
        }
        tally.kills += 1;
        match scenario.assert_survives(&data, &format!("killed after {after:?}")) {
            Left::Nothing => tally.before += 1,
            Left::Midway => tally.midway += 1,
            Left::Whole => {}
        }
    }
    println!("{kind:?}: {tally:?}, time of a run {:?}", scenario.run_time);
    tally
}

fn from_environment(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn run_short(kind: Kind) {
    let seed = from_environment("SENDLENS_CRASH_SEED", 1);
    assert_eq!(kill(kind, 2, seed).kills, 2);
}

#[test]
fn a_killed_ingest_is_completed() {
    run_short(Kind::Ingest);
}

#[test]
fn a_killed_update_is_completed() {
    run_short(Kind::Update);
}

#[test]
fn a_killed_rebuild_from_the_bytes_is_completed() {
    run_short(Kind::Rebuild);
}

#[test]
fn a_killed_rebuild_with_another_codebook_is_completed() {
    run_short(Kind::Recode);
}

#[test]
fn a_killed_import_of_reviews_has_stored_all_or_none() {
    run_short(Kind::Review);
}

#[test]
fn a_killed_export_is_completed() {
    run_short(Kind::Export);
}

/// Makes as many kills as the environment asks for, shared among the `kinds` of the command.
fn run_long(kind: Kind, kinds: usize) {
    let seed = from_environment("SENDLENS_CRASH_SEED", 1);
    let kills = usize::try_from(from_environment("SENDLENS_CRASH_KILLS", 200)).unwrap().div_ceil(kinds);
    assert_eq!(kill(kind, kills, seed).kills, kills);
}

#[test]
#[ignore = "takes minutes"]
fn long_ingest() {
    run_long(Kind::Ingest, 1);
}

#[test]
#[ignore = "takes minutes"]
fn long_update() {
    run_long(Kind::Update, 1);
}

#[test]
#[ignore = "takes minutes"]
fn long_rebuild_from_the_bytes() {
    run_long(Kind::Rebuild, 2);
}

#[test]
#[ignore = "takes minutes"]
fn long_rebuild_with_another_codebook() {
    run_long(Kind::Recode, 2);
}

#[test]
#[ignore = "takes minutes"]
fn long_import_of_reviews() {
    run_long(Kind::Review, 1);
}

#[test]
#[ignore = "takes minutes"]
fn long_export() {
    run_long(Kind::Export, 1);
}

#[test]
#[ignore = "takes minutes"]
fn long_failing_writes() {
    let mut random = fastrand::Rng::with_seed(from_environment("SENDLENS_CRASH_SEED", 1));
    for kind in Kind::ALL {
        let refused = faults::failing_writes(kind, 40, &mut random);
        println!("{kind:?}: 40 runs with a limit on the size of files, {refused} of them refused");
    }
}

/// How long the program waits for a lock.
const LOCK_WAIT: Duration = Duration::from_secs(30);

#[test]
#[ignore = "waits as long as the program does"]
fn long_lock() {
    faults::assert_a_lock_held_too_long_is_reported(LOCK_WAIT);
}
