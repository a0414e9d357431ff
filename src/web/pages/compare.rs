//! Two to six areas side by side. The address holds the areas, so a set of comparators can be kept as a bookmark.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use jiff::civil::Date;
use maud::{Markup, html};

use super::super::error::Failure;
use super::super::layout::{Page, Part};
use super::super::params::Params;
use super::super::site::Site;
use super::super::sort::{Column, Key, Order, Sorted};
use super::super::{components, download, filters};
use crate::query::{
    ComparedArea, ComparedTheme, Comparison, Filter, MAX_COMPARED, QueryError, Quote, compare, held_to,
};
use crate::view::words;

/// The address of the comparison of these areas.
pub(super) fn href<S: AsRef<str>>(codes: &[S]) -> String {
    let given: Vec<String> = codes.iter().map(|code| format!("area={}", code.as_ref())).collect();
    format!("/compare?{}", given.join("&"))
}

/// The comparison of an area with its nearest statistical neighbours; nothing where none are known.
pub(super) fn with_neighbours_href(site: &Site, la_code: &str) -> Option<String> {
    let neighbours = site.reference.neighbours_of(la_code).iter().take(3).map(|n| n.neighbour.as_str());
    let codes: Vec<&str> = std::iter::once(la_code).chain(neighbours).collect();
    (codes.len() > 1).then(|| href(&codes))
}

/// The columns of the table of standings.
const STANDINGS: [Column<'static>; 4] = [
    Column::text("area", "Area"),
    Column::text("standing", "Latest outcome"),
    Column::text("letters", "Letters"),
    Column::text("due", "Next inspection"),
];

/// The columns of the table of themes: one for each area between the theme and the count.
fn theme_columns<'a>(areas: &'a [ComparedArea], names: &'a [String]) -> Vec<Column<'a>> {
    let of_areas = areas.iter().zip(names).map(|(area, name)| Column::text(name, &area.area));
    let theme = std::iter::once(Column::text("theme", "Theme"));
    theme.chain(of_areas).chain([Column::number("flagged", "Flagged")]).collect()
}

fn standing_key(area: &ComparedArea, column: &str) -> Key {
    let row = area.standing.as_ref();
    match column {
        "standing" => row.map_or(Key::None, |row| components::standing_look(row.standing).2.into()),
        "letters" => area.letters.len().into(),
        "due" => row.and_then(|row| row.monitoring_due.into_iter().chain(row.next_full_inspection_due).min()).into(),
        _ => area.area.as_str().into(),
    }
}

/// What the themes of a comparison are sorted by: in the column of an area what it was flagged for comes first.
fn theme_key(names: &[String]) -> impl Fn(&ComparedTheme, &str) -> Key {
    |theme, column| match names.iter().position(|name| name == column) {
        Some(place) => Key::from(theme.flagged[place].map(|flagged| match (flagged, theme.criticised[place]) {
            (true, _) => 0.0,
            (false, true) => 1.0,
            (false, false) => 2.0,
        })),
        None if column == "flagged" => theme.areas_flagged.into(),
        None => theme.label.as_str().into(),
    }
}

fn names_of(answer: &Comparison) -> Vec<String> {
    answer.areas.iter().map(|area| format!("area-{}", area.la_code)).collect()
}

/// Sorts both tables of an answer as the address asks; nothing is sorted where it asks for nothing.
fn sort(params: &Params, answer: &mut Comparison) -> Result<Option<Order>, Failure> {
    let names = names_of(answer);
    let areas = answer.areas.clone();
    let columns = theme_columns(&areas, &names);
    let order = Order::read(params, &[&STANDINGS, &columns])?;
    let key = theme_key(&names);
    Sorted { id: "themes", columns: &columns, key: &key, order: order.as_ref() }.sort(&mut answer.themes);
    Ok(order)
}

