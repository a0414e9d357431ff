//! Parses a page, unless it is hostile.
//!
//! HTML can be written so that parsing takes time and memory far beyond its size: the parser looks through all open
//! elements at each tag, and opens all unclosed formatting (`<b a=1><b a=2>...`) again in each paragraph. So the cost
//! is estimated first, in one pass over the text, and a page beyond any sensible one is not parsed at all.

use std::collections::HashMap;

use reqwest::Url;
use scraper::Html;

use super::source::Alarm;

/// The most elements that a page may have. Pages of real sites have some thousands.
const MAX_ELEMENTS: u64 = 2_000_000;
/// Open elements that may be looked through, over all tags.
const MAX_STEPS: u64 = 200_000_000;

/// Elements that never stay open, or that the next of their kind closes.
const CLOSED_BY_THEMSELVES: &[&str] = &[
    "area", "base", "body", "br", "caption", "col", "colgroup", "dd", "dt", "embed", "head", "hr", "html", "img",
    "input", "li", "link", "meta", "option", "optgroup", "p", "param", "source", "tbody", "td", "tfoot", "th", "thead",
    "tr", "track", "wbr",
];

/// Elements that are opened again wherever they were not closed.
const FORMATTING: &[&str] =
    &["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];

/// The page as a tree, or the problem with a page that is not parsed.
pub(crate) fn parse(url: &Url, html: &str) -> Result<Html, Alarm> {
    if is_bounded(html) {
        return Ok(Html::parse_document(html));
    }
    Err(Alarm::new(
        "page_endless",
        format!("{url} nests or repeats its elements beyond any sensible page, and was not read; open it in a browser"),
    ))
}

fn is_bounded(html: &str) -> bool {
    let mut open: HashMap<String, u64> = HashMap::new();
    let mut depth = 0;
    // Name and whole tag of formatting that is open. The parser keeps three of the same tag at most.
    let mut formatting: Vec<(String, &str)> = Vec::new();
    let (mut elements, mut steps) = (0_u64, 0_u64);
    for (at, _) in html.match_indices('<') {
        let inside = html.get(at + 1..).unwrap_or_default();
        let (closes, rest) = inside.strip_prefix('/').map_or((false, inside), |rest| (true, rest));
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        if end == 0 {
            continue;
        }
        let name = rest.get(..end).unwrap_or_default().to_ascii_lowercase();
        let restored = formatting.len() as u64;
        elements += 1 + restored;
        steps += 1 + restored + depth;
        if elements > MAX_ELEMENTS || steps > MAX_STEPS {
            return false;
        }
        if closes {
            if let Some(count) = open.get_mut(&name).filter(|count| **count > 0) {
                *count -= 1;
                depth -= 1;
            }
            if let Some(place) = formatting.iter().rposition(|(other, _)| *other == name) {
                formatting.remove(place);
            }
        } else if !CLOSED_BY_THEMSELVES.contains(&name.as_str()) {
            if FORMATTING.contains(&name.as_str()) {
                let tag = rest.get(..rest.find('>').unwrap_or(rest.len()).min(200)).unwrap_or(rest);
                if formatting.iter().filter(|(_, other)| *other == tag).count() < 3 {
                    formatting.push((name.clone(), tag));
                }
            }
            *open.entry(name).or_default() += 1;
            depth += 1;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_pages_of_every_habit_are_parsed() {
        for row in [
            "<li class=x><h3><a href='/provider/44/1'>Area</a></h3><br><img src=x><p>text",
            "<tr><td><b>never closed<td>text",
            "<p>a &lt; b <!-- comment --> <i>x</i></p></div></div>",
        ] {
            assert!(is_bounded(&format!("<main><ul>{}</ul></main>", row.repeat(5_000))), "{row}");
        }
    }

    #[test]
    fn nesting_and_formatting_without_end_are_told() {
        let formatting: String = (0..3_000).map(|n| format!("<b a={n}>")).collect();
        for hostile in
            ["<div>".repeat(100_000), format!("<p>{formatting}{}", "<p>x".repeat(100_000)), "<x>".repeat(1 << 20)]
        {
            assert!(!is_bounded(&hostile));
        }
    }
}
