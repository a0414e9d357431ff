//! The themes that peers of an area were flagged for: as a table on its page, and as a table to take away.

use axum::response::Response;
use maud::{Markup, html};

use super::super::error::Failure;
use super::super::params::Params;
use super::super::sort::{Column, Key, Order, Sorted};
use super::super::{components, download};
use crate::query::{PeerOrder, PeerTheme, Peers};
use crate::view::citation::Citation;
use crate::view::figure::Figure;
use crate::view::{chart, words};

/// The orders of the table: address, words, explanation.
const ORDERS: [(&str, &str, &str); 3] = [
    ("most-flagged", "Most flagged", "The theme that most of these areas were flagged for comes first."),
    (
        "here-too",
        "Also flagged here",
        "What this area was flagged for too comes first, then what most of these areas were.",
    ),
    (
        "most-unusual",
        "Most unlike England",
        "The theme that these areas were flagged for more often than England, beyond what chance explains, comes first.",
    ),
];

/// The columns of the table that can be sorted by, besides the orders.
const COLUMN: [Column<'static>; 6] = [
    Column::text("theme", "Theme"),
    Column::bar(),
    Column::number("areas", "Areas flagged"),
    Column::number("share", "Share (95% interval)"),
    Column::number("england", "England"),
    Column { name: "difference", label: "Difference from England (percentage points)", class: "n wrapping" },
];

/// The order that an address asks for: one of those explained above the table, or a column of it.
pub(super) struct Asked {
    pub(super) order: PeerOrder,
    column: Option<Order>,
}

impl Asked {
    pub(super) fn read(params: &Params) -> Result<Self, Failure> {
        let Some(given) = params.get("sort") else { return Ok(Self { order: PeerOrder::MostFlagged, column: None }) };
        if let Ok(order) = given.parse() {
            return Ok(Self { order, column: None });
        }
        let column = Order::read(params, &[&COLUMN]).map_err(|_| {
            let orders = ORDERS.map(|(name, ..)| name);
            let columns = COLUMN.map(|column| column.name).into_iter().filter(|name| !name.is_empty());
            Failure::BadRequest(format!(
                "\"sort\" must be one of {}; before the last five a minus turns them round.",
                orders.into_iter().chain(columns).collect::<Vec<_>>().join(", ")
            ))
        })?;
        Ok(Self { order: PeerOrder::MostFlagged, column })
    }

    /// Puts the themes into the order of the column, if one was asked for.
    pub(super) fn sort(&self, answer: &mut Peers) {
        sorted(&COLUMN, self.column.as_ref()).sort(&mut answer.themes);
    }

    /// The name of the explained order that the table has.
    fn name<'a>(&self, params: &'a Params) -> &'a str {
        if self.column.is_some() { "" } else { params.get("sort").unwrap_or(ORDERS[0].0) }
    }
}

fn key(theme: &PeerTheme, column: &str) -> Key {
    match column {
        "areas" => theme.peers_flagged.into(),
        "share" => theme.share.share.into(),
        "england" => theme.national_share.into(),
        "difference" => theme.difference.into(),
        _ => theme.label.as_str().into(),
    }
}

fn sorted<'a>(columns: &'a [Column<'a>], order: Option<&'a Order>) -> Sorted<'a, PeerTheme> {
    Sorted { id: "peers", columns, key: &key, order }
}

/// The columns that an answer has: no shares of too few areas, no England beside itself.
fn columns(answer: &Peers) -> Vec<Column<'static>> {
    let shown = |column: &Column<'_>| match column.name {
        "" | "share" => !answer.too_few_for_shares(),
        "england" | "difference" => answer.beside_england(),
        _ => true,
    };
    COLUMN.into_iter().filter(shown).collect()
}

/// The table, with its order explained and to be chosen.
pub(super) fn table(params: &Params, path: &str, answer: &Peers, asked: &Asked) -> Markup {
    let order = asked.name(params);
    let themes: Vec<&PeerTheme> = answer.themes.iter().filter(|t| t.peers_flagged > 0).collect();
    let shares = !answer.too_few_for_shares();
    html! {
        @let comparable = answer.beside_england();
        nav.no-print aria-label="Order of the themes" {
            ul.switch {
                @for (name, label, _) in ORDERS.into_iter().filter(|(name, ..)| comparable || *name != "most-unusual") {
                    li { a href={ (params.with(path, "sort", (name != ORDERS[0].0).then_some(name))) "#peers" } aria-current=[(name == order).then_some("true")] { (label) } }
                }
            }
        }
        (components::cautions(&answer.cautions))
        @for (_, _, explanation) in ORDERS.into_iter().filter(|(name, ..)| *name == order) { p { (explanation) } }
        @if shares { (components::bar_key(comparable)) }
        p.no-print { button.quiet type="button" data-toggle-all="#peer-themes details" aria-pressed="false" hidden { "Open or close all quotes" } }
        div id="peer-themes" {
            @if themes.is_empty() { p { "None of these areas was flagged for a theme in a report held here." } }
            @else { (rows(params, path, answer, &themes, asked)) }
        }
        @if comparable && answer.compared > 0 {
            p.soft { small { (answer.compared) " themes were compared with England. \u{201c}Clearly\u{201d} allows for so many comparisons." } }
        }
    }
}

