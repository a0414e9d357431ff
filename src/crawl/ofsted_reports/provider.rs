//! The page of one local authority: a timeline of publications, newest first.
//!
//! An entry has up to three dates. The date above it (`.timeline__date`), or inside its link, is the day of the
//! inspection on many pages. The day of publication stands in the entry's last line (`time[pubdate]`, "Published ...")
//! and in words for screen readers inside the link ("Title, PDF - 15 July 2024").

use std::collections::BTreeSet;

use jiff::civil::Date;
use reqwest::Url;
use scraper::{ElementRef, Html, Selector};

use super::{next_link, number_after};
use crate::crawl::html::{closest, date_after_published, date_of, published_on, selector, target, text};
use crate::crawl::source::{Alarm, Contents, PageRequest};
use crate::domain::Publication;

/// Path of a file, before its number.
const FILE: &str = "/v1/file/";
/// The beginning of the class of an entry that is about the authority itself ("opened", "closed") and has no document.
const WITHOUT_DOCUMENT: &str = "timeline__day--";
/// Words that say what kind of file a link leads to, not what the document is.
const NO_TITLES: &[&str] = &["", "report", "download", "view report", "download report", "view", "open"];
/// The most elements around a link that are searched for what belongs to it. A page that nests deeper gains nothing by
/// it.
const MAX_NESTING: usize = 12;
/// Kinds of files that stand behind a title.
const FILE_TYPES: &[&str] = &["pdf", "(pdf)", "html", "doc", "docx"];
/// What separates a title from a date or a kind of file.
const SEPARATORS: &[char] = &[' ', ':', ',', ';', '-', '–', '—', '|', '·'];

pub(super) fn read(source: &str, request: &PageRequest, url: &Url, html: &Html) -> Contents {
    let marks = Marks::new();
    let mut contents = Contents::default();
    let heading = html.select(&selector("h1.heading--title")).chain(html.select(&selector("h1"))).next();
    let provider = heading.map(|h| text(h, None)).filter(|name| !name.is_empty()).or_else(|| request.provider.clone());
    let mut seen = BTreeSet::new();
    for link in html.select(&marks.link) {
        let Some(to) = target(link, url) else { continue };
        let key = number_after(&to, FILE).unwrap_or_else(|| to.to_string());
        if !seen.insert(key.clone()) {
            continue;
        }
        let entry = Entry::around(link, &marks);
        contents.publications.push(Publication {
            source: source.to_owned(),
            key,
            url: Some(to.to_string()),
            file: None,
            title: entry.title(),
            provider: provider.clone(),
            published_on: entry.published_on(),
        });
    }
    contents.results = u32::try_from(contents.publications.len()).unwrap_or(u32::MAX);
    let has_document = |day: &ElementRef<'_>| !day.value().classes().any(|class| class.starts_with(WITHOUT_DOCUMENT));
    let days = html.select(&marks.day).filter(has_document).count();
    if html.select(&selector("ol.timeline")).next().is_none() {
        contents.alarms.push(Alarm::new(
            "provider_form",
            format!("{url} has no timeline of publications; look whether the design of the page changed"),
        ));
    } else if days > 0 && contents.publications.is_empty() {
        contents.alarms.push(Alarm::new(
            "provider_links",
            format!("{url} has a timeline with {days} entries, but no link to a document was found in it"),
        ));
    }
    contents.next = next_link(url, html).map(|next| PageRequest {
        url: next.to_string(),
        offset: request.offset + contents.results,
        ..request.clone()
    });
    contents
}

/// The marks by which a page is read.
struct Marks {
    /// Links to documents.
    link: Selector,
    /// An entry of the timeline.
    day: Selector,
    item: Selector,
    /// Words for screen readers.
    hidden: Selector,
    /// What a link holds beside its title.
    not_title: Selector,
    /// The title, where it stands beside the link.
    event_title: Selector,
    publication_time: Selector,
    /// The parts of an entry that cannot hold the words "Published ...".
    not_metadata: Selector,
    first_date: Selector,
    time: Selector,
}

