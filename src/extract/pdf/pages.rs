//! The page tree, walked without recursion and without trust in its counts.

use std::collections::HashSet;

use lopdf::{Dictionary, Object};

use super::{Lookup, Pdf, Value};
use crate::extract::error::{ExtractError, Result, incomplete};

/// One page with what it inherits.
pub(in crate::extract) struct Page<'p> {
    /// The number of its object.
    pub(in crate::extract) number: u32,
    pub(in crate::extract) dict: &'p Dictionary,
    pub(in crate::extract) resources: Option<&'p Dictionary>,
    /// Left, bottom, right, top.
    pub(in crate::extract) media_box: [f64; 4],
    /// Clockwise, in degrees: 0, 90, 180 or 270.
    pub(in crate::extract) rotate: i64,
}

/// What a page takes from the nodes above it.
#[derive(Clone, Copy, Default)]
struct Inherited<'p> {
    resources: Option<&'p Dictionary>,
    media_box: Option<[f64; 4]>,
    rotate: i64,
}

impl Pdf<'_> {
    /// All pages in order. A page that no tree leads to has no place among them, so a file without its tree has none.
    pub(in crate::extract) fn pages(&self) -> Result<Vec<Page<'_>>> {
        let mut pages = Vec::new();
        let mut seen = HashSet::new();
        let root = self.catalog().and_then(|catalog| catalog.find(b"Pages"));
        let mut open: Vec<(&Object, Inherited)> = root.map(|root| (root, Inherited::default())).into_iter().collect();
        while let Some((node, inherited)) = open.pop() {
            self.budget.step()?;
            let number = node.reference().unwrap_or(0);
            if number != 0 && !seen.insert(number) {
                continue;
            }
            let dict = match self.resolve(node) {
                Object::Dictionary(dict) => dict,
                _ if number != 0 => return incomplete("a page is not in it"),
                _ => continue,
            };
            let inherited = self.inherit(dict, inherited);
            match self.value(dict, b"Kids").items() {
                Some(kids) if dict.name(b"Type") != Some(b"Page") => {
                    open.extend(kids.iter().rev().map(|kid| (kid, inherited)));
                }
                _ => self.add(&mut pages, number, dict, inherited)?,
            }
        }
        Ok(pages)
    }

    fn add<'p>(
        &self,
        pages: &mut Vec<Page<'p>>,
        number: u32,
        dict: &'p Dictionary,
        inherited: Inherited<'p>,
    ) -> Result<()> {
        if pages.len() as u64 >= u64::from(self.budget.limits.pages) {
            return Err(ExtractError::Limit { what: "pages", limit: u64::from(self.budget.limits.pages) });
        }
        pages.push(Page {
            number,
            dict,
            resources: inherited.resources,
            media_box: inherited.media_box.unwrap_or([0.0, 0.0, 595.0, 842.0]),
            rotate: inherited.rotate,
        });
        Ok(())
    }

    fn inherit<'p>(&'p self, dict: &'p Dictionary, from: Inherited<'p>) -> Inherited<'p> {
        let boxes = [&b"CropBox"[..], b"MediaBox"];
        Inherited {
            resources: self.dict(dict, b"Resources").or(from.resources),
            media_box: boxes.into_iter().find_map(|key| self.rectangle(dict, key)).or(from.media_box),
            rotate: self.value(dict, b"Rotate").int().map_or(from.rotate, |rotate| rotate.rem_euclid(360) / 90 * 90),
        }
    }

    fn rectangle(&self, dict: &Dictionary, key: &[u8]) -> Option<[f64; 4]> {
        let [a, b, c, d] = self.value(dict, key).items()? else { return None };
        let mut numbers = [0.0; 4];
        for (number, object) in numbers.iter_mut().zip([a, b, c, d]) {
            *number = self.resolve(object).number()?;
        }
        let [x0, y0, x1, y1] = numbers;
        let sorted = [x0.min(x1), y0.min(y1), x0.max(x1), y0.max(y1)];
        let is_size = |size: f64| size > 1.0 && size < 100_000.0;
        (is_size(sorted[2] - sorted[0]) && is_size(sorted[3] - sorted[1])).then_some(sorted)
    }
}
