//! Matrices and the part of the graphics state that text needs.

use std::rc::Rc;

use crate::extract::font::Font;

/// `[a b c d e f]` as PDF writes it: x' = ax + cy + e, y' = bx + dy + f.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Matrix(pub(super) [f64; 6]);

impl Matrix {
    pub(super) const IDENTITY: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    /// This matrix first, then the other.
    pub(super) fn then(&self, other: &Self) -> Self {
        let ([a, b, c, d, e, f], [oa, ob, oc, od, oe, of]) = (self.0, other.0);
        Self([
            a * oa + b * oc,
            a * ob + b * od,
            c * oa + d * oc,
            c * ob + d * od,
            e * oa + f * oc + oe,
            e * ob + f * od + of,
        ])
    }

    pub(super) fn apply(&self, x: f64, y: f64) -> [f64; 2] {
        let [a, b, c, d, e, f] = self.0;
        [a * x + c * y + e, b * x + d * y + f]
    }

    /// Moves the origin by so much in its own units.
    pub(super) fn shift(&mut self, x: f64, y: f64) {
        let [e, f] = self.apply(x, y);
        self.0[4] = e;
        self.0[5] = f;
    }

    /// How much longer the vertical unit becomes.
    pub(super) fn vertical_scale(&self) -> f64 {
        self.0[2].hypot(self.0[3])
    }
}

#[derive(Clone)]
pub(super) struct State {
    pub(super) ctm: Matrix,
    pub(super) font: Option<Rc<Font>>,
    pub(super) size: f64,
    pub(super) char_spacing: f64,
    pub(super) word_spacing: f64,
    pub(super) stretch: f64,
    pub(super) leading: f64,
    pub(super) rise: f64,
    pub(super) render: i64,
}

impl State {
    pub(super) fn new(ctm: Matrix) -> Self {
        Self {
            ctm,
            font: None,
            size: 0.0,
            char_spacing: 0.0,
            word_spacing: 0.0,
            stretch: 1.0,
            leading: 0.0,
            rise: 0.0,
            render: 0,
        }
    }
}

/// A stack that never holds more than so many values but keeps count of those it had to leave out.
pub(super) struct BoundedStack<T> {
    items: Vec<T>,
    left_out: usize,
}

/// Far deeper than any honest file nests.
const MAX_DEPTH: usize = 512;

impl<T> BoundedStack<T> {
    pub(super) fn new() -> Self {
        Self { items: Vec::new(), left_out: 0 }
    }

    pub(super) fn push(&mut self, item: T) {
        if self.items.len() < MAX_DEPTH { self.items.push(item) } else { self.left_out += 1 }
    }

    pub(super) fn pop(&mut self) -> Option<T> {
        if self.left_out > 0 {
            self.left_out -= 1;
            return None;
        }
        self.items.pop()
    }

    pub(super) fn last(&self) -> Option<&T> {
        self.items.last()
    }
}
