//! Method, coverage, quality, downloads, and the codebook.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use super::super::components;
use super::super::error::Failure;
use super::super::layout::{Page, Part};
use super::super::site::Site;
use crate::codebook::Codebook;
use crate::query::{Status, status};
use crate::view::{quality, words};

/// The four groups of the codebook.
const GROUPS: [(&str, &str); 4] = [
    ("identify", "Identifying needs"),
    ("meet", "Assessing and meeting needs"),
    ("outcomes", "Improving outcomes"),
    ("system", "Leadership and joint working"),
];

/// Gaps that are listed; the API has all of them.
const GAPS: usize = 60;

pub async fn page(State(site): State<Arc<Site>>) -> Result<Response, Failure> {
    let status = site.pool.ask(status).await?;
    let body = html! {
        h1 { "Method and data" }
        p.lead { "What sendlens reads, how it codes findings, how complete it is, and how to take the data with you." }
        h2 id="method" { "Method" }
        p { "Every letter and report is read from its PDF. Evaluative text is split into findings: one formal item (a significant weakness, priority action, area for improvement or development), or one sentence. Each finding keeps its exact quote, its page and its place." }
        p { "A finding is coded as strength, weakness, mixed or neutral, and with every theme of the " a href="/about/codebook" { "codebook" } " that it is substantively about. The wording that earned each theme is kept. No person has checked every code: read the quote before you rely on it." }
        p { "Shares count letters or areas, never sentences, and stand beside their denominator with a 95% Wilson interval. Comparisons with England carry the interval of their difference. Themes with few letters are marked and not ranked." }
        h2 id="coverage" { "Coverage" }
        (coverage(&status))
        h2 id="quality" { "How good the coding is" }
        (measured(&site.codebook))
        h2 id="problems" { "What could not be read" }
        (problems(&status))
        h2 id="downloads" { "Downloads" }
        ul {
            li { a href="/api/v1/letters.csv" { "Letters (CSV)" } }
            li { a href="/api/v1/areas.csv" { "Areas and how they stand (CSV)" } }
            li { a href="/api/v1/themes.csv" { "Themes by frequency (CSV)" } }
            li { a href="/findings" { "Findings: search, then download the result" } }
        }
        p { "The whole dataset as CSV, JSON lines, Parquet, Excel and SQLite comes from the command line: " code { "sendlens export --to FOLDER" } ". Programs can use the " a href="/api" { "API" } "." }
        h2 id="licence" { "Source and licence" }
        p { "Letters and reports: Ofsted and the Care Quality Commission, Crown copyright, Open Government Licence v3.0. Statistical neighbours: Department for Education. Codes of areas: Office for National Statistics and Ofsted. Register of inspections 2016 to 2022: Ofsted official statistics." }
    };
    Ok(Page::new(Part::About, "Method and data", body).render(&site).await)
}

fn coverage(s: &Status) -> Markup {
    html! {
        dl.facts {
            div { dt { "letters and reports" } dd { (words::thousands(s.letters)) } }
            div { dt { "findings" } dd { (words::thousands(s.findings)) } }
            div { dt { "of " (words::thousands(s.areas)) " areas without any letter" } dd { (words::thousands(s.areas_without_letter.len())) } }
            div { dt { "inspections and revisits of the official register without a letter here" } dd { (words::thousands(s.not_held.len())) } }
        }
        table {
            thead { tr { th scope="col" { "Kind" } th.n scope="col" { "Letters" } th.n scope="col" { "Areas" } } }
            tbody { @for k in &s.kinds { tr { th scope="row" { (words::kind(k.kind)) } td.n { (words::thousands(k.letters)) } td.n { (words::thousands(k.areas)) } } } }
        }
        @if !s.not_held.is_empty() {
            details {
                summary { "Inspections of the official register without a letter here" }
                ul { @for gap in s.not_held.iter().take(GAPS) { li { (gap.area) ", " (gap.what) " from " (words::date(gap.inspection_start)) } } }
                @if s.not_held.len() > GAPS { p { "and " (words::thousands(s.not_held.len() - GAPS)) " more." } }
            }
        }
        @if !s.areas_without_letter.is_empty() {
            details { summary { "Areas without any letter" } p { (words::list(&s.areas_without_letter)) "." } }
        }
    }
}

