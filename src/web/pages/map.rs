//! The tile map, by latest outcome or by a theme, for both frameworks or that of 2023 alone, and the same as a table.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use maud::{Markup, html};

use super::super::components;
use super::super::error::Failure;
use super::super::layout::{Page, Part};
use super::super::params::Params;
use super::super::site::Site;
use super::home::standing_legend;
use crate::codebook::Codebook;
use crate::domain::{Framework, Region};
use crate::query::{AreaRow, Filter, QueryError, Standing, areas, criticised_areas, flagged_areas};
use crate::view::tilemap::{Legend, Tile, tile_map};
use crate::view::words;

/// What a tile says of a theme.
const FLAGGED: (&str, &str, &str) = ("s-bad", "\u{2691}", "Flagged");
const CRITICISED: (&str, &str, &str) = ("s-mid-old", "c", "Criticised, but in no formal item");
const NEITHER: (&str, &str, &str) = ("s-good-old", "\u{2013}", "Neither flagged nor criticised");
const NO_LETTER: (&str, &str, &str) = ("s-none", "\u{b7}", "No report held");
/// What an address may ask of the page.
const KNOWN: [&str; 2] = ["show", "framework"];

pub async fn page(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let params = Params::parse(query.as_deref())?;
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
    let tiles: Vec<Tile> = rows
        .iter()
        .map(|row| {
            let (class, mark, text) = look(row);
            Tile {
                la_code: row.la_code.clone(),
                name: row.area.clone(),
                says: text.to_owned(),
                class,
                mark,
                outlined: row.region == Region::London,
                href: Some(format!("/areas/{}", row.la_code)),
            }
        })
        .collect();
    let legend: Vec<Legend<'_>> = match &theme {
        None => standing_legend(&rows),
        Some(_) => [FLAGGED, CRITICISED, NEITHER, NO_LETTER]
            .map(|l| (l.0, l.1, l.2, rows.iter().filter(|row| look(row) == l).count()))
            .to_vec(),
    };
    let what = theme.as_ref().map_or_else(
        || "latest outcome of each area".to_owned(),
        |t| format!("flagged for \u{201c}{}\u{201d}", t.label),
    );
    let body = html! {
        h1 { "Map: " (what) }
        p { "Every area is one tile of the same size, placed near its neighbours; the line surrounds London. Choose a tile for the area. Arrow keys move between tiles." }
        (choose(&site.codebook, &show, new_only))
        @if theme.is_some() { p.soft { "Flagged: a letter of the area has a formal item on the theme. Criticised: a letter finds fault with it, but in no formal item." } }
        p.no-print { a href="#table" { "Skip the map" } }
        p.tile-says.no-print data-tile-says aria-live="polite" {}
        (tile_map(&format!("Tile map of areas: {what}"), &tiles, &legend))
        details id="table" { summary { "View as a table" } (table(&rows, look)) }
    };
    Ok(Page::new(Part::Map, format!("Map: {what}"), body).without_use_for(params.unused(&KNOWN)).render(&site).await)
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

fn table(rows: &[AreaRow], look: impl Fn(&AreaRow) -> (&'static str, &'static str, &'static str)) -> Markup {
    html! {
        table.brief {
            caption.visually-hidden { "Areas on the map" }
            thead { tr { th scope="col" { "Area" } th scope="col" { "Region" } th scope="col" { "Shown as" } th scope="col" { "Latest inspection" } } }
            tbody {
                @for row in rows {
                    @let (class, mark, text) = look(row);
                    tr {
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
