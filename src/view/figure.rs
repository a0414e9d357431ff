//! A chart as a file of its own: an SVG with its title, legend and source, for slides and papers.
//!
//! It carries the colours of the stylesheet's light scheme, written out: programs other than browsers do not know the
//! stylesheet's names for them. The same drawing stands on the page, so the two cannot differ.

use std::sync::LazyLock;

use maud::{Markup, PreEscaped, html};

use super::STYLE;
use super::chart::{Drawing, number};

/// Where the rules for drawings stand in the stylesheet.
const RULES: (&str, &str) = ("/* Drawings:", "/* End of drawings */");
const MARGIN: f64 = 18.0;
const LINE: f64 = 19.0;
const TITLE_LINE: f64 = 24.0;
/// Points that a character takes on average, at the sizes of title and text.
const TITLE_CHARACTER: f64 = 9.6;
const CHARACTER: f64 = 6.9;

/// A drawing with what is said around it.
pub struct Figure<'a> {
    /// Its title.
    pub title: &'a str,
    /// What it shows and rests on.
    pub says: &'a str,
    /// The drawing.
    pub drawing: &'a Drawing,
    /// What its colours and signs mean: class, sign, words.
    pub legend: &'a [(&'a str, &'a str, String)],
    /// Where the figures come from.
    pub source: &'a str,
}

/// The rules for drawings, with their colours in place of the names.
static DRAWN: LazyLock<String> = LazyLock::new(|| {
    let between = |from: &str, to: &str| {
        STYLE.split_once(from).and_then(|(_, rest)| rest.split_once(to)).map_or("", |(found, _)| found)
    };
    let rules = between(RULES.0, RULES.1);
    let rules: Vec<&str> =
        rules.lines().skip(1).filter(|rule| !rule.starts_with("svg.") && !rule.contains(":focus")).collect();
    let names = between(":root {", "}").split(';').filter_map(|pair| pair.trim().split_once(':'));
    names.fold(rules.join("\n"), |rules, (name, value)| rules.replace(&format!("var({})", name.trim()), value.trim()))
});

/// The file.
#[must_use]
pub fn file(figure: &Figure<'_>) -> String {
    let width = figure.drawing.width + 2.0 * MARGIN;
    let fitting = |character: f64| ((width - 2.0 * MARGIN) / character) as usize;
    let (title, says) = (wrapped(figure.title, fitting(TITLE_CHARACTER)), wrapped(figure.says, fitting(CHARACTER)));
    let source = wrapped(figure.source, fitting(CHARACTER));
    let head = MARGIN + TITLE_LINE * title.len() as f64 + LINE * says.len() as f64 + 8.0;
    let legend = head + figure.drawing.height + 12.0;
    let foot = legend + 24.0 * figure.legend.len() as f64 + 8.0;
    let height = foot + LINE * source.len() as f64 + MARGIN / 2.0;
    let document = html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (number(width)) " " (number(height)) }
            width=(number(width)) height=(number(height)) font-family="Arial, Liberation Sans, Helvetica, sans-serif" font-size="13" role="img" {
            title { (figure.title) }
            desc { (figure.says) }
            style { (PreEscaped(DRAWN.as_str())) }
            rect width="100%" height="100%" fill="#fff" {}
            g font-size="17" font-weight="bold" { (lines(&title, MARGIN + 14.0, TITLE_LINE)) }
            (lines(&says, MARGIN + TITLE_LINE * title.len() as f64 + 10.0, LINE))
            g transform={ "translate(" (number(MARGIN)) " " (number(head)) ")" } font-size=(number(figure.drawing.text)) { (figure.drawing.shapes) }
            @for (i, (class, mark, meaning)) in figure.legend.iter().enumerate() {
                @let y = legend + 24.0 * i as f64;
                rect class=(class) x=(number(MARGIN)) y=(number(y)) width="20" height="20" {}
                text class={ "column-mark " (class) } x=(number(MARGIN + 10.0)) y=(number(y + 14.5)) { (mark) }
                text x=(number(MARGIN + 30.0)) y=(number(y + 14.5)) { (meaning) }
            }
            g font-size="12" { (lines(&source, foot + 12.0, LINE)) }
        }
    };
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n", document.into_string())
}

fn lines(texts: &[String], first: f64, step: f64) -> Markup {
    html! { @for (i, text) in texts.iter().enumerate() { text x=(number(MARGIN)) y=(number(first + step * i as f64)) { (text) } } }
}

/// A text in lines of about so many characters; no word is broken.
fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::chart::{Point, trend};

    #[test]
    fn a_file_has_its_colours_written_out_and_everything_escaped() {
        assert!(DRAWN.contains(".trend { stroke: #17568a;") && DRAWN.contains(".s-bad {"), "{}", *DRAWN);
        assert!(!DRAWN.contains("var("), "{}", *DRAWN);
        let drawing = trend(&[Point { label: "2024".into(), value: None, letters: 0, small: false }]);
        let legend = [("s-good", "P", "a & b".to_owned())];
        let figure = Figure { title: "<Trend>", says: "S", drawing: &drawing, legend: &legend, source: "Ofsted" };
        let text = file(&figure);
        assert!(text.contains("<title>&lt;Trend&gt;</title>") && text.contains("a &amp; b"), "{text}");
        assert!(text.contains("no letters") && text.trim_end().ends_with("</svg>"));
    }

    #[test]
    fn lines_end_between_words() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("unbreakable", 3), ["unbreakable"]);
    }
}
