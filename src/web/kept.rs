//! Answers that were given, kept so that they can be given again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

/// Answers are kept up to this many bytes together.
const ROOM: usize = 96 << 20;
/// A larger answer is not kept.
pub const LARGEST: u64 = 4 << 20;

/// An answer as it was given.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its entity tag.
    pub tag: String,
    /// When it was made.
    pub made: Instant,
    /// Its head.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        (self.headers, Body::from(self.body)).into_response()
    }
}

/// The answers by address, and who is making which.
#[derive(Debug, Default)]
pub struct Kept {
    held: Mutex<Held>,
    making: Mutex<BTreeMap<String, Arc<Turn<()>>>>,
}

#[derive(Debug, Default)]
struct Held {
    answers: BTreeMap<String, (u64, Answer)>,
    /// Addresses by when they were last asked for, the longest ago first.
    order: BTreeMap<u64, String>,
    asked: u64,
    bytes: usize,
}

impl Kept {
    /// The answer that was last given at an address, whatever the state of the dataset was.
    pub fn get(&self, key: &str) -> Option<Answer> {
        let mut held = lock(&self.held);
        let held = &mut *held;
        let (asked, answer) = held.answers.get_mut(key)?;
        held.order.remove(asked);
        held.asked += 1;
        *asked = held.asked;
        held.order.insert(*asked, key.to_owned());
        Some(answer.clone())
    }

    /// Keeps an answer; those not asked for the longest go where room is short.
    pub fn put(&self, key: String, answer: Answer) {
        let mut held = lock(&self.held);
        let held = &mut *held;
        held.asked += 1;
        held.bytes += answer.body.len();
        held.order.insert(held.asked, key.clone());
        if let Some((asked, old)) = held.answers.insert(key, (held.asked, answer)) {
            held.order.remove(&asked);
            held.bytes -= old.body.len();
        }
        while held.bytes > ROOM {
            let Some((_, oldest)) = held.order.pop_first() else { break };
            if let Some((_, old)) = held.answers.remove(&oldest) {
                held.bytes -= old.body.len();
            }
        }
    }

    /// Waits until nobody else makes the answer of this address.
    pub async fn turn(self: &Arc<Self>, key: &str) -> Making {
        let turn = Arc::clone(lock(&self.making).entry(key.to_owned()).or_default());
        self.making(key, turn.lock_owned().await)
    }

    /// The same without waiting; nothing where somebody else makes it.
    pub fn free_turn(self: &Arc<Self>, key: &str) -> Option<Making> {
        let turn = Arc::clone(lock(&self.making).entry(key.to_owned()).or_default());
        turn.try_lock_owned().ok().map(|turn| self.making(key, turn))
    }

    fn making(self: &Arc<Self>, key: &str, turn: OwnedMutexGuard<()>) -> Making {
        Making { kept: Arc::clone(self), key: key.to_owned(), _turn: turn }
    }
}

/// The turn to make an answer; the next in line has it when this is dropped.
#[derive(Debug)]
pub struct Making {
    kept: Arc<Kept>,
    key: String,
    _turn: OwnedMutexGuard<()>,
}

impl Drop for Making {
    fn drop(&mut self) {
        let mut making = lock(&self.kept.making);
        // Held by the map and by this turn: nobody waits for it.
        if making.get(&self.key).is_some_and(|turn| Arc::strong_count(turn) == 2) {
            making.remove(&self.key);
        }
    }
}

fn lock<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(size: usize) -> Answer {
        Answer { tag: String::new(), made: Instant::now(), headers: HeaderMap::new(), body: vec![0; size].into() }
    }

    #[test]
    fn the_answers_not_asked_for_the_longest_go_when_room_is_short() {
        let kept = Kept::default();
        for key in ["a", "b", "c"] {
            kept.put(key.to_owned(), answer(ROOM / 3));
        }
        assert!(kept.get("a").is_some(), "all have room, and this one was asked for last");
        kept.put("d".to_owned(), answer(ROOM / 3));
        assert_eq!(["a", "b", "c", "d"].map(|key| kept.get(key).is_some()), [true, false, true, true]);
        kept.put("a".to_owned(), answer(1));
        kept.put("e".to_owned(), answer(ROOM / 3 - 1));
        assert!(
            ["a", "c", "d", "e"].iter().all(|key| kept.get(key).is_some()),
            "an answer takes the place of its last"
        );
    }

    #[tokio::test]
    async fn one_makes_an_answer_and_the_others_wait() {
        let kept = Arc::new(Kept::default());
        let first = kept.turn("a").await;
        assert!(kept.free_turn("a").is_none() && kept.free_turn("b").is_some());
        let waiting = tokio::spawn({
            let kept = Arc::clone(&kept);
            async move { drop(kept.turn("a").await) }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(first);
        waiting.await.unwrap();
        assert!(lock(&kept.making).is_empty(), "nothing is left behind");
    }
}
