//! Running headers and footers: lines at the head or foot of pages that are no text of the document.
//!
//! Leaving out a heading or a verdict loses findings, while a footer that stays is one odd block. So a line is left out
//! only where all of this holds: it stands on nearly all pages at the same place, apart from the text; its numbers stay
//! the same or count the pages; it is in no table; and it says nothing that letters say of an area.

use std::collections::{BTreeMap, BTreeSet};

use super::content::Shown;
use super::lines::{Line, lines_by_place};

/// The part of a page's height at its top and at its foot in which headers and footers stand.
const MARGIN_SHARE: f32 = 0.13;
/// Lines of a header or footer may stand so much higher or lower on another page, in points.
const MAX_DRIFT_POINTS: f32 = 4.0;
/// A line on fewer pages is no header, unless the document has no more.
const MIN_PAGES: usize = 3;
/// A header or footer stands further from the text than this, in sizes of its own type.
const MIN_GAP_SIZES: f32 = 2.0;
/// A line of so many letters does not recur on several pages by chance.
const MIN_FOOTER_LETTERS: usize = 8;

/// How the headings and verdicts of letters and reports begin.
const BEGINNINGS: [&str; 17] = [
    "strength",
    "area for ",
    "area of ",
    "areas for ",
    "areas of ",
    "areas requiring ",
    "areas that ",
    "areas where ",
    "main findings",
    "inspection findings",
    "recommendation",
    "priority action",
    "the effectiveness of ",
    "what is ",
    "what are ",
    "what needs ",
    "leaders ",
];
/// What verdicts say anywhere in a line.
const VERDICTS: [&str; 4] = ["sufficient progress", "significant weakness", "area of weakness", "effective action"];

/// Whether a span stands so near the top or foot of its page that it may be part of a header or footer.
fn is_in_margin(shown: &Shown, span: u32) -> bool {
    let span = &shown.spans[span as usize];
    let height = height_of(shown, span.page);
    span.from[1] < MARGIN_SHARE * height || span.from[1] > (1.0 - MARGIN_SHARE) * height
}

/// Whether a stretch of a page reaches beyond its margins.
pub(super) fn reaches_text(shown: &Shown, page: u32, bottom: f32, top: f32) -> bool {
    let height = height_of(shown, page);
    top > MARGIN_SHARE * height && bottom < (1.0 - MARGIN_SHARE) * height
}

fn height_of(shown: &Shown, page: u32) -> f32 {
    shown.pages.get(page as usize).map_or(842.0, |page| page.height)
}

