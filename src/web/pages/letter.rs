//! One letter as it was read: its facts, what could not be read, and every finding in its place.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::super::components;
use super::super::error::Failure;
use super::super::layout::{self, Page};
use super::super::params::Params;
use super::super::site::Site;
use crate::codebook::Codebook;
use crate::domain::{PreviousStatus, Role, Section, TextStatus};
use crate::query::{FindingRow, LetterRow, WholeLetter, letter, show};
use crate::view::{citation, words};

/// The letter of a finding, at the finding.
pub async fn finding(State(site): State<Arc<Site>>, Path(id): Path<String>) -> Result<Response, Failure> {
    let shown = site.pool.ask(move |dataset| show(dataset, &id)).await?;
    let href = components::finding_href(&shown.finding.letter_id, &shown.finding.id);
    Ok(Redirect::to(&href).into_response())
}

pub async fn page(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let params = Params::parse(query.as_deref())?;
    let asked = id.clone();
    let found = site.pool.ask(move |dataset| letter(dataset, &asked)).await?;
    let Some(whole) = found else {
        return Err(Failure::NotFound(format!(
            "There is no letter \u{201c}{id}\u{201d}. It may have been superseded: look for its area."
        )));
    };
    let l = &whole.letter;
    let area = l.area.as_deref().unwrap_or("Area not known");
    let body = html! {
        h1 { span.caption { (words::kind(l.kind)) } (area) ", " (components::inspection_days(l)) }
        (facts(&whole))
        (unread(&whole))
        ul.actions {
            @match original(l, &site) {
                Some((url, text)) => li { a.button href=(url) rel="noreferrer" { (text) } },
                None => {}
            }
            @if let Some(code) = &l.la_code { li { a.button.quiet href={ "/areas/" (code) } { "About this area" } } }
            li { a href={ "/api/v1/letters/" (l.id) } { "As JSON" } }
        }
        (contents(&whole.findings))
        h2 id="findings" { "Findings" }
        ul.key {
            @for polarity in <crate::domain::Polarity as crate::domain::Term>::ALL {
                li { (components::polarity(*polarity)) " (" (whole.findings.iter().filter(|f| f.polarity == *polarity).count()) ")" }
            }
        }
        (sections(&whole.findings, l, &site.codebook))
        (components::doubt_note(whole.findings.iter()))
        (evidence(&whole))
        (citation(l, &site))
    };
    let mut page =
        Page::new(layout::Part::Letters, format!("{area}, {}", words::kind(l.kind)), body).under("/letters", "Letters");
    if let Some(code) = &l.la_code {
        page = page.under(format!("/areas/{code}"), area);
    }
    Ok(page.without_use_for(params.unused(&[])).render(&site).await)
}

fn facts(whole: &WholeLetter) -> Markup {
    let l = &whole.letter;
    html! {
        dl.summary {
            div { dt { "Outcome" } dd { (components::outcome(l.outcome)) } }
            @if l.wsoa_required == Some(true) && !whole.responsible_for_statement.is_empty() {
                div { dt { "Written statement to be submitted by" } dd { (words::list(&whole.responsible_for_statement)) } }
            }
            @if l.priority_action_plan_required == Some(true) { div { dt { "Priority action plan" } dd { "required" } } }
            @if let Some(revisit) = &l.revisit {
                div { dt { "Progress" } dd { "sufficient on " (revisit.sufficient) ", not sufficient on " (revisit.insufficient) } }
            }
            div { dt { "Published" } dd { @match l.published_on { Some(day) => (words::date(day)), None => "date not stated by the source" } } }
            @if let Some(day) = l.letter_date { div { dt { "Date of the letter" } dd { (words::date(day)) } } }
            div { dt { "Previous inspection" } dd { (previous(l)) } }
            @if let Some(months) = l.monitoring_inspection_months { div { dt { "Monitoring inspection" } dd { "within about " (months) " months" } } }
            @if let Some(months) = l.next_full_inspection_months { div { dt { "Next full inspection" } dd { "within about " (months) " months" } } }
            @if !l.local_authorities.is_empty() { div { dt { "Local authority" } dd { (words::list(&l.local_authorities)) } } }
            @if !l.health_bodies.is_empty() { div { dt { "Health bodies" } dd { (words::list(&l.health_bodies)) } } }
        }
    }
}

