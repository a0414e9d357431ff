//! Pieces of pages that several pages use.

use jiff::civil::Date;
use maud::{Markup, html};

use super::params::Params;
use crate::codebook::Codebook;
use crate::domain::{Polarity, Probability, Verdict};
use crate::query::{AreaRow, FindingRow, Quote};
use crate::view::citation::Citation;
pub use crate::view::pieces::*;
use crate::view::words;

/// A polarity with its sign.
#[must_use]
pub fn polarity(value: Polarity) -> Markup {
    html! {
        span class={ "polarity " (value.to_string()) } {
            span.sign aria-hidden="true" { (words::polarity_mark(value)) } (words::polarity(value))
        }
    }
}

/// What a finding says of the area: its polarity, and of a judgement on progress, which restates an earlier weakness, its
/// verdict.
#[must_use]
pub fn tone(finding: &FindingRow) -> Polarity {
    match finding.verdict {
        Some(Verdict::Sufficient) => Polarity::Strength,
        Some(Verdict::Insufficient) => Polarity::Weakness,
        None => finding.polarity,
    }
}

/// The polarity of a finding; a doubtful one says so.
#[must_use]
pub fn judgement(finding: &FindingRow) -> Markup {
    html! { (polarity(finding.polarity)) (doubt(finding.polarity_probability)) }
}

/// Says that a code is doubtful, where it is.
fn doubt(probability: Option<Probability>) -> Markup {
    html! { @if probability.is_some_and(Probability::is_doubtful) { " " small { "(doubtful)" } } }
}

/// What "doubtful" means, below findings of which one is marked so.
#[must_use]
pub fn doubt_note<'a>(mut findings: impl Iterator<Item = &'a FindingRow>) -> Markup {
    html! {
        @if findings.any(|finding| finding.least_probability().is_some_and(Probability::is_doubtful)) {
            p.soft { small {
                "\u{201c}Doubtful\u{201d}: the program gives this code a chance of less than "
                (Probability::DOUBTFUL_BELOW.percent()) "% to be right. Read the sentence before you rely on it."
            } }
        }
    }
}

/// The themes of a finding as links; doubtful ones say so.
#[must_use]
pub fn theme_tags(finding: &FindingRow, codebook: &Codebook) -> Markup {
    html! {
        @for tag in &finding.themes {
            a.tag href={ "/themes/" (tag.id) } { (theme_label(&tag.id, codebook)) (doubt(tag.probability)) }
        }
    }
}

/// A theme's name, or its id where the codebook does not know it.
#[must_use]
pub fn theme_label<'a>(id: &'a str, codebook: &'a Codebook) -> &'a str {
    codebook.theme(id).map_or(id, |theme| theme.label.as_str())
}

/// What a theme includes or excludes, for readers: without advice to coders, and with names in place of ids.
#[must_use]
pub fn theme_note(note: &str, codebook: &Codebook) -> Option<String> {
    let parts: Vec<&str> = note.split("; ").filter(|part| !part.starts_with("code ")).collect();
    let named = codebook
        .themes()
        .iter()
        .fold(parts.join("; "), |text, theme| text.replace(&format!("({})", theme.id), &format!("({})", theme.label)));
    (!named.is_empty()).then_some(named)
}

/// The address of a finding within its letter.
#[must_use]
pub fn finding_href(letter_id: &str, finding_id: &str) -> String {
    format!("/letters/{letter_id}#{}", anchor(finding_id))
}

/// The anchor of a finding in its letter's page: the part of the id after the letter's.
#[must_use]
pub fn anchor(finding_id: &str) -> String {
    format!("f-{}", finding_id.rsplit('.').next().unwrap_or(finding_id))
}

/// A quote of another area's letter with where it stands.
#[must_use]
pub fn quote(quote: &Quote) -> Markup {
    html! {
        blockquote {
            p { (quote.text) }
            cite.cite {
                a href=(finding_href(&quote.letter_id, &quote.finding_id)) { (quote.area) ", page " (quote.page) }
                @if let Some(url) = quote.url.as_deref().and_then(safe_link) {
                    " \u{b7} " a href=(url) rel="noreferrer" { "original letter" span.visually-hidden { " about " (quote.area) } }
                }
            }
        }
    }
}