impl Marks {
    fn new() -> Self {
        Self {
            link: selector("a.publication-link[href], a[href*='/v1/file/']"),
            day: selector("li.timeline__day"),
            item: selector("li"),
            hidden: selector(".nonvisual"),
            not_title: selector(".nonvisual, time, .filetype"),
            event_title: selector(".event__title"),
            publication_time: selector("time[pubdate]"),
            not_metadata: selector("a, .timeline__date"),
            first_date: selector(".timeline__date time, .timeline__date"),
            time: selector("time"),
        }
    }
}

/// A link to a document with what belongs to it alone.
struct Entry<'a> {
    marks: &'a Marks,
    link: ElementRef<'a>,
    /// The entry of the timeline, which can hold several documents.
    day: Option<ElementRef<'a>>,
    /// The largest element around the link, within its entry of the timeline, that holds no other document.
    own: Option<ElementRef<'a>>,
    /// Title and date from the words for screen readers.
    hidden: Option<(String, Option<Date>)>,
}

impl<'a> Entry<'a> {
    fn around(link: ElementRef<'a>, marks: &'a Marks) -> Self {
        let day = closest(link, &marks.day).or_else(|| closest(link, &marks.item));
        let holds_others =
            |element: &ElementRef<'_>| element.select(&marks.link).any(|other| other.attr("href") != link.attr("href"));
        let inside_day = |element: &ElementRef<'_>| day.is_some_and(|day| closest(*element, &marks.item) == Some(day));
        let own = link
            .ancestors()
            .filter_map(ElementRef::wrap)
            .take(MAX_NESTING)
            .take_while(|element| inside_day(element) && !holds_others(element))
            .last();
        let hidden = link.select(&marks.hidden).next().map(|span| title_and_date(&text(span, None)));
        Self { marks, link, day, own, hidden }
    }

    fn title(&self) -> Option<String> {
        let of_link = || Some(without_type(&text(self.link, Some(&self.marks.not_title))));
        let of_event = || {
            let event = self.own?.select(&self.marks.event_title).next()?;
            Some(without_type(&text(event, Some(&self.marks.not_title))))
        };
        let of_hidden = || Some(self.hidden.as_ref()?.0.clone());
        let is_title = |title: &String| !NO_TITLES.contains(&title.to_lowercase().as_str());
        of_link().filter(is_title).or_else(|| of_event().filter(is_title)).or_else(|| of_hidden().filter(is_title))
    }

    fn published_on(&self) -> Option<Date> {
        let marked = || self.own?.select(&self.marks.publication_time).find_map(date_of);
        let in_words = || date_after_published(&text(self.own?, Some(&self.marks.not_metadata)));
        let of_hidden = || self.hidden.as_ref()?.1;
        let of_day = || self.day?.select(&self.marks.first_date).find_map(date_of);
        let of_link = || self.link.select(&self.marks.time).find_map(date_of);
        marked().or_else(in_words).or_else(of_hidden).or_else(of_day).or_else(of_link)
    }
}

/// Words for screen readers, taken apart: "Title, PDF - 15 July 2024".
fn title_and_date(words: &str) -> (String, Option<Date>) {
    let apart = words.rsplit_once(" - ").and_then(|(title, date)| Some((title, published_on(date)?)));
    match apart {
        Some((title, date)) => (without_type(title), Some(date)),
        None => (without_type(words), None),
    }
}

/// A title without the kind of its file and without what separated it from a date.
fn without_type(title: &str) -> String {
    let mut title = title.trim_matches(SEPARATORS);
    while let Some(word) = title.rsplit(SEPARATORS).next()
        && FILE_TYPES.contains(&word.to_lowercase().as_str())
    {
        title = title[..title.len() - word.len()].trim_end_matches(SEPARATORS);
    }
    title.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_lose_dates_and_kinds_of_files() {
        for (words, title) in [
            (": Area SEND full inspection PDF", "Area SEND full inspection"),
            ("Area SEND full inspection, pdf", "Area SEND full inspection"),
            ("Report (PDF)", "Report"),
            ("pdf", ""),
            ("Inspection of PDF services", "Inspection of PDF services"),
        ] {
            assert_eq!(without_type(words), title);
        }
        let july = Some(jiff::civil::date(2024, 7, 15));
        assert_eq!(title_and_date("ILACS - full, PDF - 15 July 2024"), ("ILACS - full".to_owned(), july));
        assert_eq!(title_and_date("Revisit - part 2, pdf"), ("Revisit - part 2".to_owned(), None));
    }
}
