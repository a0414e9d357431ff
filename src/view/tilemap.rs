//! The map of England's local areas as equal tiles.
//!
//! A real map shows a large county and hides a London borough; with equal tiles every area counts the same. The
//! layout is ours (`corpus/tilemap.csv`, keyed by three-digit code). Areas that the layout does not know, such as new
//! authorities or invented reference tables, are not lost: they are placed in rows of their own below the map.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use maud::{Markup, html};

use super::chart::Drawing;

const LAYOUT: &str = include_str!("../../corpus/tilemap.csv");

/// Where the layout puts one area.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    column: u32,
    row: u32,
    label: &'static str,
}

static PLACES: LazyLock<BTreeMap<&'static str, Place>> = LazyLock::new(|| {
    // A test reads the whole table, so a line that is dropped here cannot reach a release.
    LAYOUT
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut cells = line.split(',');
            let la_code = cells.next()?;
            let (column, row) = (cells.next()?.parse().ok()?, cells.next()?.parse().ok()?);
            Some((la_code, Place { column, row, label: cells.next()? }))
        })
        .collect()
});

/// One area on the map, as the caller wants it shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// Three-digit code, the key of the layout.
    pub la_code: String,
    /// Name in full.
    pub name: String,
    /// What the tile says, in words ("Inconsistent, March 2024").
    pub says: String,
    /// The class that gives colour and pattern.
    pub class: &'static str,
    /// The sign shown in the tile, so that colour is not alone.
    pub mark: &'static str,
    /// Whether it belongs to the group of tiles that is outlined (London).
    pub outlined: bool,
    /// Where the tile leads; `None` makes a tile without a link (in a report, say).
    pub href: Option<String>,
}

/// One entry of the legend: class, sign, meaning, number of tiles.
pub type Legend<'a> = (&'static str, &'static str, &'a str, usize);

const TILE_SIZE: u32 = 44;
const GAP: u32 = 2;
const EXTRA_COLUMNS: u32 = 15;
/// Short names of so many characters are set smaller on a phone.
const LONG_NAME_CHARS: usize = 5;

struct Placed<'a> {
    tile: &'a Tile,
    column: u32,
    row: u32,
    label: String,
}

fn place(tiles: &[Tile]) -> (Vec<Placed<'_>>, u32, u32) {
    let mut placed: Vec<Placed<'_>> = tiles
        .iter()
        .filter_map(|tile| {
            let at = PLACES.get(tile.la_code.as_str())?;
            Some(Placed { tile, column: at.column, row: at.row, label: at.label.to_owned() })
        })
        .collect();
    placed.sort_by_key(|p| (p.row, p.column));
    let below = placed.iter().map(|p| p.row + 1).max().map_or(1, |rows| rows + 1);
    let unknown: Vec<&Tile> = tiles.iter().filter(|t| !PLACES.contains_key(t.la_code.as_str())).collect();
    let columns = if placed.is_empty() { 6.min(unknown.len().max(1) as u32) } else { EXTRA_COLUMNS };
    placed.extend(unknown.into_iter().zip(0u32..).map(|(tile, i)| Placed {
        tile,
        column: 1 + i % columns,
        row: below + i / columns,
        label: short(&tile.name),
    }));
    let width = placed.iter().map(|p| p.column).max().unwrap_or(1);
    let height = placed.iter().map(|p| p.row).max().unwrap_or(1);
    (placed, width, height)
}

/// A label of at most five characters for an area that the layout does not know.
fn short(name: &str) -> String {
    name.chars().take(5).collect::<String>().trim_end().to_owned()
}

