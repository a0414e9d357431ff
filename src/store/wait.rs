//! Waits for another process that writes, and counts how long that took.
//!
//! With a write-ahead log, readers never wait for the writer, but writers wait for each other. The waits are counted so that
//! tests can check this.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Pauses between two tries, in milliseconds; the last is repeated.
const PAUSES_MS: [u64; 9] = [1, 2, 5, 10, 15, 20, 25, 50, 100];
/// How long to wait in all, in milliseconds.
const TIMEOUT_MS: u64 = 30_000;

static COUNT: AtomicU64 = AtomicU64::new(0);
static LONGEST: AtomicU64 = AtomicU64::new(0);

/// How long all connections of this process have waited for locks so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockWaits {
    /// How often one had to wait.
    pub count: u64,
    /// The longest that one waited.
    pub longest: Duration,
}

/// How often, and how long at most, connections of this process waited for locks.
#[must_use]
pub fn lock_waits() -> LockWaits {
    LockWaits { count: COUNT.load(Ordering::Relaxed), longest: Duration::from_millis(LONGEST.load(Ordering::Relaxed)) }
}

/// SQLite's busy handler: pauses before the next try, and returns false once the time is up.
pub(super) fn pause(tries: i32) -> bool {
    let tries = usize::try_from(tries).unwrap_or(0);
    let last = PAUSES_MS[PAUSES_MS.len() - 1];
    let waited: u64 = PAUSES_MS.iter().take(tries).sum::<u64>() + last * tries.saturating_sub(PAUSES_MS.len()) as u64;
    if waited >= TIMEOUT_MS {
        return false;
    }
    let pause = PAUSES_MS.get(tries).copied().unwrap_or(last);
    std::thread::sleep(Duration::from_millis(pause));
    if tries == 0 {
        COUNT.fetch_add(1, Ordering::Relaxed);
    }
    LONGEST.fetch_max(waited + pause, Ordering::Relaxed);
    true
}
