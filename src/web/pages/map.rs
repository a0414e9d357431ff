//! The tile map, by latest outcome or by a theme, for both frameworks or that of 2023 alone, and the same as a table.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use maud::{Markup, html};

use super::super::error::Failure;
use super::super::layout::{Page, Part};
use super::super::params::Params;
use super::super::site::Site;
use super::super::sort::{Column, Key, Order, Sorted};
use super::super::{components, download};
use crate::codebook::{Codebook, Theme};
use crate::domain::{Framework, Region, Term};
use crate::query::{AreaRow, Filter, QueryError, Standing, areas, criticised_areas, flagged_areas};
use crate::view::figure::Figure;
use crate::view::tilemap::{Legend, Tile, drawing, tile_map};
use crate::view::words;

/// What a tile says of a theme.
const FLAGGED: (&str, &str, &str) = ("s-bad", "\u{2691}", "Flagged");
const CRITICISED: (&str, &str, &str) = ("s-mid-old", "c", "Criticised, but in no formal item");
const NEITHER: (&str, &str, &str) = ("s-good-old", "\u{2013}", "Neither flagged nor criticised");
const NO_LETTER: (&str, &str, &str) = ("s-none", "\u{b7}", "No report held");
/// What an address may ask of the page.
const KNOWN: [&str; 3] = ["show", "framework", "sort"];
const FLAGGED_MEANS: &str = "Flagged: a letter of the area has a formal item on the theme. Criticised: a letter finds fault with it, but in no formal item.";

/// The columns of the table.
const COLUMNS: [Column<'static>; 4] = [
    Column::text("area", "Area"),
    Column::text("region", "Region"),
    Column::text("shown", "Shown as"),
    Column::text("inspected", "Latest inspection"),
];

/// How an area is shown: class, sign, words.
type Look = (&'static str, &'static str, &'static str);

/// What an address asks of the map, answered.
struct Asked {
    params: Params,
    show: String,
    new_only: bool,
    theme: Option<Theme>,
    order: Option<Order>,
    rows: Vec<(AreaRow, Look)>,
}

impl Asked {
    async fn of(site: &Site, query: Option<&str>) -> Result<Self, Failure> {
        let params = Params::parse(query)?;
        let show = params.get("show").unwrap_or("outcome").to_owned();
        let theme = (show != "outcome").then(|| {
            site.codebook
                .theme(&show)
                .cloned()
                .ok_or_else(|| Failure::BadRequest("\"show\" must be outcome or the id of a theme.".to_owned()))
        });
        let theme = theme.transpose()?;
        let new_only = match params.get("framework") {
            None => false,
            Some("2023") => true,
            Some(_) => return Err(Failure::BadRequest("\"framework\" must be 2023, or be left out.".to_owned())),
        };
        let order = Order::read(&params, &[&COLUMNS])?;
        let (today, id) = (site.today(), theme.as_ref().map(|t| t.id.clone()));
        let (rows, flagged, criticised) = site
            .pool
            .ask(move |dataset| {
                let frameworks = if new_only { vec![Framework::F2023] } else { Vec::new() };
                let filter = Filter { frameworks, ..Filter::default() };
                let (flagged, criticised) = match id {
                    Some(id) => (flagged_areas(dataset, &id, &filter)?, criticised_areas(dataset, &id, &filter)?),
                    None => (BTreeMap::new(), BTreeSet::new()),
                };
                let mut rows = areas(dataset, &Filter::default(), today)?;
                if new_only {
                    rows.iter_mut().for_each(forget_old);
                }
                Ok::<_, QueryError>((rows, flagged, criticised))
            })
            .await?;
        let look = |row: &AreaRow| match &theme {
            None => components::standing_look(row.standing),
            Some(_) => match flagged.get(&row.la_code) {
                Some(true) => FLAGGED,
                Some(false) if criticised.contains(&row.la_code) => CRITICISED,
                Some(false) => NEITHER,
                None => NO_LETTER,
            },
        };
        let mut rows: Vec<(AreaRow, Look)> = rows
            .into_iter()
            .map(|row| {
                let look = look(&row);
                (row, look)
            })
            .collect();
        sorted(order.as_ref()).sort(&mut rows);
        Ok(Self { params, show, new_only, theme, order, rows })
    }

    fn what(&self) -> String {
        self.theme.as_ref().map_or_else(
            || "latest outcome of each area".to_owned(),
            |t| format!("flagged for \u{201c}{}\u{201d}", t.label),
        )
    }

    fn title(&self) -> String {
        format!("Map: {}", self.what())
    }

    fn tiles(&self) -> Vec<Tile> {
        let mut rows: Vec<&(AreaRow, Look)> = self.rows.iter().collect();
        rows.sort_by(|a, b| a.0.area.cmp(&b.0.area));
        let tile = |(row, (class, mark, text)): &(AreaRow, Look)| Tile {
            la_code: row.la_code.clone(),
            name: row.area.clone(),
            says: (*text).to_owned(),
            class,
            mark,
            outlined: row.region == Region::London,
            href: Some(format!("/areas/{}", row.la_code)),
        };
        rows.into_iter().map(tile).collect()
    }

    fn legend(&self) -> Vec<Legend<'static>> {
        let looks: Vec<Look> = match &self.theme {
            None => components::STANDINGS.map(components::standing_look).to_vec(),
            Some(_) => vec![FLAGGED, CRITICISED, NEITHER, NO_LETTER],
        };
        let count = |look: Look| self.rows.iter().filter(|(_, shown)| *shown == look).count();
        let counted = looks.into_iter().map(|look| (look.0, look.1, look.2, count(look)));
        counted.filter(|(.., count)| self.theme.is_some() || *count > 0).collect()
    }

    /// The address of a file of this map.
    fn file(&self, ending: &str) -> String {
        self.params.with(&format!("/map.{ending}"), "page", None)
    }
}

