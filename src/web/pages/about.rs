//! Method, coverage, quality, downloads, and the codebook.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use maud::{Markup, html};

use super::super::components;
use super::super::error::Failure;
use super::super::layout::{Page, Part};
use super::super::params::Params;
use super::super::site::Site;
use super::super::sort::Order;
use super::about_tables;
use crate::query::{CodedBy, QueryError, Status, coded_by, status};
use crate::view::quality::{self, Coder};
use crate::view::words;

/// The four groups of the codebook.
const GROUPS: [(&str, &str); 4] = [
    ("identify", "Identifying needs"),
    ("meet", "Assessing and meeting needs"),
    ("outcomes", "Improving outcomes"),
    ("system", "Leadership and joint working"),
];

/// Words of the letters and of these pages.
const GLOSSARY: [(&str, &str); 15] = [
    ("AP", "Alternative provision: education arranged for pupils who cannot attend a mainstream or special school."),
    (
        "Area for improvement",
        "In reports from 2023: something that the area should do better, short of a priority action.",
    ),
    ("CAMHS", "Child and adolescent mental health services."),
    ("Criticised", "A letter finds fault with the theme, but in no formal item."),
    (
        "EHC plan",
        "Education, health and care plan: the legal document that sets out a child\u{2019}s needs and the help they must get.",
    ),
    ("EOTAS", "Education otherwise than at school: teaching that is arranged outside any school."),
    ("Feed", "An address that a feed reader or Outlook looks up for you. It lists new letters as they are added."),
    (
        "Flagged for",
        "A letter has a formal item on the theme: a significant weakness, priority action, area for improvement or area for development.",
    ),
    ("Formal item", "A numbered demand or finding that inspectors list apart from their text."),
    (
        "ICB",
        "Integrated care board: the NHS body that plans health services for an area. Before July 2022: clinical commissioning group (CCG).",
    ),
    ("Interval (95%)", "The range that the true share probably lies in. The fewer the letters, the wider it is."),
    ("Local offer", "The website on which an area must set out what it offers to children with SEND."),
    (
        "Priority action",
        "In reports from 2023: something that the area must put right urgently, with a plan that Ofsted and the CQC see.",
    ),
    ("Small sample", "So few letters or areas that the share says little."),
    (
        "WSOA",
        "Written statement of action: the plan that an area had to write after an inspection under the 2016 framework found significant weaknesses.",
    ),
];

/// Gaps that are listed; the API has all of them.
const LISTED_GAPS: usize = 60;

pub async fn page(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let params = Params::parse(query.as_deref())?;
    let order = about_tables::order(&params)?;
    let (status, coded) = site.pool.ask(|dataset| Ok::<_, QueryError>((status(dataset)?, coded_by(dataset)?))).await?;
    let body = html! {
        h1 { "Method and data" }
        p.lead { "What sendlens reads, how it codes findings, how complete it is, and how to take the data with you." }
        h2 id="method" { "Method" }
        (agreement(coded))
        p { "Every letter and report is read from its PDF. Evaluative text is split into findings: one formal item (a significant weakness, priority action, area for improvement or development), or one sentence. Each finding keeps its exact quote, its page and its place." }
        p { "A finding is coded as strength, weakness, mixed or neutral, and with every theme of the " a href="/about/codebook" { "codebook" } " that it is substantively about. The wording that earned each theme is kept. No person has checked every code: read the quote before you rely on it." }
        p { "Shares count letters or areas, never sentences, and stand beside their denominator with a 95% Wilson interval. Comparisons with England carry the interval of their difference. Themes with few letters are marked and not ranked." }
        h2 id="coverage" { "Coverage" }
        (coverage(&params, &status, order.as_ref()))
        h2 id="quality" { "How good the coding is" }
        (about_tables::measured(&params, order.as_ref(), &site.codebook))
        h2 id="problems" { "What could not be read" }
        (about_tables::problems(&params, &status, order.as_ref()))
        (problems(&status))
        h2 id="downloads" { "Downloads" }
        ul.actions {
            li { a.button href="/dataset.xlsx" { "The whole dataset for Excel" } }
            li { a.button.quiet href="/dataset.zip" { "The whole dataset as CSV (zip)" } }
        }
        p { "Both explain every column. Parts of it:" }
        ul {
            li { a href="/letters.csv" { "Letters (CSV)" } }
            li { a href="/areas.csv" { "Areas and their latest outcome (CSV)" } }
            li { a href="/themes.csv" { "Themes by frequency (CSV)" } }
            li { a href="/findings" { "Findings: search, then download the result" } }
        }
        p { "Programs can use the " a href="/api" { "API" } ". " code { "sendlens export" } " also writes JSON lines, Parquet and SQLite." }
        h2 id="glossary" { "Glossary" }
        dl.summary { @for (term, meaning) in GLOSSARY { div { dt { (term) } dd { (meaning) } } } }
        h2 id="licence" { "Source and licence" }
        p { "Letters and reports: Ofsted and the Care Quality Commission, Crown copyright, Open Government Licence v3.0. Statistical neighbours: Department for Education. Codes of areas: Office for National Statistics and Ofsted. Register of inspections 2016 to 2022: Ofsted official statistics." }
    };
    Ok(Page::new(Part::About, "Method and data", body).without_use_for(params.unused(&["sort"])).render(&site).await)
}