fn previous(letter: &LetterRow) -> String {
    let previous = &letter.previous_inspection;
    match (previous.status, previous.start, previous.end) {
        (PreviousStatus::Found, Some(start), Some(end)) => words::span(start, end),
        (PreviousStatus::Found, Some(start), None) => words::date(start),
        (PreviousStatus::NoneStated, ..) => "none, says the letter".to_owned(),
        (PreviousStatus::Absent, ..) => "not mentioned in the letter".to_owned(),
        (PreviousStatus::Unreadable | PreviousStatus::Found, ..) => {
            "mentioned, but its days could not be read".to_owned()
        }
    }
}

/// Where the document stands at the inspectorate; for a file that was given, the area's page there.
fn original(letter: &LetterRow, site: &Site) -> Option<(String, &'static str)> {
    if let Some(url) = letter.url.as_deref().and_then(components::safe_link) {
        return Some((url.to_owned(), "Original document"));
    }
    let urn = site.reference.area(letter.la_code.as_deref()?)?.urn.as_deref()?;
    Some((format!("https://reports.ofsted.gov.uk/provider/44/{urn}"), "This area\u{2019}s reports at Ofsted"))
}

/// How to name the letter in a paper of one's own. The script makes the citation of a finding from that with gaps.
fn citation(letter: &LetterRow, site: &Site) -> Markup {
    let original = original(letter, site).map(|(url, _)| url);
    let gaps = citation::of_finding(letter, original.as_deref(), "@page@", "@quote@", "@finding@");
    html! {
        h2 id="cite" { "How to cite this" }
        div data-cite-letter data-sentence=(gaps.sentence) data-bibtex=(gaps.bibtex) {
            (components::cite(&citation::of_letter(letter, original.as_deref()), false))
        }
        p.soft { "To cite one finding, give its page and its words besides: \u{201c}Cite\u{201d} below a finding does so." }
    }
}

/// The parts of the page, for letters of many sections.
fn contents(findings: &[FindingRow]) -> Markup {
    let parts = parts(findings);
    html! {
        @if !parts.is_empty() {
            nav.contents aria-label="Contents" {
                ul {
                    @for (i, part) in parts.iter().enumerate() { li { a href={ "#part-" (i + 1) } { (part.heading) " (" (part.findings.len()) ")" } } }
                    li { a href="#evidence" { "How this was read" } }
                    li { a href="#cite" { "How to cite this" } }
                }
            }
        }
    }
}

/// What could not be read, or cannot be right.
fn unread(whole: &WholeLetter) -> Markup {
    let l = &whole.letter;
    let mut problems: Vec<String> = Vec::new();
    match whole.text_status {
        Some(TextStatus::PoorText) => {
            problems.push("Some characters of the document could not be read as text.".to_owned())
        }
        Some(TextStatus::NeedsOcr) => problems.push("Some pages are images without text and were not read.".to_owned()),
        _ => {}
    }
    if l.outcome.is_none() {
        problems.push("The outcome could not be read.".to_owned());
    }
    if l.inspection_end.is_none() {
        problems.push("The last day of the inspection could not be read.".to_owned());
    }
    for suspicion in &l.suspicious {
        let said = match suspicion.quote.as_str() {
            "" => String::new(),
            quote => format!(" (the letter says: \u{201c}{quote}\u{201d})"),
        };
        problems.push(format!("{}: {}{said}.", suspicion.field.replace('_', " "), suspicion.problem));
    }
    html! {
        @if !problems.is_empty() {
            div.note.warn { p { strong { "Check these in the original" } } ul { @for problem in &problems { li { (problem) } } } }
        }
    }
}

