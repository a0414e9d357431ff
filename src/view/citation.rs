//! How to cite a letter, one of its findings, or a chart: a plain sentence, and an entry for BibTeX.
//!
//! The author of what a letter says is the inspectorates; what the program counted from letters is cited as counted by it.

use std::fmt::Display;

use jiff::civil::Date;

use super::{pieces, words};
use crate::query::LetterRow;

const AUTHORS: &str = "Ofsted and Care Quality Commission";

/// A citation in both forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    /// What is cited.
    pub title: String,
    /// A plain sentence.
    pub sentence: String,
    /// An entry for BibTeX.
    pub bibtex: String,
}

/// The citation of a letter. `original` is where its document stands, if anywhere.
#[must_use]
pub fn of_letter(letter: &LetterRow, original: Option<&str>) -> Citation {
    cited(letter, original, None)
}

/// The citation of a finding: its page, its words, and the end of its id, by which the page of its letter knows it.
#[must_use]
pub fn of_finding(
    letter: &LetterRow,
    original: Option<&str>,
    page: impl Display,
    quote: &str,
    ending: &str,
) -> Citation {
    cited(letter, original, Some((page.to_string(), quote, ending)))
}

fn cited(letter: &LetterRow, original: Option<&str>, finding: Option<(String, &str, &str)>) -> Citation {
    let title = format!("{}: {}", words::kind(letter.kind), letter.area.as_deref().unwrap_or("Area not known"));
    let year = letter.published_on.or(letter.letter_date).map(|day| day.year().to_string());
    let days = pieces::inspection_days(letter);
    let page = finding.as_ref().map_or_else(String::new, |(page, ..)| format!(", page {page}"));
    let quote = finding.as_ref().map_or_else(String::new, |(_, quote, _)| format!(": \u{201c}{quote}\u{201d}"));
    let id = match &finding {
        Some((.., ending)) => format!("{}.{ending}", letter.id),
        None => letter.id.clone(),
    };
    let address = original.map_or_else(String::new, |url| format!(" {url}."));
    let sentence = format!(
        "{AUTHORS} ({}) {title}, inspection of {days}{page}{quote}.{address} Read by sendlens: {id}.",
        year.as_deref().unwrap_or("no date of publication known")
    );
    let note = format!("Inspection of {days}{page}. Read by sendlens: {id}");
    let authors = "{Ofsted} and {Care Quality Commission}";
    let bibtex = entry(&id, authors, &title, year.as_deref(), &note, original);
    Citation { title, sentence, bibtex }
}

/// The citation of a chart that was counted from letters: made on `today`, from letters of inspections until `held_to`.
#[must_use]
pub fn of_chart(title: &str, today: Date, held_to: Option<Date>) -> Citation {
    let held = held_to.map_or_else(String::new, |day| format!(", held to {}", words::date(day)));
    let from = format!(
        "Counted by sendlens from letters and reports of local area SEND inspections by Ofsted and the Care Quality \
         Commission{held}; as of {}",
        words::date(today)
    );
    let key: Vec<String> = title
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let year = today.year().to_string();
    Citation {
        title: title.to_owned(),
        sentence: format!("sendlens ({year}) {title}. {from}."),
        bibtex: entry(&key.join("-"), "{sendlens}", title, Some(&year), &from, None),
    }
}

fn entry(key: &str, authors: &str, title: &str, year: Option<&str>, note: &str, url: Option<&str>) -> String {
    let mut fields = vec![format!("author = {{{authors}}}"), format!("title = {{{}}}", escaped(title))];
    fields.extend(year.map(|year| format!("year = {{{year}}}")));
    fields.push(format!("note = {{{}}}", escaped(note)));
    // What would end the field does not stand in an address of the web.
    fields.extend(url.map(|url| format!("url = {{{}}}", url.replace(['{', '}'], ""))));
    format!("@misc{{sendlens-{key},\n  {}\n}}", fields.join(",\n  "))
}

/// Text that BibTeX takes as it is meant.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' | '%' | '$' | '#' | '_' => out.extend(['\\', c]),
            '{' | '}' | '\\' => {}
            '\u{2013}' => out.push_str("--"),
            '\n' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_chart_is_cited_with_what_it_was_counted_from() {
        let cited = of_chart("Health & care: share of letters by year", date(2026, 1, 15), Some(date(2025, 9, 1)));
        assert_eq!(
            cited.sentence,
            "sendlens (2026) Health & care: share of letters by year. Counted by sendlens from letters and reports of \
             local area SEND inspections by Ofsted and the Care Quality Commission, held to 1 September 2025; as of \
             15 January 2026."
        );
        assert!(
            cited
                .bibtex
                .starts_with("@misc{sendlens-health-care-share-of-letters-by-year,\n  author = {{sendlens}},\n")
        );
        assert!(cited.bibtex.contains("title = {Health \\& care: share") && cited.bibtex.ends_with("\n}"));
    }

    #[test]
    fn braces_of_a_text_do_not_end_its_field() {
        let text = entry("k", "{a}", "b} , c = {d", None, "n_1", Some("https://e.org/f}g"));
        assert_eq!(text.matches('{').count(), text.matches('}').count(), "{text}");
        assert!(text.contains("n\\_1") && text.contains("url = {https://e.org/fg}"));
    }
}