fn key((row, look): &(AreaRow, Look), column: &str) -> Key {
    match column {
        "region" => row.region.as_str().into(),
        "shown" => look.2.into(),
        "inspected" => row.standing_since.into(),
        _ => row.area.as_str().into(),
    }
}

fn sorted(order: Option<&Order>) -> Sorted<'_, (AreaRow, Look)> {
    Sorted { id: "table", columns: &COLUMNS, key: &key, order }
}

pub async fn page(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let asked = Asked::of(&site, query.as_deref()).await?;
    let what = asked.what();
    let citation = site.chart_citation(&asked.title()).await;
    let body = html! {
        h1 { "Map: " (what) }
        p { "Every area is one tile of the same size, placed near its neighbours; the line surrounds London. Choose a tile for the area. Arrow keys move between tiles." }
        (choose(&site.codebook, &asked.show, asked.new_only))
        @if asked.theme.is_some() { p.soft { (FLAGGED_MEANS) } }
        p.no-print { a href="#table" { "Skip the map" } }
        p.tile-says.no-print data-tile-says aria-live="polite" {}
        (tile_map(&format!("Tile map of areas: {what}"), &asked.tiles(), &asked.legend()))
        (components::take_chart(&asked.file("svg"), &asked.file("csv"), &citation))
        details id="table" open[asked.order.is_some()] { summary { "View as a table" } (table(&asked)) }
    };
    Ok(Page::new(Part::Map, asked.title(), body).without_use_for(asked.params.unused(&KNOWN)).render(&site).await)
}

/// The map as a file.
pub async fn svg(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let asked = Asked::of(&site, query.as_deref()).await?;
    let citation = site.chart_citation(&asked.title()).await;
    let legend: Vec<_> = asked
        .legend()
        .into_iter()
        .map(|(class, mark, meaning, count)| (class, mark, format!("{meaning} ({count})")))
        .collect();
    let says = format!(
        "Every area is one tile of the same size, placed near its neighbours; the line surrounds London. {}",
        if asked.theme.is_some() { FLAGGED_MEANS } else { "" }
    );
    let figure = Figure {
        title: &citation.title,
        says: &says,
        drawing: &drawing(asked.tiles()),
        legend: &legend,
        source: &citation.sentence,
    };
    download::svg("map", &figure)
}

/// What the map shows, as CSV.
pub async fn csv(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let asked = Asked::of(&site, query.as_deref()).await?;
    let cells = |(row, look): &(AreaRow, Look)| {
        vec![
            row.la_code.as_str().into(),
            row.area.as_str().into(),
            row.region.as_str().into(),
            look.2.into(),
            row.standing_since.into(),
        ]
    };
    download::csv(&download::Table {
        name: "map".to_owned(),
        columns: vec![
            download::Column::new("la_code", "Area code"),
            download::Column::new("area", "Area"),
            download::Column::new("region", "Region"),
            download::Column::new("shown_as", "Shown as"),
            download::Column::new("standing_since", "Latest inspection"),
        ],
        rows: asked.rows.iter().map(cells).collect(),
        more: Vec::new(),
        about: asked.title(),
    })
}

/// An outcome under the 2016 framework counts as none.
fn forget_old(row: &mut AreaRow) {
    use Standing::{Inconsistent, TypicallyPositive, WidespreadFailings};
    if !matches!(row.standing, None | Some(TypicallyPositive | Inconsistent | WidespreadFailings)) {
        row.standing = Some(Standing::NotInspected);
        row.standing_since = None;
    }
}

fn choose(codebook: &Codebook, show: &str, new_only: bool) -> Markup {
    html! {
        form method="get" action="/map" {
            div.row {
                div {
                    label for="show" { "Show" }
                    select id="show" name="show" data-submit {
                        option value="outcome" selected[show == "outcome"] { "Latest outcome" }
                        @for theme in codebook.themes() { option value=(theme.id) selected[show == theme.id] { "Flagged for: " (theme.label) } }
                    }
                }
                div {
                    label for="framework" { "Inspections" }
                    select id="framework" name="framework" data-submit {
                        option value="" { "Under either framework" }
                        option value="2023" selected[new_only] { "Under the 2023 framework alone" }
                    }
                }
                button.quiet type="submit" { "Show" }
            }
        }
    }
}

fn table(asked: &Asked) -> Markup {
    let table = sorted(asked.order.as_ref());
    html! {
        table.brief.sortable {
            caption.visually-hidden { "Areas on the map" }
            thead { (table.head(&asked.params, "/map")) }
            tbody {
                @for shown in &asked.rows {
                    @let (row, (class, mark, text)) = shown;
                    tr data-keys=(table.keys(shown)) {
                        th scope="row" { a href={ "/areas/" (row.la_code) } { (row.area) } }
                        td.wide { (row.region.to_string()) }
                        td { span.standing { span class={ "swatch " (class) } aria-hidden="true" { (mark) } span { (text) } } }
                        td.wide { @if let Some(day) = row.standing_since { (words::month_year(day)) } }
                    }
                }
            }
        }
    }
}
