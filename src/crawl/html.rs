//! Small help with HTML that sources share.

use jiff::civil::Date;
use reqwest::Url;
use scraper::{ElementRef, Node, Selector};

use crate::parse::dates;

/// A selector that is a constant of the program.
#[expect(clippy::expect_used, reason = "a constant that the tests of its source compile")]
pub(crate) fn selector(css: &'static str) -> Selector {
    Selector::parse(css).expect("valid selector")
}

/// The text of an element with single spaces, without the parts that `leave_out` matches. Walks without recursion,
/// since a hostile page can nest as deep as it likes.
pub(crate) fn text(element: ElementRef<'_>, leave_out: Option<&Selector>) -> String {
    let mut words = String::new();
    let mut ahead = vec![*element];
    while let Some(node) = ahead.pop() {
        if let Node::Text(text) = node.value() {
            words.push_str(text);
        }
        if let Some(inner) = ElementRef::wrap(node) {
            if inner != element && leave_out.is_some_and(|selector| selector.matches(&inner)) {
                continue;
            }
            if inner.value().name() == "br" {
                words.push(' ');
            }
        }
        ahead.extend(node.children().rev());
    }
    squeeze(&words)
}

/// Runs of white space as one space, none at the ends.
pub(crate) fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The target of a link as an absolute address without its fragment; nothing for mail, scripts and the like.
pub(crate) fn target(link: ElementRef<'_>, page: &Url) -> Option<Url> {
    let mut url = page.join(link.attr("href")?.trim()).ok()?;
    url.set_fragment(None);
    matches!(url.scheme(), "http" | "https").then_some(url)
}

/// The nearest element around this one, itself included, that a selector matches.
pub(crate) fn closest<'a>(element: ElementRef<'a>, wanted: &Selector) -> Option<ElementRef<'a>> {
    std::iter::once(element)
        .chain(element.ancestors().filter_map(ElementRef::wrap))
        .find(|candidate| wanted.matches(candidate))
}

/// The first date in a text that can be a date of publication: "15 July 2024", "15/07/2024", "2024-07-15".
pub(crate) fn published_on(text: &str) -> Option<Date> {
    let text = text.trim();
    let iso = text.get(..10).and_then(|start| start.parse::<Date>().ok());
    iso.or_else(|| dates::dates(text).first().map(|found| found.date))
        .filter(|date| (2000..2100).contains(&date.year()))
}

/// The date that a text gives after the word "published": "PDF - Published 15 July 2024".
pub(crate) fn date_after_published(text: &str) -> Option<Date> {
    const WORD: &str = "published";
    const MAX_DISTANCE_CHARS: usize = 40;
    let at = text.to_ascii_lowercase().find(WORD)?;
    let after: String = text.get(at + WORD.len()..)?.chars().take(MAX_DISTANCE_CHARS).collect();
    published_on(after.trim_start_matches([' ', ':', '-']))
}

/// The date of a `time` element: its words, else its attribute.
pub(crate) fn date_of(time: ElementRef<'_>) -> Option<Date> {
    published_on(&text(time, None)).or_else(|| published_on(time.attr("datetime")?))
}

/// The first whole number in a text; "1,024" is one.
pub(crate) fn number(text: &str) -> Option<u32> {
    let digits = text.chars().skip_while(|c| !c.is_ascii_digit()).take_while(|c| c.is_ascii_digit() || *c == ',');
    digits.filter(|c| *c != ',').collect::<String>().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use scraper::Html;

    #[test]
    fn text_leaves_out_what_is_hidden_and_squeezes_space() {
        let page = Html::parse_fragment("<a> Area\n <b>SEND</b><br>full <i class=x>no <b>no</b></i> inspection</a>");
        let link = page.select(&selector("a")).next().unwrap();
        assert_eq!(text(link, Some(&selector(".x"))), "Area SEND full inspection");
        assert_eq!(text(link, None), "Area SEND full no no inspection");
    }

    #[test]
    fn dates_and_numbers_are_read_and_absurd_ones_are_not() {
        let july = Some(jiff::civil::date(2024, 7, 15));
        for text in ["15 July 2024", "Published: 15 July 2024.", "x, pdf - 15 July 2024", "2024-07-15T09:00:00+01:00"] {
            assert_eq!(published_on(text), july, "{text}");
        }
        for text in ["", "soon", "1 January 1900", "31 February 2024"] {
            assert_eq!(published_on(text), None, "{text}");
        }
        assert_eq!(date_after_published("Inspected 2 May 2024. PDF - Published: 15 July 2024"), july);
        assert_eq!(date_after_published("Inspected 15 July 2024"), None);
        assert_eq!(number("of 1,024 results"), Some(1024));
        assert_eq!(number("none"), None);
    }
}
