//! Work in parallel, results in order: many readers, a bounded queue, one writer.

use std::collections::BTreeMap;
use std::sync::mpsc::sync_channel;

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

/// Results that may wait for the writer, for each thread that works.
const WAITING: usize = 4;

/// The threads could not be started.
#[derive(Debug, thiserror::Error)]
#[error("cannot start {threads} threads: {source}; try a smaller --threads")]
pub struct ThreadsError {
    threads: usize,
    source: rayon::ThreadPoolBuildError,
}

/// Works on items in parallel and hands each result to `write` on this thread, in the order of the items, so that
/// threads cannot change what is written. Each thread makes itself a `state` first. The first error of `write` ends
/// everything.
pub(super) fn in_order<T, S, R, E>(
    items: &[T],
    threads: usize,
    state: impl Fn() -> S + Sync + Send,
    work: impl Fn(&mut S, &T) -> R + Sync + Send,
    mut write: impl FnMut(&T, R) -> Result<(), E>,
) -> Result<(), E>
where
    T: Sync,
    R: Send,
    E: From<ThreadsError>,
{
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|source| ThreadsError { threads, source })?;
    let (sender, receiver) = sync_channel(threads * WAITING);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            pool.install(|| {
                // A send fails only when the writer has given up; then nobody waits for the rest.
                let _ = items.par_iter().with_max_len(1).enumerate().try_for_each_init(
                    || (sender.clone(), state()),
                    |(sender, state), (index, item)| sender.send((index, work(state, item))),
                );
            });
            drop(sender);
        });
        let receiver = receiver;
        let mut early = BTreeMap::new();
        let mut next = 0;
        for (index, result) in &receiver {
            early.insert(index, result);
            while let Some(result) = early.remove(&next) {
                write(&items[next], result)?;
                next += 1;
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Stop;

    impl From<ThreadsError> for Stop {
        fn from(_: ThreadsError) -> Self {
            Self
        }
    }

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<u64> = (0..200).collect();
        let mut seen = Vec::new();
        let slow_first = |_: &mut (), n: &u64| {
            std::thread::sleep(std::time::Duration::from_micros(if n.is_multiple_of(7) { 900 } else { 10 }));
            n * 2
        };
        in_order::<_, _, _, Stop>(
            &items,
            4,
            || (),
            slow_first,
            |_, doubled| {
                seen.push(doubled);
                Ok(())
            },
        )
        .unwrap();
        assert_eq!(seen, items.iter().map(|n| n * 2).collect::<Vec<_>>());
    }

    #[test]
    fn an_error_of_the_writer_ends_the_work() {
        let items: Vec<u64> = (0..10_000).collect();
        let mut written = 0;
        let result = in_order::<_, _, _, Stop>(
            &items,
            2,
            || (),
            |(), n| *n,
            |_, _| {
                written += 1;
                if written == 3 { Err(Stop) } else { Ok(()) }
            },
        );
        assert!(result.is_err());
        assert_eq!(written, 3);
    }
}
