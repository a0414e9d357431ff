//! Wording that the codebook does not know yet: what to look at when it is to grow.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Input;
use super::patterns;
use super::text::blank;
use crate::codebook::Codebook;

/// Wording that is frequent in criticism and that no pattern knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// The words.
    pub wording: String,
    /// Areas in whose letters they stand.
    pub areas: usize,
    /// Findings in which they stand.
    pub findings: usize,
    /// Those of them that carry no theme at all.
    pub without_theme: usize,
    /// Up to three of the findings: letter and quote.
    pub examples: Vec<(String, String)>,
}

/// A finding to be looked through.
#[derive(Debug, Clone, Copy)]
pub struct Uncoded<'a> {
    /// The letter.
    pub letter_id: &'a str,
    /// The area.
    pub la_code: &'a str,
    /// The quote.
    pub text: &'a str,
    /// Whether it carries any theme.
    pub has_theme: bool,
}

#[derive(Default)]
struct Seen {
    areas: BTreeSet<String>,
    findings: usize,
    without_theme: usize,
    examples: Vec<(String, String)>,
}

/// Words at which no wording begins or ends.
const SMALL: &str = " a about across after all also although an and are area areas as at be because been before being but by \
    can child children did do does during each for from had has have having her his however how if in into is it its lead \
    leaders local many means more most must need needs no not of often on one or other others our out over partners partnership \
    people people's children's send should so some such than that the their them there these they this those through to too \
    under until up very was way well were what when where whether which while who will with within without would young s t ";

/// Two to four neighbouring words that no pattern covers, in at least `least` areas; most areas first.
#[must_use]
pub fn suggest(codebook: &Codebook, findings: &[Uncoded<'_>], least: usize) -> Vec<Suggestion> {
    let mut seen: BTreeMap<String, Seen> = BTreeMap::new();
    for finding in findings {
        let hits = patterns::find(codebook, &Input { text: finding.text, ..Input::default() });
        let mut rest = hits.folded.text.clone();
        blank(&mut rest, hits.text.iter().map(|h| h.span));
        for wording in wordings(&rest) {
            let entry = seen.entry(wording).or_default();
            entry.areas.insert(finding.la_code.to_owned());
            entry.findings += 1;
            entry.without_theme += usize::from(!finding.has_theme);
            if entry.examples.len() < 3 {
                entry.examples.push((finding.letter_id.to_owned(), finding.text.to_owned()));
            }
        }
    }
    let mut found: Vec<Suggestion> = seen
        .into_iter()
        .filter(|(_, s)| s.areas.len() >= least)
        .map(|(wording, s)| Suggestion {
            wording,
            areas: s.areas.len(),
            findings: s.findings,
            without_theme: s.without_theme,
            examples: s.examples,
        })
        .collect();
    // A part of a longer wording that is as frequent tells nothing more.
    let whole: Vec<(String, usize)> = found.iter().map(|s| (format!(" {} ", s.wording), s.findings)).collect();
    found.retain(|s| {
        let part = format!(" {} ", s.wording);
        !whole.iter().any(|(longer, n)| *n >= s.findings && longer.len() > part.len() && longer.contains(&part))
    });
    found.sort_by(|a, b| {
        (b.areas, b.without_theme, b.findings, &a.wording).cmp(&(a.areas, a.without_theme, a.findings, &b.wording))
    });
    found
}

/// The wordings of one text, each once.
fn wordings(text: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    // Sentences, clauses, quotes and what patterns cover part the words.
    for run in text.split(['.', ',', ';', ':', '(', ')', '"', '\u{1}', '\n']).flat_map(|run| run.split(" '")) {
        let words: Vec<&str> = run
            .split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '-'))
            .map(|w| w.trim_matches('\''))
            .filter(|w| !w.is_empty())
            .collect();
        for length in 2..=4 {
            for window in words.windows(length) {
                let small = |w: &str| SMALL.contains(&format!(" {w} ")) || w.len() < 3;
                if let [first, .., last] = window
                    && !small(first)
                    && !small(last)
                {
                    all.insert(window.join(" "));
                }
            }
        }
    }
    all
}