/// The spans of running headers and footers.
pub(super) fn running(shown: &Shown, spans: &[u32], of_tables: &BTreeSet<u32>) -> BTreeSet<u32> {
    let mut by_text: BTreeMap<(bool, String), Vec<Line>> = BTreeMap::new();
    let edge: Vec<u32> =
        spans.iter().copied().filter(|span| is_in_margin(shown, *span) && !of_tables.contains(span)).collect();
    for page in edge.chunk_by(|&a, &b| shown.spans[a as usize].page == shown.spans[b as usize].page) {
        for line in lines_by_place(shown, page) {
            let is_head = line.baseline > height_of(shown, line.page) / 2.0;
            by_text.entry((is_head, without_numbers(&line.text))).or_default().push(line);
        }
    }
    let pages = shown.pages.len();
    let groups: Vec<Group> = by_text.into_iter().map(|((_, text), lines)| Group::new(text, lines, pages)).collect();
    let apart = Apart::new(shown, spans, &groups);
    // What numbers alone say, and where footers stand: the rest of one may have wrapped ("2024").
    let mut numbers: Vec<&Line> = Vec::new();
    let mut known: Vec<&Line> = Vec::new();
    let mut others: Vec<&Line> = Vec::new();
    for group in &groups {
        let is_running = |place: &Place| place.recurs && (group.counts_pages || apart.holds(&place.lines));
        // Words known as a header or footer are also one where they stand a little higher or lower.
        let is_known = group.text.chars().filter(|c| c.is_alphabetic()).count() >= MIN_FOOTER_LETTERS
            && group.places.iter().any(is_running);
        for place in &group.places {
            let to = match () {
                () if is_known || is_running(place) => &mut known,
                () if !group.has_words() => &mut numbers,
                () => &mut others,
            };
            to.extend(&place.lines);
        }
    }
    let tenths = |baseline: f32| (baseline * 10.0) as i32;
    let places: BTreeSet<(u32, i32)> = known.iter().map(|line| (line.page, tenths(line.baseline))).collect();
    let is_rest = |line: &&&Line| {
        let above = tenths(line.baseline) + 1..tenths(line.baseline + 2.0 * line.size);
        places.range((line.page, above.start)..(line.page, above.end.max(above.start))).next().is_some()
    };
    // Text before the page number is part of the footer, even if it appears only once.
    let is_page_number = |line: &&&Line| line.text.parse::<u32>().is_ok_and(|number| number == line.page + 1);
    let page_numbers: BTreeMap<(u32, i32), f32> = known
        .iter()
        .chain(&numbers)
        .filter(is_page_number)
        .map(|line| ((line.page, tenths(line.baseline)), line.left))
        .collect();
    let is_footer = |line: &&&Line| {
        let number = page_numbers.get(&(line.page, tenths(line.baseline)));
        number.is_some_and(|&left| left > line.right) && !speaks_of_area(&line.text)
    };
    let once = others.iter().filter(is_footer);
    numbers.iter().filter(is_rest).chain(once).chain(&known).flat_map(|line| line.spans.iter().copied()).collect()
}

/// Lines at the head or foot of pages with the same words.
struct Group {
    /// Without its numbers.
    text: String,
    /// Whether the words do no more than count pages: "3", "Page 3 of 12".
    counts_pages: bool,
    places: Vec<Place>,
}

/// The lines of a group at one height.
struct Place {
    lines: Vec<Line>,
    /// Whether they may be a header or footer by everything except their distance from the text.
    recurs: bool,
}

impl Group {
    fn new(text: String, mut lines: Vec<Line>, pages: usize) -> Self {
        let counts_pages = counts_pages(&text);
        lines.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
        let recurs = |lines: &[Line]| {
            let on: BTreeSet<u32> = lines.iter().map(|line| line.page).collect();
            if counts_pages {
                // Of two pages, often only the second has its number.
                let is_second = |line: &Line| pages == 2 && line.page == 1 && line.text.trim() == "2";
                let recurs = on.len() >= 2 && (text.contains(char::is_alphabetic) || numbers_fit(lines, 2));
                return recurs || lines.iter().all(is_second);
            }
            let fewest = if pages <= MIN_PAGES { 2 } else { MIN_PAGES };
            on.len() >= fewest
                && is_on_nearly_all(&on, pages)
                && numbers_fit(lines, 4)
                && !lines.iter().any(|line| speaks_of_area(&line.text))
        };
        let at_places = lines.chunk_by(|a, b| b.baseline - a.baseline < MAX_DRIFT_POINTS);
        let places = at_places.map(|lines| Place { lines: lines.to_vec(), recurs: recurs(lines) }).collect();
        Self { text, counts_pages, places }
    }

    fn has_words(&self) -> bool {
        self.text.contains(char::is_alphabetic)
    }
}

/// Whether words do no more than count pages; `#` stands for a number.
fn counts_pages(text: &str) -> bool {
    let text = text.to_lowercase();
    let core = text.trim_matches(|c: char| !c.is_alphanumeric() && c != '#');
    matches!(core, "#" | "page#" | "page#of#" | "#of#" | "#/#" | "page#/#" | "p#")
}

