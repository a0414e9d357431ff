//! A briefing to print for people who prepare for an inspection: what was found here and what became of it, what
//! areas like it were flagged for, and for each such theme what to be able to answer and to show.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use maud::{Markup, html};

use super::super::error::Failure;
use super::super::layout::{Page, Part};
use super::super::params::Params;
use super::super::site::Site;
use super::super::{components, download};
use super::{area, peers};
use crate::query::{Filter, History, Item, Peers, QueryError, Quote, history, peers_in_order as compare, show};
use crate::report::briefing::{BriefingError, BriefingForm, briefing as write_briefing};
use crate::store::Dataset;
use crate::view::briefing::{Advice, Briefing, ORDER, QuestionTheme, question_themes, taken_up};
use crate::view::words;

/// Characters of a peer's formal item that are printed, around the words that earned the theme.
const QUOTE_CHARS: usize = 200;

pub async fn page(
    State(site): State<Arc<Site>>,
    Path(given): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let area = match area::resolve(&site, &given, query.as_deref(), "/briefing") {
        Ok(area) => area,
        Err(response) => return Ok(*response),
    };
    let params = Params::parse(query.as_deref())?;
    let basis = peers::basis(&params, &site.reference)?;
    let (code, today, asked) = (area.la_code.clone(), site.today(), basis.clone());
    let (own, comparison, quoted) = site
        .pool
        .ask(move |dataset| {
            let own = history(dataset, &code, &Filter::default(), today)?;
            let comparison = compare(dataset, &code, &asked, &Filter::default(), ORDER)?;
            let quoted = quoted(dataset, &comparison)?;
            Ok::<_, QueryError>((own, comparison, quoted))
        })
        .await?;
    let chosen = question_themes(&own, &comparison.themes);
    let body = html! {
        h1 { span.caption { "Inspection briefing, " (words::date(today)) } (area.name) }
        ul.actions {
            li { button type="button" data-print hidden { "Print this briefing" } }
            li { a.button.quiet href=(params.with_all(&format!("/areas/{}/briefing.docx", area.la_code), &[])) { "Word document to edit" } }
            li { a.button.quiet href=(params.with_all(&format!("/areas/{}/briefing.html", area.la_code), &[])) { "HTML file" } }
            li { a href={ "/areas/" (area.la_code) } { "Back to the area" } }
        }
        (area::standing(&own, today))
        h2 { "Previous findings and progress" }
        (found_here(&own))
        h2 { "What similar areas were flagged for" }
        (peers::who(&comparison, &basis, &site.reference))
        (flagged(&comparison, &quoted))
        p.no-print { small { a href=(params.with_all(&format!("/areas/{}", area.la_code), &[])) { "Sort this table, and take it as CSV, on the page of the area" } } }
        div.keep {
            h2 { "Questions to be ready for" }
            p { "Written by sendlens from the published focus of the inspections; they are not the inspectorate\u{2019}s words." }
            (advice("At any inspection", &site.briefing.general, None))
        }
        @for theme in &chosen { (theme_advice(theme, &site.briefing)) }
    };
    let page = Page::new(Part::Areas, format!("Briefing for {}", area.name), body)
        .without_use_for(params.unused(&["basis", "with"]))
        .under("/areas", "Areas")
        .under(format!("/areas/{}", area.la_code), area.name.clone());
    Ok(page.render(&site).await)
}

/// The briefing as a Word document.
pub async fn docx(
    State(site): State<Arc<Site>>,
    Path(given): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    file(&site, &given, query.as_deref(), BriefingForm::Docx, "docx").await
}

/// The briefing as one HTML file.
pub async fn html_file(
    State(site): State<Arc<Site>>,
    Path(given): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    file(&site, &given, query.as_deref(), BriefingForm::Html, "html").await
}