/// The figures that were measured on labelled texts.
fn measured(codebook: &Codebook) -> Markup {
    let tables = quality::tables();
    html! {
        (quality::explained())
        @if let Some(overall) = tables.first() { (quality::figures(overall, "Quality by kind of text", |cell| html! { (cell) })) }
        @if let Some(themes) = tables.iter().find(|t| t.head.first() == Some(&"theme")) {
            details {
                summary { "Quality by theme" }
                (quality::figures(themes, "Quality by theme", |id| html! { a href={ "/themes/" (id) } { (components::theme_label(id, codebook)) } }))
            }
        }
    }
}

fn problems(s: &Status) -> Markup {
    html! {
        table {
            caption.visually-hidden { "What went wrong while reading" }
            tbody {
                tr { th scope="row" { "Documents set aside because they are not SEND letters" } td.n { (words::thousands(s.set_aside.iter().map(|r| r.documents).sum())) } }
                tr { th scope="row" { "Documents that could not be fetched or read" } td.n { (words::thousands(s.failed.len())) } }
                tr { th scope="row" { "Documents whose text is poor or an image" } td.n { (words::thousands(s.text_problems.len())) } }
                tr { th scope="row" { "Values that a person should check" } td.n { (words::thousands(s.doubts.len())) } }
                tr { th scope="row" { "Progress judgements not matched to a weakness" } td.n { (words::thousands(s.unlinked.len())) } }
            }
        }
        @if !s.set_aside.is_empty() {
            details { summary { "Why documents were set aside" } ul { @for r in &s.set_aside { li { (r.message) ": " (words::thousands(r.documents)) } } } }
        }
        @if !s.failed.is_empty() {
            details {
                summary { "Which documents could not be fetched or read" }
                ul { @for f in s.failed.iter().take(GAPS) { li { (f.at) ": " (f.reason.message) } } }
                @if s.failed.len() > GAPS { p { "and " (words::thousands(s.failed.len() - GAPS)) " more." } }
            }
        }
        @if !s.doubts.is_empty() {
            details {
                summary { "Which values a person should check" }
                ul { @for d in s.doubts.iter().take(GAPS) { li { a href={ "/letters/" (d.letter_id) } { (d.letter_id) } ", " (d.about.replace('_', " ")) ": " (d.problem) } } }
                @if s.doubts.len() > GAPS { p { "and " (words::thousands(s.doubts.len() - GAPS)) " more." } }
            }
        }
        @if let Some(run) = s.runs.first() {
            p { "Last run: " (run.command) ", begun " (run.started_at.replace('T', " ").trim_end_matches('Z')) " UTC" @if run.finished_at.is_none() { ", under way or cut off" } ": " (run.tally.stored) " stored, " (run.tally.revised) " revised, " (run.tally.unchanged) " unchanged, " (run.tally.set_aside) " set aside, " (run.tally.failed) " failed." }
        }
    }
}

/// The themes with their definitions.
pub async fn codebook(State(site): State<Arc<Site>>) -> Result<Response, Failure> {
    let body = html! {
        h1 { "Codebook" }
        p.lead { "A theme says what a finding is about. Whether it is praise or criticism is the finding\u{2019}s polarity, never part of the theme." }
        @for (group, heading) in GROUPS {
            h2 { (heading) }
            dl.summary {
                @for theme in site.codebook.themes().iter().filter(|t| t.group == group) {
                    div {
                        dt { a href={ "/themes/" (theme.id) } { (theme.label) } }
                        dd {
                            (theme.definition)
                            @if let Some(includes) = &theme.includes { div.soft { "Includes: " (includes) } }
                            @if let Some(excludes) = &theme.excludes { div.soft { "Coded under another theme: " (excludes) } }
                        }
                    }
                }
            }
        }
        p.soft { "Edition " (site.codebook.fingerprint()) }
    };
    Ok(Page::new(Part::About, "Codebook", body).under("/about", "Method and data").render(&site).await)
}
