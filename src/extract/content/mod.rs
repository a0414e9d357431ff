//! The content interpreter: runs the operators of a page and notes every piece of text with its place, its style and
//! the marked content that it belongs to.

mod interpreter;
mod objects;
mod properties;
mod repaint;
mod rules;
mod show;
mod state;
mod strings;

use std::collections::HashMap;

pub(super) use self::strings::text_string;
use super::error::Result;
use super::limits::Budget;
use super::pdf::{Page, Pdf};

/// The marked content that a piece of text belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct MarkId(pub(super) u32);

impl MarkId {
    /// In no marked content that structure could refer to.
    pub(super) const NONE: Self = Self(0);
    /// In an artifact.
    pub(super) const ARTIFACT: Self = Self(1);
    const FIRST: u32 = 2;
}

/// What a structure element calls its marked content: the page's index, the form's object number (0 for the page's own
/// content) and the number in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct MarkKey {
    pub(super) page: u32,
    pub(super) form: u32,
    pub(super) mcid: u32,
}

/// A piece of text set in one style on one line without a gap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Span {
    /// The page's index, from 0.
    pub(super) page: u32,
    pub(super) mark: MarkId,
    /// Where its text lies in [`Shown::text`].
    pub(super) start: u32,
    pub(super) end: u32,
    /// Where its baseline starts and ends, in points from the page's lower left corner as displayed.
    pub(super) from: [f32; 2],
    pub(super) to: [f32; 2],
    /// In points as printed.
    pub(super) size: f32,
    pub(super) bold: bool,
}

/// A horizontal or vertical line on a page, as borders of tables are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rule {
    /// The page's index, from 0.
    pub(super) page: u32,
    /// Its left or lower end, in points from the page's lower left corner as displayed.
    pub(super) from: [f32; 2],
    /// Its right or upper end.
    pub(super) to: [f32; 2],
}

/// A small round or square area: a bullet that was drawn and not written, or any other dot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Dot {
    /// The page's index, from 0.
    pub(super) page: u32,
    /// Its middle, in points from the page's lower left corner as displayed.
    pub(super) at: [f32; 2],
}

/// What one page showed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct PageFacts {
    pub(super) characters: u32,
    pub(super) unmapped: u32,
    pub(super) has_image: bool,
    /// The part of the page that pictures cover, at most 1.
    pub(super) pictured: f32,
    /// The object number of a picture that covers most of the page, 0 where it has none.
    pub(super) picture: Option<u32>,
    /// As displayed, in points.
    pub(super) width: f32,
    pub(super) height: f32,
}

/// Everything that the pages show, in the order of their content.
#[derive(Debug, Default)]
pub(super) struct Shown {
    pub(super) text: String,
    pub(super) spans: Vec<Span>,
    /// Of the pages whose drawing was noted, as are the dots.
    pub(super) rules: Vec<Rule>,
    pub(super) dots: Vec<Dot>,
    pub(super) pages: Vec<PageFacts>,
    pub(super) keys: Vec<MarkKey>,
    marks: HashMap<MarkKey, MarkId>,
}

impl Shown {
    pub(super) fn text_of(&self, span: &Span) -> &str {
        &self.text[span.start as usize..span.end as usize]
    }

    /// The mark of this key, if any content bears it.
    pub(super) fn mark(&self, key: MarkKey) -> Option<MarkId> {
        self.marks.get(&key).copied()
    }

    fn enter(&mut self, key: MarkKey, budget: &Budget) -> Result<MarkId> {
        let next = MarkId(self.keys.len() as u32 + MarkId::FIRST);
        let mark = *self.marks.entry(key).or_insert(next);
        if mark == next {
            // The tables by mark take about as much.
            budget.hold(64)?;
            self.keys.push(key);
        }
        Ok(mark)
    }
}

/// What of the content is noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noted {
    Text,
    Drawing,
    Both,
}

/// Runs the content of all pages for their text, and for what they draw if that is wanted at once.
pub(super) fn show(pdf: &Pdf, pages: &[Page], noted: Noted) -> Result<Shown> {
    let mut shown = Shown::default();
    run(pdf, (0..).zip(pages), noted, &mut shown)?;
    Ok(shown)
}

/// Runs the content of some pages once more, for what they draw. Most tagged documents never need this, since their
/// structure says all that drawing could.
pub(super) fn draw(pdf: &Pdf, pages: &[Page], wanted: impl Fn(u32) -> bool, shown: &mut Shown) -> Result<()> {
    let pages = (0..).zip(pages).filter(|(index, _)| wanted(*index));
    pdf.budget.again(|| run(pdf, pages, Noted::Drawing, shown))?;
    pdf.budget.hold(size_of_val(shown.rules.as_slice()) as u64)
}

fn run<'p>(
    pdf: &'p Pdf,
    pages: impl Iterator<Item = (u32, &'p Page<'p>)>,
    noted: Noted,
    shown: &mut Shown,
) -> Result<()> {
    let mut fonts = interpreter::Fonts::default();
    for (index, page) in pages {
        interpreter::page(pdf, page, index, noted, &mut fonts, shown)?;
    }
    Ok(())
}