async fn file(
    site: &Arc<Site>,
    given: &str,
    query: Option<&str>,
    form: BriefingForm,
    extension: &str,
) -> Result<Response, Failure> {
    let area = match area::resolve(site, given, query, &format!("/briefing.{extension}")) {
        Ok(area) => area,
        Err(response) => return Ok(*response),
    };
    let params = Params::parse(query)?;
    let basis = peers::basis(&params, &site.reference)?;
    let (code, today, own) = (area.la_code.clone(), site.today(), Arc::clone(site));
    let bytes = site
        .pool
        .ask(move |dataset| match write_briefing(dataset, &code, &basis, &own.briefing, today, form) {
            Ok(bytes) => Ok(bytes),
            Err(BriefingError::Query(error)) => Err(error.into()),
            Err(error @ BriefingError::Pack(_)) => Err(Failure::Internal(error.to_string())),
        })
        .await?;
    download::attachment(&format!("briefing-{}", area.la_code), extension, form.media_type(), bytes)
}

/// Formal items, and judgements on items of letters that are not held; other judgements stand beside their item.
fn is_told(item: &Item) -> bool {
    item.finding.role.flags() || (item.finding.verdict.is_some() && item.finding.judges.is_none())
}

fn found_here(own: &History) -> Markup {
    html! {
        @if own.inspections.is_empty() { p { "We hold no letter about this area." } }
        @for inspection in own.inspections.iter().rev() {
            @let items: Vec<&Item> = inspection.items.iter().filter(|item| is_told(item)).collect();
            div.keep {
                h3 { (words::kind(inspection.letter.kind)) ", " (components::inspection_days(&inspection.letter)) }
                p { (components::outcome(inspection.letter.outcome)) }
            }
            @if !items.is_empty() {
                ul.items {
                    @for item in items {
                        li.in-full {
                            strong { (words::role(item.finding.role)) " " (item.finding.ordinal) ": " }
                            (item.finding.text) " (page\u{a0}" (item.finding.page) ")"
                            @if let Some(verdict) = item.finding.verdict { " \u{2192} " strong { (words::verdict(verdict)) } }
                            @for later in &item.followed_up {
                                " \u{2192} " strong { @match later.verdict { Some(v) => { (words::verdict(v)) } None => { "taken up again" } } }
                                ", " (words::month_year(later.inspection_start))
                            }
                        }
                    }
                }
            }
        }
        @if !own.recurrences.is_empty() {
            p {
                strong { "Flagged more than once: " }
                (words::list(&own.recurrences.iter().map(|r| r.label.as_str()).collect::<Vec<_>>())) "."
            }
        }
    }
}

/// For each theme taken up a quote that stands under no other, cut around the words that earned the theme.
fn quoted(dataset: &Dataset, comparison: &Peers) -> Result<BTreeMap<String, (Quote, String)>, QueryError> {
    let mut used = BTreeSet::new();
    let mut found = BTreeMap::new();
    for theme in taken_up(comparison) {
        let Some(quote) = theme.quotes.iter().find(|quote| used.insert(quote.finding_id.clone())) else { continue };
        let shown = show(dataset, &quote.finding_id)?;
        let earned = shown.finding.themes.iter().find(|code| code.id == theme.theme);
        let cut = around(&quote.text, earned.map_or("", |code| code.evidence.as_str()));
        found.insert(theme.theme.clone(), (quote.clone(), cut));
    }
    Ok(found)
}

/// The part of a text around some of its words, with marks where it was cut; its beginning where it lacks them.
fn around(text: &str, words: &str) -> String {
    let text = text.replace('\n', " ");
    let length = text.chars().count();
    if length <= QUOTE_CHARS {
        return text;
    }
    let at = text.find(words).map_or(0, |byte| text[..byte].chars().count());
    let wanted = (at + words.chars().count() / 2).saturating_sub(QUOTE_CHARS / 2);
    let start = wanted.min(length - QUOTE_CHARS);
    let part: String = text.chars().skip(start).take(QUOTE_CHARS).collect();
    let mut part = part.as_str();
    if start > 0 {
        part = part.split_once(' ').map_or(part, |(_, rest)| rest);
    }
    if start + QUOTE_CHARS < length {
        part = part.rsplit_once(' ').map_or(part, |(rest, _)| rest);
    }
    let before = if start > 0 { "\u{2026} " } else { "" };
    let after = if start + QUOTE_CHARS < length { " \u{2026}" } else { "" };
    format!("{before}{}{after}", part.trim_end_matches([',', ';', ':']))
}