pub async fn page(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let params = Params::parse(query.as_deref())?;
    let (named, today) = (named(&params, &site), site.today());
    let (answer, problem) = match named {
        Ok(codes) if codes.is_empty() => (None, None),
        Ok(codes) => match asked(&site, &params, codes).await {
            Ok((mut answer, held_to)) => {
                let order = sort(&params, &mut answer)?;
                (Some((answer, held_to, order)), None)
            }
            Err(problem @ Failure::BadRequest(_)) => (None, Some(problem)),
            Err(failure) => return Err(failure),
        },
        Err(problem) => (None, Some(problem)),
    };
    let title = match &answer {
        Some((answer, ..)) => words::list(&answer.areas.iter().map(|a| a.area.as_str()).collect::<Vec<_>>()),
        None => "Compare areas".to_owned(),
    };
    let is_filtered = ["framework", "since", "until"].iter().any(|name| params.get(name).is_some());
    let body = html! {
        h1 { @if answer.is_some() { span.caption { "Side by side" } } (title) }
        @if let Some((answer, held_to, order)) = &answer {
            (super::filter_form(&params, "/compare", &["framework", "since", "until"]))
            (standings(&params, answer, held_to.as_str(), is_filtered, today, order.as_ref()))
            (common(answer))
            (themes(&params, answer, order.as_ref()))
            ul.actions {
                li { a.button.quiet href=(params.with("/compare.csv", "page", None)) { "Download as CSV" } }
                li { a href=(params.with_all("/api/v1/compare", &[("page", None), ("sort", None)])) { "As JSON" } }
            }
        }
        h2 id="choose" { @if answer.is_some() { "Compare others" } @else { "Which areas?" } }
        (form(&site, &params, problem.as_ref()))
    };
    let known = ["area", "framework", "since", "until", "sort"];
    let page = Page::new(Part::Areas, title, body).under("/areas", "Areas");
    Ok(page.without_use_for(params.unused(&known)).render(&site).await)
}

/// The answer that a file is made from.
async fn answer_of(site: &Site, query: Option<&str>) -> Result<Comparison, Failure> {
    let params = Params::parse(query)?;
    let (mut answer, _) = asked(site, &params, named(&params, site)?).await?;
    sort(&params, &mut answer)?;
    Ok(answer)
}

/// The themes side by side as CSV, a line for each theme and area.
pub async fn csv(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let answer = answer_of(&site, query.as_deref()).await?;
    let rows = answer.themes.iter().flat_map(|theme| {
        cells_of(theme, &answer.areas).into_iter().map(|(flagged, criticised, quote, area)| {
            vec![
                theme.theme.as_str().into(),
                theme.label.as_str().into(),
                area.la_code.as_str().into(),
                area.area.as_str().into(),
                flagged.into(),
                flagged.map(|_| criticised).into(),
                quote.map(|quote| quote.text.as_str()).into(),
                quote.map(|quote| quote.page as usize).into(),
                quote.map(|quote| quote.letter_id.as_str()).into(),
            ]
        })
    });
    download::csv(&download::Table {
        name: "compare".to_owned(),
        columns: vec![
            download::Column::new("theme", "Theme code"),
            download::Column::new("label", "Theme"),
            download::Column::new("la_code", "Area code"),
            download::Column::new("area", "Area"),
            download::Column::new("flagged", "Flagged"),
            download::Column::new("criticised", "Criticised outside formal items"),
            download::Column::new("quote", "Quote"),
            download::Column::new("page", "Page"),
            download::Column::new("letter_id", "Letter"),
        ],
        rows: rows.collect(),
        more: Vec::new(),
        about: String::new(),
    })
}

/// How the areas stand, as CSV.
pub async fn areas_csv(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let answer = answer_of(&site, query.as_deref()).await?;
    let cells = |area: &ComparedArea| {
        let row = area.standing.as_ref();
        vec![
            area.la_code.as_str().into(),
            area.area.as_str().into(),
            row.map(|row| components::standing_look(row.standing).2).into(),
            row.and_then(|row| row.standing_since).into(),
            area.letters.len().into(),
            area.not_held.into(),
            row.and_then(|row| row.monitoring_due).into(),
            row.and_then(|row| row.next_full_inspection_due).into(),
        ]
    };
    download::csv(&download::Table {
        name: "compare-areas".to_owned(),
        columns: vec![
            download::Column::new("la_code", "Area code"),
            download::Column::new("area", "Area"),
            download::Column::new("standing", "Latest outcome"),
            download::Column::new("standing_since", "Inspected"),
            download::Column::new("letters", "Letters held that match"),
            download::Column::new("not_held", "Letters of the official register not held"),
            download::Column::new("monitoring_due", "Monitoring inspection expected"),
            download::Column::new("next_full_inspection_due", "Full inspection expected"),
        ],
        rows: answer.areas.iter().map(cells).collect(),
        more: Vec::new(),
        about: String::new(),
    })
}

