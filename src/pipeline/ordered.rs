//! Work in parallel, results in order: many readers, one writer, and a bounded distance between them.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::channel;
use std::sync::{Mutex, PoisonError};

/// Items that may be begun before the writer has written the first of them, for each thread that works. Many, so that
/// one item that takes long does not leave the other threads idle; bounded, as their results wait in memory.
const AHEAD_PER_THREAD: usize = 16;

/// The threads could not be started.
#[derive(Debug, thiserror::Error)]
#[error("cannot start {threads} threads: {source}; try a smaller --threads")]
pub struct ThreadsError {
    threads: usize,
    source: rayon::ThreadPoolBuildError,
}

/// Works on items in parallel and hands each result to `write` on this thread, in the order of the items, so that
/// threads cannot change what is written. Items are begun in their order too, none of them far ahead of the writer: so
/// memory does not grow with their number, and whatever ends the work early leaves little undone that was begun. Each
/// thread makes itself a `state` first. The first error of `write` ends everything.
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
    // Whoever draws a number works on that item; one more is given out for each that was written.
    let (numbers, drawn) = channel();
    let drawn = Mutex::new(drawn);
    let (results, finished) = channel();
    let (state, work, drawn) = (&state, &work, &drawn);
    pool.in_place_scope(|workers| {
        // Whatever ends the writing below drops its ends of both channels, and with them the workers end.
        let (numbers, finished) = (numbers, finished);
        workers.spawn_broadcast(move |_, _| {
            let draw = || drawn.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let mut state = state();
            while let Ok(number) = draw() {
                let result = catch_unwind(AssertUnwindSafe(|| work(&mut state, &items[number])));
                if results.send((number, result)).is_err() {
                    break;
                }
            }
        });
        let mut unbegun = 0..items.len();
        for number in unbegun.by_ref().take(threads.max(1) * AHEAD_PER_THREAD) {
            // Fails only where no thread is left, and then nothing is awaited.
            _ = numbers.send(number);
        }
        let mut early = BTreeMap::new();
        for (number, item) in items.iter().enumerate() {
            let result = loop {
                if let Some(result) = early.remove(&number) {
                    break result;
                }
                match finished.recv() {
                    Ok((number, result)) => early.insert(number, result),
                    // No thread is left: one panicked as it began, and that is reported where the scope ends.
                    Err(_) => return Ok(()),
                };
            };
            write(item, result.unwrap_or_else(|panic| resume_unwind(panic)))?;
            if let Some(number) = unbegun.next() {
                _ = numbers.send(number);
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

    #[test]
    fn items_are_begun_close_ahead_of_the_writer_and_a_slow_one_holds_up_few() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        let items: Vec<usize> = (0..2_000).collect();
        let written = AtomicUsize::new(0);
        let furthest = AtomicUsize::new(0);
        in_order::<_, _, _, Stop>(
            &items,
            4,
            || (),
            |(), number| {
                furthest.fetch_max(number - written.load(Ordering::SeqCst).min(*number), Ordering::SeqCst);
                if *number == 10 {
                    std::thread::sleep(std::time::Duration::from_millis(50));
                }
            },
            |number, ()| {
                written.store(number + 1, Ordering::SeqCst);
                Ok(())
            },
        )
        .unwrap();
        assert_eq!(written.into_inner(), items.len());
        // The writer gives a number out after it has written, and this counts before.
        assert!((1..=4 * AHEAD_PER_THREAD).contains(&furthest.into_inner()));
    }

    #[test]
    #[should_panic(expected = "the third")]
    fn a_panic_of_the_work_ends_it_and_is_told() {
        let items: Vec<u64> = (0..10_000).collect();
        let panics = |(): &mut (), number: &u64| assert!(*number != 3, "the third");
        _ = in_order::<_, _, _, Stop>(&items, 2, || (), panics, |_, ()| Ok(()));
    }

    #[test]
    fn no_items_are_no_work() {
        let none: [u64; 0] = [];
        in_order::<_, _, _, Stop>(&none, 2, || (), |(), n| *n, |_, _| Err(Stop)).unwrap();
    }
}