fn flagged(comparison: &Peers, quoted: &BTreeMap<String, (Quote, String)>) -> Markup {
    let (shares, nation) = (!comparison.too_few_for_shares(), comparison.beside_england());
    let themes = taken_up(comparison);
    html! {
        @if themes.is_empty() { p { "None of these areas was flagged for a theme in a report held here." } }
        @else {
            table.stack {
                thead { tr { th scope="col" { "Theme" } @if shares { th scope="col" { span.visually-hidden { "Bar" } } } th.n scope="col" { "Areas flagged" } @if shares { th.n scope="col" { "Share (95% interval)" } } @if nation { th.n scope="col" { "England" } } } }
                tbody {
                    @for theme in taken_up(comparison) {
                        tr {
                            th scope="row" {
                                (theme.label)
                                @match (theme.flagged_here, theme.criticised_here) {
                                    (Some(true), _) => { div { small.flagged-here { "Also flagged in " (comparison.area) } } }
                                    (Some(false), Some(true)) => { div { small { "No formal item in " (comparison.area) ", but criticised there" } } }
                                    _ => {}
                                }
                            }
                            @if shares { td.bar-cell { (components::bar_of(theme.share, theme.of_peers, theme.national_share.filter(|_| nation))) } }
                            td.n data-label="Areas flagged" { (theme.peers_flagged) " of " (theme.of_peers) }
                            @if shares {
                                td.n data-label="Share" {
                                    (components::share_text(theme.share))
                                    @if let Some(share) = components::corrected(&theme.adjusted, theme.share) { div { small { "corrected: " (share) } } }
                                }
                            }
                            @if nation { td.n data-label="England" { (theme.national_share.map_or_else(|| "\u{2013}".to_owned(), words::percent)) } }
                        }
                        tr.quoted { td.soft colspan="5" { small {
                            @match quoted.get(&theme.theme) {
                                Some((quote, cut)) => { "\u{201c}" (cut) "\u{201d} " (quote.area) ", page " (quote.page) }
                                None if theme.quotes.is_empty() => { "No quote: no sentence of these letters is held." }
                                None => { "The sentences on this theme are quoted above, under another." }
                            }
                        } } }
                    }
                }
            }
        }
    }
}

fn theme_advice(theme: &QuestionTheme<'_>, briefing: &Briefing) -> Markup {
    html! { @if let Some(found) = briefing.theme(theme.id) { (advice(theme.label, found, Some(theme))) } }
}

fn advice(title: &str, advice: &Advice, theme: Option<&QuestionTheme<'_>>) -> Markup {
    html! {
        section.keep {
            h3 {
                @if let Some(theme) = theme {
                    a href={ "/themes/" (theme.id) } { (title) }
                    small { @if theme.own { " flagged here" } @else { " flagged in similar areas" } }
                } @else { (title) }
            }
            div.columns {
                div { h4 { "Be able to answer" } ul { @for question in &advice.questions { li { (question) } } } }
                div { h4 { "Be able to show" } ul { @for evidence in &advice.evidence { li { (evidence) } } } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_is_cut_around_the_words_that_earned_the_theme() {
        let text = format!("{}the long waits for therapy {}", "first words ".repeat(40), "last words ".repeat(40));
        let cut = around(&text, "long waits");
        assert!(cut.contains("the long waits for therapy") && cut.starts_with('\u{2026}') && cut.ends_with('\u{2026}'));
        assert!(cut.chars().count() <= QUOTE_CHARS + 4, "{cut}");
        assert_eq!(around("short\ntext", "none"), "short text");
        assert!(around(&text, "not there").starts_with("first words"));
    }
}