/// The codes of the areas that the address names.
fn named(params: &Params, site: &Site) -> Result<Vec<String>, Failure> {
    let mut codes = Vec::new();
    for (_, given) in params.pairs().filter(|(name, _)| *name == "area") {
        codes.extend(filters::area_list(given, &site.reference)?);
    }
    Ok(codes)
}

async fn asked(site: &Site, params: &Params, codes: Vec<String>) -> Result<(Comparison, String), Failure> {
    let filter = Filter {
        areas: codes,
        frameworks: params.read_all("framework")?,
        since: params.day("since")?,
        until: params.day("until")?,
        ..Filter::default()
    };
    let today = site.today();
    site.pool
        .ask(move |dataset| {
            let answer = compare(dataset, &filter, today)?;
            Ok::<_, QueryError>((answer, words::passed_note(held_to(dataset)?)))
        })
        .await
}

fn form(site: &Site, params: &Params, problem: Option<&Failure>) -> Markup {
    let given: Vec<&str> = params.pairs().filter(|(name, _)| *name == "area").map(|(_, value)| value).collect();
    let shown = |place: usize| {
        let value = given.get(place).copied()?;
        Some(site.reference.area(value).map_or(value, |area| area.name.as_str()))
    };
    html! {
        form.no-print action="/compare" method="get" aria-label="Areas to compare" {
            p.hint id="areas-hint" { "Two to six areas: names in any usual spelling, or codes." }
            @if let Some(problem) = problem { div.note.warn role="alert" { p { (problem) } } }
            @for place in 0..MAX_COMPARED {
                label for={ "area-" (place + 1) } { "Area " (place + 1) }
                input type="text" id={ "area-" (place + 1) } name="area" list="areas" autocomplete="off"
                    aria-describedby="areas-hint" value=[shown(place)] required[place < 2];
            }
            datalist id="areas" {
                @for area in site.reference.areas().iter().filter(|a| a.abolished_on.is_none()) { option value=(area.name) { (area.la_code) } }
            }
            button type="submit" { "Compare" }
        }
    }
}

fn standings(
    params: &Params,
    answer: &Comparison,
    passed_note: &str,
    is_filtered: bool,
    today: Date,
    order: Option<&Order>,
) -> Markup {
    let table = Sorted { id: "standing", columns: &STANDINGS, key: &standing_key, order };
    let mut areas = answer.areas.clone();
    table.sort(&mut areas);
    html! {
        h2 id="standing" { "How they stand" }
        table.stack.sortable {
            caption.visually-hidden { "Latest outcome and letters of each area" }
            thead { (table.head(params, "/compare")) }
            tbody { @for area in &areas { (standing(&table, area, is_filtered, today)) } }
        }
        ul.actions { li { a href=(params.with("/compare/areas.csv", "page", None)) { "This table as CSV" } } }
        @if answer.areas.iter().any(|a| a.standing.as_ref().is_some_and(|row| row.overdue)) { p.soft { (passed_note) } }
    }
}

fn standing(table: &Sorted<'_, ComparedArea>, area: &ComparedArea, is_filtered: bool, today: Date) -> Markup {
    html! {
        tr data-keys=(table.keys(area)) {
            th scope="row" { a href={ "/areas/" (area.la_code) } { (area.area) } }
            td data-label="Latest outcome" {
                @match &area.standing {
                    Some(row) => { (components::standing(row.standing)) @if row.standing_from == Some("register") { div.soft { small { "from the official register" } } } }
                    None => { "No longer exists" }
                }
            }
            td data-label="Letters" {
                @for letter in &area.letters {
                    div {
                        a href={ "/letters/" (letter.id) } { (words::kind(letter.kind)) @if let Some(day) = letter.inspection_start { ", " (words::month_year(day)) } span.visually-hidden { " on " (area.area) } }
                        div.soft { small { (letter.outcome.map_or("Outcome could not be read", words::outcome)) } }
                    }
                }
                @if area.letters.is_empty() { "None held here" @if is_filtered { " that matches the filters" } }
                @if area.not_held > 0 { div.soft { small { (words::count(area.not_held, "letter", "letters")) " of the official register not held here" } } }
            }
            td data-label="Next inspection" { @if let Some(row) = &area.standing { (components::due(row, today)) } }
        }
    }
}