/// Whether a line stands on nearly all pages from the first on that has it; headers of left and right pages may differ.
fn is_on_nearly_all(on: &BTreeSet<u32>, pages: usize) -> bool {
    let Some(&first) = on.first() else { return false };
    let is_one_side = on.len() >= MIN_PAGES && on.iter().all(|page| page % 2 == first % 2);
    let after = pages.saturating_sub(first as usize);
    let possible = after.div_ceil(if is_one_side { 2 } else { 1 });
    on.len() * 4 >= possible * 3 && after * 2 >= pages
}

/// Whether each number of the lines stays the same or counts the pages, but on one page in `exceptions` at the most.
fn numbers_fit(lines: &[Line], exceptions: usize) -> bool {
    let numbers: Vec<Vec<i64>> = lines.iter().map(|line| numbers_of(&line.text)).collect();
    let count = numbers.iter().map(Vec::len).min().unwrap_or(0);
    let fits = |values: Vec<i64>| {
        let mut times: BTreeMap<i64, usize> = BTreeMap::new();
        for value in &values {
            *times.entry(*value).or_default() += 1;
        }
        let most = times.into_values().max().unwrap_or(0);
        (values.len() - most) * exceptions <= values.len()
    };
    (0..count).all(|i| {
        let before_page = |(line, numbers): (&Line, &Vec<i64>)| numbers[i].saturating_sub(i64::from(line.page));
        fits(numbers.iter().map(|numbers| numbers[i]).collect())
            || fits(lines.iter().zip(&numbers).map(before_page).collect())
    })
}

fn numbers_of(text: &str) -> Vec<i64> {
    let digits = text.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty());
    digits.map(|digits| digits.parse().unwrap_or(-1)).collect()
}

/// Whether a line says something of an area, as headings and verdicts do.
fn speaks_of_area(text: &str) -> bool {
    let text = text.to_lowercase();
    BEGINNINGS.iter().any(|beginning| text.starts_with(beginning)) || VERDICTS.iter().any(|part| text.contains(part))
}

/// How far lines at the head and foot of pages stand from the text between them.
struct Apart {
    /// The heights of all lines but those that may be headers and footers, by page and in order.
    text: BTreeMap<u32, Vec<f32>>,
    heights: Vec<f32>,
}

impl Apart {
    fn new(shown: &Shown, spans: &[u32], groups: &[Group]) -> Self {
        let candidates = groups.iter().flat_map(|group| group.places.iter().filter(|place| place.recurs));
        let candidates: BTreeSet<u32> =
            candidates.flat_map(|place| place.lines.iter().flat_map(|line| line.spans.iter().copied())).collect();
        let mut text: BTreeMap<u32, Vec<f32>> = BTreeMap::new();
        for &index in spans.iter().filter(|index| !candidates.contains(index)) {
            let span = &shown.spans[index as usize];
            if !shown.text_of(span).trim().is_empty() {
                text.entry(span.page).or_default().push(span.from[1]);
            }
        }
        text.values_mut().for_each(|heights| heights.sort_by(f32::total_cmp));
        Self { text, heights: shown.pages.iter().map(|page| page.height).collect() }
    }

    /// Whether most of the lines stand apart from the text of their pages.
    fn holds(&self, lines: &[Line]) -> bool {
        lines.iter().filter(|line| self.is_apart(line)).count() * 2 > lines.len()
    }

    fn is_apart(&self, line: &Line) -> bool {
        let Some(text) = self.text.get(&line.page) else { return true };
        let own = 0.4 * line.size;
        let gap = if line.baseline > self.heights.get(line.page as usize).map_or(421.0, |height| height / 2.0) {
            let below = text.partition_point(|&height| height < line.baseline - own);
            below.checked_sub(1).map(|i| line.baseline - text[i])
        } else {
            let above = text.partition_point(|&height| height <= line.baseline + own);
            text.get(above).map(|height| height - line.baseline)
        };
        gap.is_none_or(|gap| gap > MIN_GAP_SIZES * line.size)
    }
}

fn without_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        if !c.is_ascii_digit() {
            out.push(c);
        } else if !out.ends_with('#') {
            out.push('#');
        }
    }
    out
}