/// The map. Tiles are links in reading order, each named in full with what it says; the caller adds the same data
/// as a table.
#[must_use]
pub fn tile_map(label: &str, tiles: &[Tile], legend: &[Legend<'_>]) -> Markup {
    let (placed, width, height) = place(tiles);
    let (across, down) = size(width, height);
    html! {
        ul.legend {
            @for (class, mark, meaning, count) in legend {
                li { span class={ "swatch " (class) } aria-hidden="true" { (mark) } (meaning) " (" (count) ")" }
            }
        }
        div.map-frame {
            svg.tilemap viewBox={ "0 0 " (across) " " (down) } role="group" aria-label=(label) data-columns=(width) { (shapes(&placed)) }
        }
    }
}

/// The map for a file of its own: no tile leads anywhere.
#[must_use]
pub fn drawing(mut tiles: Vec<Tile>) -> Drawing {
    tiles.iter_mut().for_each(|tile| tile.href = None);
    let (placed, width, height) = place(&tiles);
    let (across, down) = size(width, height);
    Drawing { width: f64::from(across), height: f64::from(down), text: 10.5, shapes: shapes(&placed) }
}

fn size(columns: u32, rows: u32) -> (u32, u32) {
    (columns.max(EXTRA_COLUMNS) * TILE_SIZE + GAP, rows * TILE_SIZE + GAP)
}

fn shapes(placed: &[Placed<'_>]) -> Markup {
    html! {
        @for p in placed {
            @let x = (p.column - 1) * TILE_SIZE + GAP;
            @let y = (p.row - 1) * TILE_SIZE + GAP;
            @if let Some(href) = &p.tile.href {
                a.tile href=(href)
                    data-column=(p.column) data-row=(p.row) { (face(p, x, y)) }
            } @else {
                g.tile role="img" aria-label={ (p.tile.name) ": " (p.tile.says) } { (face(p, x, y)) }
            }
        }
        path.outline d=(outline(placed)) aria-hidden="true" {}
    }
}

/// The edges between tiles that are outlined and all others.
fn outline(placed: &[Placed<'_>]) -> String {
    let within: BTreeSet<(u32, u32)> = placed.iter().filter(|p| p.tile.outlined).map(|p| (p.column, p.row)).collect();
    let half = GAP / 2;
    let mut path = String::new();
    for &(column, row) in &within {
        let (left, top) = ((column - 1) * TILE_SIZE + half, (row - 1) * TILE_SIZE + half);
        let edges = [
            ((column, row - 1), (left, top), format!("h{TILE_SIZE}")),
            ((column, row + 1), (left, top + TILE_SIZE), format!("h{TILE_SIZE}")),
            ((column - 1, row), (left, top), format!("v{TILE_SIZE}")),
            ((column + 1, row), (left + TILE_SIZE, top), format!("v{TILE_SIZE}")),
        ];
        for (beside, (x, y), line) in edges {
            if !within.contains(&beside) {
                path.push_str(&format!("M{x} {y}{line}"));
            }
        }
    }
    path
}

fn face(p: &Placed<'_>, x: u32, y: u32) -> Markup {
    let side = TILE_SIZE - GAP;
    html! {
        title { (p.tile.name) ": " (p.tile.says) }
        rect class=(p.tile.class) x=(x) y=(y) width=(side) height=(side) rx="3" {}
        text class={ "tile-name " @if p.label.chars().count() >= LONG_NAME_CHARS { "long " } (p.tile.class) } x=(x + side / 2) y=(y + 18) { (p.label) }
        text class={ "tile-mark " (p.tile.class) } x=(x + side / 2) y=(y + 35) { (p.tile.mark) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tile(la_code: &str, name: &str) -> Tile {
        Tile {
            la_code: la_code.into(),
            name: name.into(),
            says: "x".into(),
            class: "c",
            mark: "m",
            outlined: false,
            href: Some(format!("/areas/{la_code}")),
        }
    }

    #[test]
    fn every_line_of_the_layout_is_read_and_no_two_areas_share_a_tile() {
        assert_eq!(PLACES.len(), LAYOUT.lines().count() - 1);
        assert_eq!(PLACES.len(), 153);
        let spots: BTreeSet<_> = PLACES.values().map(|p| (p.column, p.row)).collect();
        assert_eq!(spots.len(), PLACES.len());
        let labels: BTreeSet<_> = PLACES.values().map(|p| p.label).collect();
        assert_eq!(labels.len(), PLACES.len(), "labels tell areas apart");
        assert!(PLACES.values().all(|p| p.label.chars().count() <= 6 && p.column >= 1 && p.row >= 1));
    }

    #[test]
    fn areas_outside_the_layout_get_tiles_of_their_own() {
        let tiles = [tile("841", "Darlington"), tile("Z01", "Northmoor"), tile("Z02", "Eastmarsh")];
        let (placed, _, height) = place(&tiles);
        let spots: BTreeSet<_> = placed.iter().map(|p| (p.column, p.row)).collect();
        assert_eq!(spots.len(), 3);
        assert_eq!(height, 7, "below the map with an empty row between");
        let (placed, width, height) = place(&tiles[1..]);
        assert_eq!((placed.len(), width, height), (2, 2, 1), "a small grid when nothing is known");
    }

    #[test]
    fn the_outline_runs_between_the_group_and_all_others_only() {
        let mut tiles = [tile("Z01", "a"), tile("Z02", "b"), tile("Z03", "c")];
        assert_eq!(outline(&place(&tiles).0), "");
        tiles[0].outlined = true;
        tiles[1].outlined = true;
        let path = outline(&place(&tiles).0);
        assert_eq!(path.matches('M').count(), 6, "two tiles side by side have six outer edges: {path}");
    }

    #[test]
    fn names_are_escaped() {
        let map = tile_map("Map", &[tile("Z01", "<i>&\"")], &[]).into_string();
        assert!(!map.contains("<i>") && map.contains("&lt;i&gt;&amp;"));
    }
}