fn common(answer: &Comparison) -> Markup {
    let links = |ids: &[String]| {
        html! { ul { @for id in ids { li { a href={ "/themes/" (id) } { (answer.theme_label(id)) } } } } }
    };
    let counted = answer.areas.iter().filter(|area| area.can_be_flagged).count();
    html! {
        h2 id="common" { "What they share, and where one stands alone" }
        @if answer.shared.is_empty() { p { "No theme was flagged in all " (counted) " areas that a report is held for." } }
        @else { h3 { "Flagged in all " (counted) " areas that a report is held for" } (links(&answer.shared)) }
        @for area in answer.areas.iter().filter(|a| !a.alone_in.is_empty()) {
            h3 { "Only in " (area.area) }
            (links(&area.alone_in))
        }
        @for area in answer.areas.iter().filter(|a| !a.can_be_flagged) {
            p.soft { (area.area) ": we hold no letter that could flag a theme, so it does not count." }
        }
    }
}

fn themes(params: &Params, answer: &Comparison, order: Option<&Order>) -> Markup {
    let names = names_of(answer);
    let (columns, key) = (theme_columns(&answer.areas, &names), theme_key(&names));
    let table = Sorted { id: "themes", columns: &columns, key: &key, order };
    html! {
        h2 id="themes" { "Flagged themes side by side" }
        @if answer.themes.is_empty() { p { "None of these areas was flagged in a letter held here that matches." } }
        @else {
            p.soft { "Flagged: a formal item is on the theme. Criticised: a letter finds fault with it, but in no formal item." }
            div.table-frame tabindex="0" role="region" aria-label="Flagged themes side by side" {
                table.stack.sortable {
                    caption.visually-hidden { "Themes, and which of the areas was flagged for each" }
                    thead { (table.head(params, "/compare")) }
                    tbody { @for theme in &answer.themes { (theme_row(&table, theme, &answer.areas)) } }
                }
            }
        }
    }
}

/// What a theme says of an area: whether it was flagged, whether it was criticised, the quote if it was flagged.
type OfArea<'a> = (Option<bool>, bool, Option<&'a Quote>, &'a ComparedArea);

fn cells_of<'a>(theme: &'a ComparedTheme, areas: &'a [ComparedArea]) -> Vec<OfArea<'a>> {
    // There is a quote for each flagged area, in the order of the areas.
    let mut quotes = theme.quotes.iter();
    theme
        .flagged
        .iter()
        .zip(&theme.criticised)
        .zip(areas)
        .map(|((flagged, criticised), area)| {
            (*flagged, *criticised, if *flagged == Some(true) { quotes.next() } else { None }, area)
        })
        .collect()
}

fn theme_row(table: &Sorted<'_, ComparedTheme>, theme: &ComparedTheme, areas: &[ComparedArea]) -> Markup {
    let cells = cells_of(theme, areas);
    html! {
        tr data-keys=(table.keys(theme)) {
            th scope="row" {
                a href={ "/themes/" (theme.theme) } { (theme.label) }
                details {
                    summary { "Quotes" span.visually-hidden { " on " (theme.label) } }
                    @for quote in &theme.quotes { (components::quote(quote)) }
                }
            }
            @for (flagged, criticised, quote, area) in &cells {
                td.absent[flagged.is_none()] data-label=(area.area) {
                    @match (flagged, quote) {
                        (Some(true), Some(quote)) => {
                            a href=(components::finding_href(&quote.letter_id, &quote.finding_id)) { "\u{2691}\u{a0}flagged" span.visually-hidden { ": " (area.area) ", " (theme.label) } }
                        }
                        (Some(true), None) => { "\u{2691}\u{a0}flagged" }
                        (Some(false), _) if *criticised => {
                            a href={ "/findings?area=" (area.la_code) "&theme=" (theme.theme) "&polarity=weakness,mixed" } { "criticised" span.visually-hidden { ": " (area.area) ", " (theme.label) } }
                        }
                        (Some(false), _) => { span.soft { "neither" } }
                        (None, _) => { span.soft { "no letter" } }
                    }
                }
            }
            td.n data-label="Areas flagged" { (theme.areas_flagged) " of " (theme.of_areas) }
        }
    }
}
