//! The first page: what this is, how complete it is, what is found most often, and what is new.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use jiff::civil::Date;
use maud::{Markup, html};

use super::super::components;
use super::super::download;
use super::super::error::Failure;
use super::super::layout::{Page, Part};
use super::super::params::Params;
use super::super::site::Site;
use super::super::sort::{Column, Key, Order, Sorted};
use super::shares;
use crate::query::{
    AreaRow, Filter, LetterRow, QueryError, ThemeShare, YearOutcome, areas, letters, outcomes_by_year, themes,
};
use crate::view::figure::Figure;
use crate::view::pieces::{OUTCOMES_TITLE, OutcomesByYear};
use crate::view::{tables, words};

/// Themes and letters shown.
const SHOWN_THEMES: usize = 8;
const SHOWN_LETTERS: usize = 6;

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
                themes: themes(dataset, &all, None)?.rows.into_iter().take(SHOWN_THEMES).collect(),
                letters: letters(dataset, &Filter { limit: Some(SHOWN_LETTERS), ..Filter::default() })?,
            })
        })
        .await?;
    let counted = OutcomesByYear::of(&answers.years);
    let columns = counted.as_ref().map(outcome_columns).unwrap_or_default();
    let order = Order::read(&params, &[&columns, &shares::THEMES])?;
    let citation = site.chart_citation(OUTCOMES_TITLE).await;
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
        @match &counted {
            Some(counted) => { (counted.figure(&outcomes_table(&params, counted, &columns, order.as_ref()), &components::take_chart("/outcomes.svg", "/outcomes.csv", &citation))) }
            None => { p { "There is no inspection letter in the dataset yet." } }
        }
        h2 id="themes" { "Most flagged themes" }
        (most_flagged(&params, answers.themes, order.as_ref()))
        h2 id="newest" { "Newest letters" }
        (newest(&answers.letters))
    };
    Ok(Page::new(Part::Home, "sendlens", body).without_use_for(params.unused(&["sort"])).render(&site).await)
}

/// The columns of the table of outcomes: the year, and each outcome that occurs.
fn outcome_columns(counted: &OutcomesByYear) -> Vec<Column<'_>> {
    let outcomes = counted.series.iter().map(|s| Column::number(s.class.trim_start_matches("s-"), &s.label));
    std::iter::once(Column::text("year", "Year")).chain(outcomes).collect()
}

fn outcomes_table(params: &Params, counted: &OutcomesByYear, columns: &[Column<'_>], order: Option<&Order>) -> Markup {
    let key = |row: &usize, name: &str| -> Key {
        match columns.iter().position(|column| column.name == name).filter(|place| *place > 0) {
            Some(place) => (counted.series[place - 1].counts[*row] as usize).into(),
            None => counted.years[*row].as_str().into(),
        }
    };
    let table = Sorted { id: "outcomes-table", columns, key: &key, order };
    let mut rows: Vec<usize> = (0..counted.years.len()).collect();
    table.sort(&mut rows);
    html! {
        table.sortable id=(table.id) {
            caption.visually-hidden { (OUTCOMES_TITLE) }
            thead { (table.head(params, "/")) }
            tbody { @for row in &rows { tr data-keys=(table.keys(row)) { th scope="row" { (counted.years[*row]) } @for s in &counted.series { td.n { (s.counts[*row]) } } } } }
        }
    }
}

async fn outcomes(site: &Site) -> Result<Option<OutcomesByYear>, Failure> {
    let years = site.pool.ask(move |dataset| outcomes_by_year(dataset, &Filter::default())).await?;
    Ok(OutcomesByYear::of(&years))
}

/// The chart of outcomes as a file.
pub async fn outcomes_svg(State(site): State<Arc<Site>>) -> Result<Response, Failure> {
    let counted = outcomes(&site).await?.ok_or_else(no_inspection)?;
    let citation = site.chart_citation(OUTCOMES_TITLE).await;
    let legend: Vec<_> = counted.series.iter().map(|s| (s.class, s.mark, s.label.clone())).collect();
    let figure = Figure {
        title: OUTCOMES_TITLE,
        says: &counted.summary(),
        drawing: &counted.drawing(),
        legend: &legend,
        source: &citation.sentence,
    };
    download::svg("outcomes", &figure)
}

/// Its figures.
pub async fn outcomes_csv(State(site): State<Arc<Site>>) -> Result<Response, Failure> {
    let counted = outcomes(&site).await?.ok_or_else(no_inspection)?;
    download::csv(&tables::outcomes(&counted))
}

fn no_inspection() -> Failure {
    Failure::NotFound("There is no inspection letter in the dataset yet.".to_owned())
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

fn most_flagged(params: &Params, mut rows: Vec<ThemeShare>, order: Option<&Order>) -> Markup {
    let table = shares::sorted("most-flagged", &shares::THEMES, order);
    table.sort(&mut rows);
    html! {
        p { "Share of letters whose formal items (significant weaknesses, priority actions, areas for improvement or development) name the theme." }
        (components::bar_key(false))
        table.stack.sortable id=(table.id) {
            caption.visually-hidden { "Most flagged themes" }
            thead { (table.head(params, "/")) }
            tbody { @for row in &rows { (shares::row(&table, row, &html! { a href={ "/themes/" (row.theme) } { (row.label) } })) } }
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
