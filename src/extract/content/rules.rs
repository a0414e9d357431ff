//! What paths draw that says something of the text: lines that may separate the cells of a table, and dots that may be
//! the bullets of a list. All other drawing is passed over.

use std::ops::RangeInclusive;

use super::state::Matrix;
use super::{Dot, Rule, Shown};
use crate::extract::error::Result;
use crate::extract::limits::Budget;

/// A filled area no wider than this is a line, in points.
const MAX_WIDTH_POINTS: f32 = 3.0;
/// Horizontal and vertical lines may slope by this much, in points.
const MAX_LEAN_POINTS: f32 = 0.5;
/// Lines shorter than this separate nothing, in points: dotted lines are made of such pieces.
const MIN_LENGTH_POINTS: f32 = 0.4;
/// A path of more lines is a picture.
const MAX_LINES_OF_PATH: usize = 400;
/// A page of more lines holds a picture, and none of them is taken for the border of a table.
const MAX_LINES_OF_PAGE: usize = 6_000;

/// How wide and how high a bullet is, in points.
const DOT_POINTS: RangeInclusive<f32> = 1.8..=8.0;
/// A page of more dots is patterned.
const MAX_DOTS_OF_PAGE: usize = 400;

type Point = [f32; 2];

/// The path under construction.
#[derive(Default)]
pub(super) struct Path {
    lines: Vec<(Point, Point)>,
    /// The lower left and the upper right corner of each part.
    parts: Vec<(Point, Point)>,
    start: Point,
    at: Point,
    is_curved: bool,
    /// Too long to be looked at.
    is_picture: bool,
}

impl Path {
    fn move_to(&mut self, [x, y]: [f64; 2]) {
        self.at = [x as f32, y as f32];
        self.start = self.at;
        self.is_picture |= self.parts.len() >= MAX_LINES_OF_PATH;
        if !self.is_picture {
            self.parts.push((self.at, self.at));
        }
    }

    fn line_to(&mut self, [x, y]: [f64; 2]) {
        let to = [x as f32, y as f32];
        self.line(to);
        self.extend(to);
    }

    fn curve_to(&mut self, [x, y]: [f64; 2]) {
        self.is_curved = true;
        self.at = [x as f32, y as f32];
        self.extend(self.at);
    }

    fn extend(&mut self, to: Point) {
        if let Some((low, high)) = self.parts.last_mut() {
            *low = [low[0].min(to[0]), low[1].min(to[1])];
            *high = [high[0].max(to[0]), high[1].max(to[1])];
        }
    }

    fn close(&mut self) {
        self.line(self.start);
    }

    fn rectangle(&mut self, [x, y, width, height]: [f64; 4], to_page: &Matrix) {
        self.move_to(to_page.apply(x, y));
        self.line_to(to_page.apply(x + width, y));
        self.line_to(to_page.apply(x + width, y + height));
        self.line_to(to_page.apply(x, y + height));
        self.close();
    }

    fn line(&mut self, to: Point) {
        self.is_picture |= self.lines.len() >= MAX_LINES_OF_PATH;
        if !self.is_picture {
            self.lines.push((self.at, to));
        }
        self.at = to;
    }

    fn clear(&mut self) {
        self.lines.clear();
        self.parts.clear();
        (self.is_curved, self.is_picture) = (false, false);
    }
}

/// What one page draws.
pub(super) struct Drawing {
    /// The page's index, from 0.
    page: u32,
    /// The path under construction; a form has its own.
    pub(super) path: Path,
    /// How many lines and dots of the page were noted.
    rules: usize,
    dots: usize,
}

impl Drawing {
    pub(super) fn new(page: u32) -> Self {
        Self { page, path: Path::default(), rules: 0, dots: 0 }
    }

    /// Whether the page holds so many lines that they are a picture.
    pub(super) fn is_picture(&self) -> bool {
        self.rules >= MAX_LINES_OF_PAGE
    }

    /// Runs an operator that makes a path or ends it.
    pub(super) fn run(
        &mut self,
        operator: &[u8],
        [a, b, c, d, e, f]: [f64; 6],
        to_page: &Matrix,
        shown: &mut Shown,
        budget: &Budget,
    ) -> Result<()> {
        match operator {
            b"re" => self.path.rectangle([a, b, c, d], to_page),
            b"m" => self.path.move_to(to_page.apply(a, b)),
            b"l" => self.path.line_to(to_page.apply(a, b)),
            b"c" => self.path.curve_to(to_page.apply(e, f)),
            b"v" | b"y" => self.path.curve_to(to_page.apply(c, d)),
            b"h" => self.path.close(),
            b"f" | b"F" | b"f*" => self.end_path((false, true), shown, budget)?,
            b"S" => self.end_path((true, false), shown, budget)?,
            b"B" | b"B*" => self.end_path((true, true), shown, budget)?,
            b"s" | b"b" | b"b*" => {
                self.path.close();
                self.end_path((true, operator != b"s"), shown, budget)?;
            }
            _ => self.end_path((false, false), shown, budget)?,
        }
        Ok(())
    }

    /// Ends the path; what was stroked or filled of it is noted where it is a horizontal or vertical line.
    fn end_path(&mut self, (is_stroked, is_filled): (bool, bool), shown: &mut Shown, budget: &Budget) -> Result<()> {
        if !self.path.is_picture {
            let is_curved = self.path.is_curved;
            let stroked = self.path.lines.iter().filter(|_| is_stroked && !is_curved).copied();
            let areas = self.path.parts.iter().filter(|_| is_filled && !is_curved);
            let filled = areas.filter_map(|&part| middle_line(part));
            let before = shown.rules.len();
            for (a, b) in stroked.chain(filled) {
                let from = [a[0].min(b[0]), a[1].min(b[1])];
                let to = [a[0].max(b[0]), a[1].max(b[1])];
                let (width, height) = (to[0] - from[0], to[1] - from[1]);
                let is_line = width.min(height) <= MAX_LEAN_POINTS && width.max(height) >= MIN_LENGTH_POINTS;
                if is_line && self.rules < MAX_LINES_OF_PAGE {
                    self.rules += 1;
                    shown.rules.push(Rule { page: self.page, from, to });
                }
            }
            if let [part] = self.path.parts[..]
                && (is_filled || is_stroked && is_curved)
                && self.dots < MAX_DOTS_OF_PAGE
                && let Some(at) = dot(part)
            {
                self.dots += 1;
                shown.dots.push(Dot { page: self.page, at });
            }
            let noted = shown.rules.len() - before;
            budget.hold((noted * size_of::<Rule>()) as u64)?;
        }
        self.path.clear();
        Ok(())
    }
}

/// The line along the middle of a thin area.
fn middle_line((low, high): (Point, Point)) -> Option<(Point, Point)> {
    let (width, height) = (high[0] - low[0], high[1] - low[1]);
    if width.min(height) > MAX_WIDTH_POINTS {
        return None;
    }
    let (x, y) = ((low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0);
    Some(if width > height { ([low[0], y], [high[0], y]) } else { ([x, low[1]], [x, high[1]]) })
}

/// The middle of an area as large as a bullet, and as high as wide.
fn dot((low, high): (Point, Point)) -> Option<Point> {
    let (width, height) = (high[0] - low[0], high[1] - low[1]);
    let is_dot = DOT_POINTS.contains(&width) && DOT_POINTS.contains(&height) && (width - height).abs() < 0.3 * width;
    is_dot.then_some([(low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0])
}