/// How often the codes are right, of what really coded this dataset.
fn agreement(coded: CodedBy) -> Markup {
    let by = match coded {
        CodedBy { patterns: 0, .. } => vec![Coder::Model],
        CodedBy { model: 0, .. } => vec![Coder::Patterns],
        CodedBy { .. } => vec![Coder::Model, Coder::Patterns],
    };
    html! {
        @if coded.patterns > 0 {
            p {
                @if coded.model == 0 { "All letters of this dataset were" }
                @else { (words::thousands(coded.patterns)) " of the " (words::thousands(coded.model + coded.patterns)) " letters of this dataset were" }
                " coded with patterns alone, without the language model (" code { "--no-model" } "). " code { "sendlens rebuild" } " codes them with it."
            }
        }
        @for coder in by {
            @if let Some(agreement) = quality::agreement(coder) { p { strong { (agreement) } " " a href="#quality" { "How this was measured" } "." } }
        }
    }
}

fn coverage(params: &Params, s: &Status, order: Option<&Order>) -> Markup {
    html! {
        dl.facts {
            div { dt { "letters and reports" } dd { (words::thousands(s.letters)) } }
            div { dt { "findings" } dd { (words::thousands(s.findings)) } }
            div { dt { "of " (words::thousands(s.areas)) " areas without any letter" } dd { (words::thousands(s.areas_without_letter.len())) } }
            div { dt { "letters that agree with the official register of 2016 to 2022" } dd { (words::thousands(s.register.inspections.agreeing + s.register.revisits.agreeing)) } }
            div { dt { "letters that differ from it" } dd { (words::thousands(s.register.inspections.differing + s.register.revisits.differing)) } }
            div { dt { "inspections and revisits of the official register without a letter here" } dd { (words::thousands(s.not_held.len())) } }
        }
        (about_tables::kinds(params, s, order))
        @if !s.not_held.is_empty() {
            details {
                summary { "Inspections of the official register without a letter here" }
                ul { @for gap in s.not_held.iter().take(LISTED_GAPS) { li { (gap.area) ", " (gap.what) " from " (words::date(gap.inspection_start)) } } }
                @if s.not_held.len() > LISTED_GAPS { p { "and " (words::thousands(s.not_held.len() - LISTED_GAPS)) " more." } }
            }
        }
        @if !s.register.differences.is_empty() {
            details {
                summary { "Letters that differ from the official register" }
                ul { @for d in s.register.differences.iter().take(LISTED_GAPS) { li { a href={ "/letters/" (d.letter_id) } { (d.letter_id) } ", " (d.about.replace('_', " ")) ": " (d.problem) } } }
                @if s.register.differences.len() > LISTED_GAPS { p { "and " (words::thousands(s.register.differences.len() - LISTED_GAPS)) " more." } }
            }
        }
        @if !s.areas_without_letter.is_empty() {
            details { summary { "Areas without any letter" } p { (words::list(&s.areas_without_letter)) "." } }
        }
    }
}

fn problems(s: &Status) -> Markup {
    html! {
        @if !s.set_aside.is_empty() {
            details { summary { "Why documents were set aside" } ul { @for r in &s.set_aside { li { (r.message) ": " (words::thousands(r.documents)) } } } }
        }
        @if !s.failed.is_empty() {
            details {
                summary { "Which documents could not be fetched or read" }
                ul { @for f in s.failed.iter().take(LISTED_GAPS) { li { (f.at) ": " (f.reason.message) } } }
                @if s.failed.len() > LISTED_GAPS { p { "and " (words::thousands(s.failed.len() - LISTED_GAPS)) " more." } }
            }
        }
        @if !s.doubts.is_empty() {
            details {
                summary { "Which values a person should check" }
                ul { @for d in s.doubts.iter().take(LISTED_GAPS) { li { a href={ "/letters/" (d.letter_id) } { (d.letter_id) } ", " (d.about.replace('_', " ")) ": " (d.problem) } } }
                @if s.doubts.len() > LISTED_GAPS { p { "and " (words::thousands(s.doubts.len() - LISTED_GAPS)) " more." } }
            }
        }
        @if let Some(run) = s.runs.first() {
            p { "Last run: " (run.command) ", begun " (run.started_at.replace('T', " ").trim_end_matches('Z')) " UTC" @if run.finished_at.is_none() { ", under way or cut off" } ": " (run.tally.stored) " stored, " (run.tally.revised) " revised, " (run.tally.unchanged) " unchanged, " (run.tally.set_aside) " set aside, " (run.tally.failed) " failed." }
        }
    }
}

/// The themes with their definitions.
pub async fn codebook(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let params = Params::parse(query.as_deref())?;
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
                            @if let Some(includes) = theme.includes.as_deref().and_then(|text| components::theme_note(text, &site.codebook)) { div.soft { "Includes: " (includes) } }
                            @if let Some(excludes) = theme.excludes.as_deref().and_then(|text| components::theme_note(text, &site.codebook)) { div.soft { "Found under another theme: " (excludes) } }
                        }
                    }
                }
            }
        }
        p.soft { "Edition " (site.codebook.fingerprint()) }
    };
    let page = Page::new(Part::About, "Codebook", body).under("/about", "Method and data");
    Ok(page.without_use_for(params.unused(&[])).render(&site).await)
}