/// The findings of one section.
struct Part<'a> {
    heading: &'static str,
    findings: Vec<&'a FindingRow>,
}

/// Findings by section: formal items first, then the sections in the order of the letter, and what only describes the
/// area last.
fn parts(findings: &[FindingRow]) -> Vec<Part<'_>> {
    let mut parts: Vec<(u8, Section, Part<'_>)> = Vec::new();
    for finding in findings {
        let key = (finding.place(), finding.section);
        match parts.iter_mut().find(|(place, section, _)| (*place, *section) == key) {
            Some((.., part)) => part.findings.push(finding),
            None => {
                let heading = match finding.role {
                    Role::ProgressVerdict => "Progress judgements",
                    _ => words::section(finding.section),
                };
                parts.push((key.0, key.1, Part { heading, findings: vec![finding] }));
            }
        }
    }
    parts.sort_by_key(|(place, ..)| *place);
    parts.into_iter().map(|(.., part)| part).collect()
}

fn sections(findings: &[FindingRow], letter: &LetterRow, codebook: &Codebook) -> Markup {
    html! {
        @if findings.is_empty() { p { "No finding was read." } }
        @for (i, part) in parts(findings).iter().enumerate() {
            h3 id={ "part-" (i + 1) } { (part.heading) }
            @for finding in &part.findings { (one(finding, letter, codebook)) }
        }
    }
}

fn one(f: &FindingRow, letter: &LetterRow, codebook: &Codebook) -> Markup {
    let anchor = components::anchor(&f.id);
    html! {
        div class={ "finding " (components::tone(f).to_string()) } id=(anchor) {
            p { (f.text) }
            div.meta {
                @if f.verdict.is_none() { (components::judgement(f)) }
                @if f.role.flags() || f.verdict.is_some() { span { (words::role(f.role)) " " (f.ordinal) } }
                @if let Some(verdict) = f.verdict { strong { (words::verdict(verdict)) } }
                @if let Some(url) = letter.url.as_deref().and_then(components::safe_link) {
                    a href={ (url) "#page=" (f.page) } rel="noreferrer" { "page " (f.page) span.visually-hidden { " of the original, finding " (anchor) } }
                } @else { span { "page " (f.page) } }
                @if let Some(who) = &f.responsible { span { "Responsible: " (who) } }
                (components::theme_tags(f, codebook))
                a href={ "#" (anchor) } { "link" span.visually-hidden { " to finding " (anchor) } }
                details.cite.no-print data-cite data-page=(f.page) {
                    summary { "Cite" span.visually-hidden { " finding " (anchor) } }
                    p { "As " a href="#cite" { "the letter is cited" span.visually-hidden { ", for finding " (anchor) } } ", with page " (f.page) " and the words above." }
                }
            }
        }
    }
}

/// Where each fact was read, and what read it.
fn evidence(whole: &WholeLetter) -> Markup {
    let versions = &whole.letter.versions;
    html! {
        h2 id="evidence" { "How this was read" }
        @if !whole.facts.is_empty() {
            details {
                summary { "The words that each fact was read from" }
                dl.summary {
                    @for fact in &whole.facts {
                        div { dt { (fact.field.replace('_', " ")) } dd { "\u{201c}" (fact.evidence.quote) "\u{201d}, page " (fact.evidence.page) } }
                    }
                }
            }
        }
        dl.summary {
            @if let Some(pages) = whole.pages { div { dt { "Pages" } dd { (pages) } } }
            @if let Some(file) = &whole.letter.file { div { dt { "File" } dd { (file) } } }
            div { dt { "Document" } dd { code { (whole.letter.sha256) } " (SHA-256)" } }
            div { dt { "Read by" } dd { "extraction " (versions.extract) ", parser " (versions.parse) ", coder " (versions.code) ", codebook " (versions.codebook) } }
        }
    }
}
