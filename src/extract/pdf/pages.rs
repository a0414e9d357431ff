//! The page tree, walked without recursion and without trust in its counts.

use std::collections::HashSet;
use std::rc::Rc;

use super::Pdf;
use super::object::{Dict, Object};
use crate::extract::error::{ExtractError, Result};

/// One page with what it inherits.
pub(in crate::extract) struct Page {
    pub(in crate::extract) number: u32,
    pub(in crate::extract) dict: Dict,
    pub(in crate::extract) resources: Rc<Object>,
    /// Left, bottom, right, top.
    pub(in crate::extract) media_box: [f64; 4],
    /// Clockwise, in degrees: 0, 90, 180 or 270.
    pub(in crate::extract) rotate: i64,
}

#[derive(Clone)]
struct Inherited {
    resources: Rc<Object>,
    media_box: Option<[f64; 4]>,
    rotate: i64,
}

impl Pdf<'_> {
    /// All pages in order.
    pub(in crate::extract) fn pages(&self, catalog: &Dict) -> Result<Vec<Page>> {
        let nothing = Inherited { resources: Rc::new(Object::Null), media_box: None, rotate: 0 };
        let mut pages = Vec::new();
        let mut seen = HashSet::new();
        let mut open: Vec<(Object, Inherited)> =
            catalog.get(b"Pages").cloned().map(|root| (root, nothing)).into_iter().collect();
        while let Some((node, inherited)) = open.pop() {
            self.budget.step()?;
            let number = node.as_ref().unwrap_or(0);
            if number != 0 && !seen.insert(number) {
                continue;
            }
            let Object::Dict(dict) = self.resolve(&node)?.into_owned() else { continue };
            let inherited = self.inherit(&dict, &inherited)?;
            let kids = self.value(&dict, b"Kids")?;
            match kids.as_array() {
                Some(kids) if dict.name(b"Type") != Some(b"Page") => {
                    open.extend(kids.iter().rev().map(|kid| (kid.clone(), inherited.clone())));
                }
                _ => self.add(&mut pages, number, dict, inherited)?,
            }
        }
        if pages.is_empty() && self.was_scanned() {
            self.stray_pages(&mut pages)?;
        }
        Ok(pages)
    }

    /// Pages that no tree leads to any more.
    pub(in crate::extract) fn stray_pages(&self, pages: &mut Vec<Page>) -> Result<()> {
        for (number, dict) in self.all_of_type(b"Page")? {
            let nothing = Inherited { resources: Rc::new(Object::Null), media_box: None, rotate: 0 };
            let inherited = match self.dict(&dict, b"Parent")? {
                Some(parent) => self.inherit(&parent, &nothing)?,
                None => nothing,
            };
            let inherited = self.inherit(&dict, &inherited)?;
            self.add(pages, number, dict, inherited)?;
        }
        Ok(())
    }

    fn add(&self, pages: &mut Vec<Page>, number: u32, dict: Dict, inherited: Inherited) -> Result<()> {
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

    fn inherit(&self, dict: &Dict, from: &Inherited) -> Result<Inherited> {
        let mut inherited = from.clone();
        match self.value(dict, b"Resources")?.into_owned() {
            Object::Null => {}
            resources => inherited.resources = Rc::new(resources),
        }
        for key in [&b"MediaBox"[..], b"CropBox"] {
            if let Some(corners) = self.rectangle(dict, key)? {
                inherited.media_box = Some(corners);
            }
        }
        if let Some(rotate) = self.value(dict, b"Rotate")?.as_int() {
            inherited.rotate = rotate.rem_euclid(360) / 90 * 90;
        }
        Ok(inherited)
    }

    fn rectangle(&self, dict: &Dict, key: &[u8]) -> Result<Option<[f64; 4]>> {
        let value = self.value(dict, key)?;
        let Some([a, b, c, d]) = value.as_array() else { return Ok(None) };
        let mut numbers = [0.0; 4];
        for (number, object) in numbers.iter_mut().zip([a, b, c, d]) {
            let Some(value) = self.resolve(object)?.as_number() else { return Ok(None) };
            *number = value;
        }
        let [x0, y0, x1, y1] = numbers;
        let sorted = [x0.min(x1), y0.min(y1), x0.max(x1), y0.max(y1)];
        let is_size = |size: f64| size > 1.0 && size < 100_000.0;
        Ok((is_size(sorted[2] - sorted[0]) && is_size(sorted[3] - sorted[1])).then_some(sorted))
    }
}
