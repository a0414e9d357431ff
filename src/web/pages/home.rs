//! The first page: what this is, how complete it is, what is found most often, and what is new.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use jiff::civil::Date;
use maud::{Markup, html};

use super::super::components::{self, STANDINGS};
use super::super::error::Failure;
use super::super::layout::{Page, Part};
use super::super::params::Params;
use super::super::site::Site;
use crate::query::{
    AreaRow, Filter, LetterRow, QueryError, ThemeShare, YearOutcome, areas, letters, outcomes_by_year, themes,
};
use crate::view::words;

/// Themes and letters shown.
const TOP: usize = 8;
const NEWEST: usize = 6;

struct Answers {
    areas: Vec<AreaRow>,
    years: Vec<YearOutcome>,
    themes: Vec<ThemeShare>,
    letters: Vec<LetterRow>,
}

pub async fn page(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let params = Params::parse(query.as_deref())?;
    let today = site.today();
    let answers = site
        .pool
        .ask(move |dataset| {
            let all = Filter::default();
            Ok::<_, QueryError>(Answers {
                areas: areas(dataset, &all, today)?,
                years: outcomes_by_year(dataset, &all)?,
                themes: themes(dataset, &all, None)?.rows,
                letters: letters(dataset, &Filter { limit: Some(NEWEST), ..Filter::default() })?,
            })
        })
        .await?;
    let body = html! {
        h1 { "What do inspections find about SEND services, again and again?" }
        p.lead {
            "Ofsted and the Care Quality Commission inspect how each area of England serves children and young people with "
            "special educational needs and disabilities. sendlens reads every letter and report, codes each finding by "
            "theme, and keeps the quote and the page beside every figure."
        }
        form action="/areas" method="get" role="search" aria-label="Choose an area" {
            div.row {
                div.grow { (components::area_field(&site, "What were similar areas to yours flagged for?")) }
                button type="submit" { "Show my area" }
            }
        }
        @if answers.letters.is_empty() {
            div.note.warn {
                p { strong { "There is no letter in the dataset yet." } }
                p { code { "sendlens update" } " fetches what is published, " code { "sendlens ingest FOLDER" } " takes in documents that you have. These pages show them as they come; nothing has to be started again." }
            }
        }
        (facts(&answers, today))
        h2 id="outcomes" { "Outcomes over time" }
        (components::outcomes(&answers.years))
        h2 id="themes" { "Most flagged themes" }
        (most_flagged(&answers.themes))
        h2 id="newest" { "Newest letters" }
        (newest(&answers.letters))
    };
    Ok(Page::new(Part::Home, "sendlens", body).without_use_for(params.unused(&[])).render(&site).await)
}

fn facts(answers: &Answers, today: Date) -> Markup {
    let letters: usize = answers.years.iter().map(|y| y.letters).sum();
    let with_letter = answers.areas.iter().filter(|a| a.letters > 0).count();
    let areas = answers.areas.len();
    let past = answers.areas.iter().filter(|a| a.overdue).count();
    let expected = answers.areas.iter().flat_map(|a| a.monitoring_due.into_iter().chain(a.next_full_inspection_due));
    let inspections = expected.filter(|day| *day < today).count();
    let without = answers.areas.iter().filter(|a| a.letters == 0 && a.standing_from == Some("register")).count();
    html! {
        dl.facts {
            div { dt { "letters and reports read" } dd { (words::thousands(letters)) } }
            div { dt { "of " (words::thousands(areas)) " areas have a letter here" } dd { (words::thousands(with_letter)) } }
            div { dt { "areas without a letter here whose outcome the official register of 2016 to 2022 gives" } dd { (words::thousands(without)) } }
            div { dt { a href="/areas?expected=past&sort=due#standings" { "areas past their expected inspection date, with no later report held" } " (" (words::count(inspections, "inspection", "inspections")) ")" } dd { (words::thousands(past)) } }
        }
        p.soft {
            "An area can have several letters: a first inspection, a revisit, a full inspection, monitoring."
            @if areas > with_letter {
                " Of the " (words::count(areas - with_letter, "area", "areas")) " without a letter here the official register knows " (words::thousands(without))
                @if areas - with_letter > without { "; of the other " (words::thousands(areas - with_letter - without)) " nothing is held" } "."
            }
        }
        p { a href="/about#coverage" { "How complete the dataset is, and what is missing" } " \u{b7} " a href="/due" { "Inspections by due date, with calendars" } }
    }
}

fn most_flagged(rows: &[ThemeShare]) -> Markup {
    html! {
        p { "Share of letters whose formal items (significant weaknesses, priority actions, areas for improvement or development) name the theme." }
        (components::bar_key(false))
        table.stack {
            caption.visually-hidden { "Most flagged themes" }
            thead { tr { th scope="col" { "Theme" } th scope="col" { span.visually-hidden { "Bar" } } th.n scope="col" { "Letters" } th.n scope="col" { "Share (95% interval)" } } }
            tbody { @for row in rows.iter().take(TOP) { (super::themes::share_row(row, &format!("/themes/{}", row.theme), &row.label)) } }
        }
        p { a href="/themes" { "All themes, by year, region and type of area" } }
    }
}

fn newest(letters: &[LetterRow]) -> Markup {
    html! {
        ul.results {
            @for letter in letters {
                li {
                    h3 { a href={ "/letters/" (letter.id) } { (letter.area.as_deref().unwrap_or("Area not known")) } }
                    div.meta { span { (words::kind(letter.kind)) } span { (components::inspection_days(letter)) } }
                    div { (components::outcome(letter.outcome)) }
                }
            }
        }
        @if letters.is_empty() { p { "There is no letter in the dataset yet." } }
        p { a href="/letters" { "All letters" } " \u{b7} " a href="/feeds/letters.atom" { "New letters feed" } }
    }
}

/// Every standing with the number of areas, for legends.
pub(super) fn standing_legend(rows: &[AreaRow]) -> Vec<(&'static str, &'static str, &'static str, usize)> {
    STANDINGS
        .into_iter()
        .map(|standing| {
            let (class, mark, text) = components::standing_look(standing);
            (class, mark, text, rows.iter().filter(|row| row.standing == standing).count())
        })
        .filter(|(_, _, _, count)| *count > 0)
        .collect()
}