fn rows(params: &Params, path: &str, answer: &Peers, themes: &[&PeerTheme], asked: &Asked) -> Markup {
    let columns = columns(answer);
    let table = sorted(&columns, asked.column.as_ref());
    html! {
        table.stack.sortable {
            caption.visually-hidden { "Themes that similar areas were flagged for" }
            thead { (table.head(params, path)) }
            tbody { @for theme in themes { (row(answer, theme, &table)) } }
        }
    }
}

fn row(answer: &Peers, theme: &PeerTheme, table: &Sorted<'_, PeerTheme>) -> Markup {
    let (shares, nation) = (!answer.too_few_for_shares(), answer.beside_england());
    html! {
        tr data-keys=(table.keys(theme)) {
            th scope="row" {
                a href={ "/themes/" (theme.theme) } { (theme.label) }
                (here(answer, theme))
                @if theme.quotes.is_empty() { div { small { "No quote: no sentence of these letters is held" } } }
                @else {
                    details {
                        summary { "Quotes" span.visually-hidden { " on " (theme.label) } }
                        @for quote in &theme.quotes { (components::quote(quote)) }
                    }
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
            @if nation {
                td.n data-label="England" { (theme.national_share.map_or_else(|| "\u{2013}".to_owned(), words::percent)) }
                td.n data-label="Difference from England (percentage points)" {
                    (apart(theme))
                    @if theme.small { div { small { "small sample" } } }
                    @match theme.stands_out {
                        Some("above") => { div { small { strong { "clearly above England" } } } }
                        Some("below") => { div { small { strong { "clearly below England" } } } }
                        _ => {}
                    }
                }
            }
        }
    }
}

/// What the area's own letters say of the theme. A theme that is no formal item may be criticised all the same.
fn here(answer: &Peers, theme: &PeerTheme) -> Markup {
    html! {
        @match (theme.flagged_here, theme.criticised_here) {
            (Some(true), _) => { div { small.flagged-here { "\u{2691} Also flagged in " (answer.area) } } }
            (Some(false), Some(true)) => {
                div { small {
                    "No formal item in " (answer.area) ", but "
                    a href={ "/findings?area=" (answer.la_code) "&theme=" (theme.theme) "&polarity=weakness,mixed" } { "criticised there" span.visually-hidden { ": " (theme.label) } }
                } }
            }
            _ => {}
        }
    }
}

/// "+12 (+2 to +21)", or a dash.
fn apart(theme: &PeerTheme) -> String {
    match (theme.difference, theme.difference_low, theme.difference_high) {
        (Some(points), Some(low), Some(high)) => {
            format!("{} ({} to {})", words::points(points), words::points(low), words::points(high))
        }
        (Some(points), ..) => words::points(points),
        (None, ..) => "\u{2013}".to_owned(),
    }
}

/// The title of the chart.
pub(super) fn title(area: &str) -> String {
    format!("What areas similar to {area} were flagged for")
}

/// The table as a chart: a file of its own, with as many themes as the table has.
pub(super) fn svg(answer: &Peers, citation: &Citation) -> Result<Response, Failure> {
    let nation = answer.beside_england();
    let bars: Vec<chart::Bar> = answer
        .themes
        .iter()
        .filter(|theme| theme.peers_flagged > 0)
        .map(|theme| chart::Bar {
            label: theme.label.clone(),
            value: components::drawn(theme.share),
            mark: theme.national_share.filter(|_| nation),
            says: format!("{} of {}: {}", theme.peers_flagged, theme.of_peers, components::share_text(theme.share)),
        })
        .collect();
    let peers: Vec<&str> = answer.peers.iter().map(|peer| peer.area.as_str()).collect();
    let who = if peers.len() <= 20 { words::list(&peers) } else { words::count(peers.len(), "area", "areas") };
    let marks = if nation { " Thick marks are the share of all England." } else { "" };
    let says = format!(
        "Compared with {who}. Bars are shares of these areas, thin lines 95% intervals.{marks} {}",
        answer.scope.sentence()
    );
    let drawing = chart::bars(&bars);
    let figure =
        Figure { title: &citation.title, says: &says, drawing: &drawing, legend: &[], source: &citation.sentence };
    download::svg(&format!("peers-{}", answer.la_code), &figure)
}

const COLUMNS: [download::Column; 19] = [
    download::Column::new("area", "Area"),
    download::Column::new("basis", "Compared with"),
    download::Column::new("theme", "Theme code"),
    download::Column::new("label", "Theme"),
    download::Column::new("peers_flagged", "Areas flagged"),
    download::Column::new("of_peers", "Of areas with a report held"),
    download::Column::new("share", "Share"),
    download::Column::new("low", "Share, lower end of 95% interval"),
    download::Column::new("high", "Share, upper end of 95% interval"),
    download::Column::new("adjusted_share", "Corrected share"),
    download::Column::new("adjusted_low", "Corrected share, lower end of 95% interval"),
    download::Column::new("adjusted_high", "Corrected share, upper end of 95% interval"),
    download::Column::new("national_share", "England"),
    download::Column::new("difference", "Difference from England (percentage points)"),
    download::Column::new("difference_low", "Difference, lower end of 95% interval"),
    download::Column::new("difference_high", "Difference, upper end of 95% interval"),
    download::Column::new("flagged_here", "Also flagged in the area"),
    download::Column::new("criticised_here", "Criticised in the area outside formal items"),
    download::Column::new("small", "Small sample"),
];

/// The comparison to take away. The workbook has the areas and the quotes on sheets of their own.
pub(super) fn download(answer: &Peers) -> download::Table {
    use download::Cell;
    let rows = answer.themes.iter().map(|t| {
        vec![
            answer.area.as_str().into(),
            answer.basis.into(),
            t.theme.as_str().into(),
            t.label.as_str().into(),
            t.peers_flagged.into(),
            t.of_peers.into(),
            Cell::share(t.share.share),
            Cell::share(t.share.low),
            Cell::share(t.share.high),
            Cell::share(t.adjusted.adjusted_share),
            Cell::share(t.adjusted.adjusted_low),
            Cell::share(t.adjusted.adjusted_high),
            Cell::share(t.national_share),
            Cell::points(t.difference),
            Cell::points(t.difference_low),
            Cell::points(t.difference_high),
            t.flagged_here.into(),
            t.criticised_here.into(),
            Cell::Flag(t.small),
        ]
    });
    download::Table {
        name: format!("peers-{}", answer.la_code),
        columns: COLUMNS.to_vec(),
        rows: rows.collect(),
        more: vec![areas_sheet(answer), quotes_sheet(answer)],
        about: format!(
            "What similar areas to {} were flagged for. Compared with: {}. {}",
            answer.area,
            answer.basis,
            answer.scope.sentence()
        ),
    }
}

fn areas_sheet(answer: &Peers) -> download::Sheet {
    let counted = answer.peers.iter().map(|peer| {
        vec![
            peer.la_code.as_str().into(),
            peer.area.as_str().into(),
            peer.rank.map(|rank| rank as usize).into(),
            peer.closeness.as_deref().map(|closeness| closeness.replace('_', " ")).as_deref().into(),
            peer.letters.len().into(),
        ]
    });
    let empty = || download::Cell::Empty;
    let without =
        answer.without_letter.iter().map(|area| vec![empty(), area.as_str().into(), empty(), empty(), 0.into()]);
    download::Sheet {
        title: "Areas",
        headings: vec!["Area code", "Area", "Rank as neighbour", "Closeness", "Reports held"],
        rows: counted.chain(without).collect(),
    }
}

fn quotes_sheet(answer: &Peers) -> download::Sheet {
    let rows = answer.themes.iter().flat_map(|theme| {
        theme.quotes.iter().map(|quote| {
            vec![
                theme.label.as_str().into(),
                quote.area.as_str().into(),
                quote.text.as_str().into(),
                (quote.page as usize).into(),
                quote.letter_id.as_str().into(),
                quote.url.as_deref().into(),
            ]
        })
    });
    download::Sheet {
        title: "Quotes",
        headings: vec!["Theme", "Area", "Quote", "Page", "Letter", "Original"],
        rows: rows.collect(),
    }
}