/// An address that may be linked to: only the web, nothing that a listing could have smuggled in.
#[must_use]
pub fn safe_link(url: &str) -> Option<&str> {
    (url.starts_with("https://") || url.starts_with("http://")).then_some(url)
}

/// Which inspections are expected and when. A day that has passed says only that no later report is held here.
#[must_use]
pub fn due(row: &AreaRow, today: Date) -> Markup {
    let expected = [("Monitoring inspection", row.monitoring_due), ("Full inspection", row.next_full_inspection_due)];
    html! {
        @for (what, day) in expected {
            @if let Some(day) = day {
                div {
                    (what) @if day < today { " was expected about " (words::month_year(day)) "; no report is held here" }
                    @else { " is expected about " (words::month_year(day)) }
                }
            }
        }
    }
}

/// Links to the pages before and after, and where one is.
#[must_use]
pub fn pager(params: &Params, path: &str, page: usize, size: usize, total: usize) -> Markup {
    let pages = total.div_ceil(size).max(1);
    html! {
        @if pages > 1 {
            nav.pager aria-label="Pages of results" {
                span {
                    @if page > 1 {
                        a rel="prev" href=(params.with(path, "page", Some(&(page - 1).to_string()))) { "\u{2190} Previous page" }
                    }
                }
                span { "Page " (words::thousands(page)) " of " (words::thousands(pages)) }
                span {
                    @if page < pages {
                        a rel="next" href=(params.with(path, "page", Some(&(page + 1).to_string()))) { "Next page \u{2192}" }
                    }
                }
            }
        }
    }
}

/// What can be downloaded of a chart: the drawing, its figures, and how to cite it. `svg` and `csv` are addresses; the
/// picture in points is drawn from the first by the script, so its button shows only where there is one.
#[must_use]
pub fn take_chart(svg: &str, csv: &str, citation: &Citation) -> Markup {
    let path = svg.split('?').next().unwrap_or_default().trim_end_matches(".svg");
    let name = path.trim_matches('/').replace('/', "-");
    html! {
        div.take.no-print {
            ul.actions {
                li { a href=(svg) data-svg=(name) { "Chart as SVG" span.visually-hidden { ": " (citation.title) } } }
                li { button.quiet.small type="button" data-png hidden { "Chart as PNG" span.visually-hidden { ": " (citation.title) } } }
                li { a href=(csv) { "Its data as CSV" span.visually-hidden { ": " (citation.title) } } }
            }
            details.cite {
                summary { "Cite this chart" span.visually-hidden { ": " (citation.title) } }
                (cite(citation, true))
            }
        }
    }
}

/// A citation to copy. `with_address`: the script adds the address of the page, which only the browser knows.
#[must_use]
pub fn cite(citation: &Citation, with_address: bool) -> Markup {
    html! {
        div.citation data-with-address[with_address] {
            p { (citation.sentence) }
            button.quiet.small type="button" data-copy hidden { "Copy citation" span.visually-hidden { ": " (citation.title) } }
            pre tabindex="0" role="region" aria-label={ "BibTeX: " (citation.title) } { (citation.bibtex) }
            button.quiet.small type="button" data-copy hidden { "Copy BibTeX" span.visually-hidden { ": " (citation.title) } }
            span.soft role="status" {}
        }
    }
}

/// A field to choose an area by name or code, with the names offered while typing.
#[must_use]
pub fn area_field(site: &super::site::Site, label: &str) -> Markup {
    html! {
        label for="area" { (label) }
        span.hint id="area-hint" { "A name in any usual spelling, or a code. For example \u{201c}Hull\u{201d} or \u{201c}810\u{201d}." }
        input type="text" id="area" name="area" list="areas" autocomplete="off" aria-describedby="area-hint" required;
        datalist id="areas" {
            @for area in site.reference.areas().iter().filter(|a| a.abolished_on.is_none()) { option value=(area.name) { (area.la_code) } }
        }
    }
}
