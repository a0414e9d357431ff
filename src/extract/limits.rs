//! Bounds on what one document may cost, and the account that is kept while it is read.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::error::{ExtractError, Result};

/// Bounds on what reading one document may cost. Passing one is an error that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Size of the file, in bytes.
    pub file_bytes: u64,
    /// What one compressed stream may inflate to, in bytes.
    pub stream_bytes: u64,
    /// What all streams of a document together may inflate to, in bytes.
    pub document_bytes: u64,
    /// What all streams of objects, which are inflated and parsed before the first page is read, may inflate to, in bytes.
    /// Each gets an equal share. A report of 20 pages needs some 0.1 MB.
    pub object_stream_bytes: u64,
    /// How many operands one operator may have.
    pub operands: u32,
    /// How deep structure elements may nest.
    pub structure_depth: u32,
    /// How many structure elements there may be.
    pub structure_elements: u64,
    /// How many operators all pages together may hold.
    pub operators: u64,
    /// How many separately placed pieces of text there may be.
    pub text_pieces: u64,
    /// How long the text of all pages together may be, in bytes.
    pub text_bytes: u64,
    /// How many pages there may be.
    pub pages: u32,
    /// How long reading may take.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 256 << 20,
            stream_bytes: 48 << 20,
            document_bytes: 160 << 20,
            object_stream_bytes: 6 << 20,
            operands: 1_000_000,
            structure_depth: 500,
            structure_elements: 1_000_000,
            operators: 20_000_000,
            text_pieces: 400_000,
            text_bytes: 24 << 20,
            pages: 5_000,
            time: Duration::from_secs(8),
        }
    }
}

/// The running account of one document against its [`Limits`].
pub(super) struct Budget {
    pub(super) limits: Limits,
    inflated: Cell<u64>,
    operators: Cell<u64>,
    pieces: Cell<u64>,
    text: Cell<u64>,
    elements: Cell<u64>,
    steps: Cell<u64>,
    started: Instant,
}

/// Steps between two looks at the clock.
const STEPS_PER_LOOK: u64 = 1024;

impl Budget {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            limits: limits.clone(),
            inflated: Cell::new(0),
            operators: Cell::new(0),
            pieces: Cell::new(0),
            text: Cell::new(0),
            elements: Cell::new(0),
            steps: Cell::new(0),
            started: Instant::now(),
        }
    }

    /// One unit of work: the clock is looked at now and then.
    #[inline]
    pub(super) fn step(&self) -> Result<()> {
        let steps = self.steps.get() + 1;
        self.steps.set(steps);
        if steps.is_multiple_of(STEPS_PER_LOOK) { self.look() } else { Ok(()) }
    }

    /// Work that took time in proportion to so many bytes.
    pub(super) fn scanned(&self, bytes: usize) -> Result<()> {
        let before = self.steps.get();
        let after = before + 1 + (bytes as u64) / 256;
        self.steps.set(after);
        if before / STEPS_PER_LOOK == after / STEPS_PER_LOOK { Ok(()) } else { self.look() }
    }

    fn look(&self) -> Result<()> {
        if self.time_left().is_zero() { Err(self.no_time()) } else { Ok(()) }
    }

    pub(super) fn time_left(&self) -> Duration {
        self.limits.time.saturating_sub(self.started.elapsed())
    }

    /// The error for a document that takes too long.
    pub(super) fn no_time(&self) -> ExtractError {
        ExtractError::Limit { what: "time in milliseconds", limit: self.limits.time.as_millis() as u64 }
    }

    /// Bytes that the document makes us hold beyond its own.
    pub(super) fn hold(&self, bytes: u64) -> Result<()> {
        count(&self.inflated, bytes, self.limits.document_bytes, "inflated bytes of a document")
    }

    /// Runs what was counted before: its operators, and the bytes that its streams inflate to, count by themselves.
    pub(super) fn again<T>(&self, run: impl FnOnce() -> Result<T>) -> Result<T> {
        let (operators, inflated) = (self.operators.replace(0), self.inflated.replace(0));
        let outcome = run();
        self.operators.set(operators);
        self.inflated.set(inflated);
        outcome
    }

    /// What may still be inflated for one stream.
    pub(super) fn room(&self) -> u64 {
        self.limits.stream_bytes.min(self.limits.document_bytes.saturating_sub(self.inflated.get()))
    }

    /// The error for a stream that needs more than [`room`](Self::room).
    pub(super) fn no_room(&self) -> ExtractError {
        if self.room() < self.limits.stream_bytes {
            ExtractError::Limit { what: "inflated bytes of a document", limit: self.limits.document_bytes }
        } else {
            ExtractError::Limit { what: "inflated bytes of a stream", limit: self.limits.stream_bytes }
        }
    }

    #[inline]
    pub(super) fn operator(&self) -> Result<()> {
        self.step()?;
        count(&self.operators, 1, self.limits.operators, "operators")
    }

    pub(super) fn piece(&self) -> Result<()> {
        count(&self.pieces, 1, self.limits.text_pieces, "pieces of text")
    }

    /// Bytes of text that were shown.
    pub(super) fn text(&self, bytes: usize) -> Result<()> {
        count(&self.text, bytes as u64, self.limits.text_bytes, "bytes of text")
    }

    pub(super) fn element(&self) -> Result<()> {
        self.step()?;
        count(&self.elements, 1, self.limits.structure_elements, "structure elements")
    }
}

#[inline]
fn count(so_far: &Cell<u64>, more: u64, limit: u64, what: &'static str) -> Result<()> {
    let now = so_far.get().saturating_add(more);
    so_far.set(now);
    if now > limit { Err(ExtractError::Limit { what, limit }) } else { Ok(()) }
}
