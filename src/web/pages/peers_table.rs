//! The themes that peers of an area were flagged for: as a table on its page, and as a table to take away.

use maud::{Markup, html};

use super::super::params::Params;
use super::super::{components, download};
use crate::query::{FEW, PeerTheme, Peers};
use crate::view::words;

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

/// Whether there are too few peers for shares: then there are counts and quotes alone.
pub(super) fn few(answer: &Peers) -> bool {
    answer.peers.len() < FEW
}

/// Whether England is something else than the peers themselves.
fn has_nation(answer: &Peers) -> bool {
    answer.basis != "all"
}

/// The order that is marked as chosen.
fn order(params: &Params) -> &str {
    params.get("sort").unwrap_or(ORDERS[0].0)
}

/// The table, with its order explained and to be chosen.
pub(super) fn table(params: &Params, path: &str, answer: &Peers) -> Markup {
    let order = order(params);
    let themes: Vec<&PeerTheme> = answer.themes.iter().filter(|t| t.peers_flagged > 0).collect();
    let shares = !few(answer);
    html! {
        @let comparable = shares && has_nation(answer);
        nav.no-print aria-label="Order of the themes" {
            ul.switch {
                @for (name, label, _) in ORDERS.into_iter().filter(|(name, ..)| comparable || *name != "most-unusual") {
                    li { a href={ (params.with(path, "sort", (name != ORDERS[0].0).then_some(name))) "#peers" } aria-current=[(name == order).then_some("true")] { (label) } }
                }
            }
        }
        @for (_, _, explanation) in ORDERS.into_iter().filter(|(name, ..)| *name == order) { p { (explanation) } }
        @if shares { (components::bar_key(has_nation(answer))) }
        p.no-print { button.quiet type="button" data-toggle-all="#peer-themes details" aria-pressed="false" hidden { "Open or close all quotes" } }
        div id="peer-themes" {
            @if themes.is_empty() { p { "None of these areas was flagged for a theme in a report held here." } }
            @else { (rows(answer, &themes)) }
        }
        @if comparable && answer.compared > 0 {
            p.soft { small { (answer.compared) " themes were compared with England. \u{201c}Clearly\u{201d} allows for so many comparisons." } }
        }
    }
}

fn rows(answer: &Peers, themes: &[&PeerTheme]) -> Markup {
    let (shares, nation) = (!few(answer), has_nation(answer) && !few(answer));
    html! {
        table.stack {
            caption.visually-hidden { "Themes that similar areas were flagged for" }
            thead {
                tr {
                    th scope="col" { "Theme" }
                    @if shares { th scope="col" { span.visually-hidden { "Bar" } } }
                    th.n scope="col" { "Areas flagged" }
                    @if shares { th.n scope="col" { "Share (95% interval)" } }
                    @if nation { th.n scope="col" { "England" } th.n.wrapping scope="col" { "Difference from England (percentage points)" } }
                }
            }
            tbody { @for theme in themes { (row(answer, theme, shares, nation)) } }
        }
    }
}

fn row(answer: &Peers, theme: &PeerTheme, shares: bool, nation: bool) -> Markup {
    html! {
        tr {
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
            @if shares { td.n data-label="Share" { (components::share_text(theme.share)) } }
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

const COLUMNS: [download::Column; 16] = [
    download::Column::new("area", "Area"),
    download::Column::new("basis", "Compared with"),
    download::Column::new("theme", "Theme code"),
    download::Column::new("label", "Theme"),
    download::Column::new("peers_flagged", "Areas flagged"),
    download::Column::new("of_peers", "Of areas with a report held"),
    download::Column::new("share", "Share"),
    download::Column::new("low", "Share, lower end of 95% interval"),
    download::Column::new("high", "Share, upper end of 95% interval"),
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
    let share = |value: Option<f64>| value.map_or(Cell::Empty, Cell::Share);
    let points = |value: Option<f64>| value.map_or(Cell::Empty, Cell::Points);
    let rows = answer.themes.iter().map(|t| {
        vec![
            answer.area.as_str().into(),
            answer.basis.into(),
            t.theme.as_str().into(),
            t.label.as_str().into(),
            t.peers_flagged.into(),
            t.of_peers.into(),
            share(t.share.share),
            share(t.share.low),
            share(t.share.high),
            share(t.national_share),
            points(t.difference),
            points(t.difference_low),
            points(t.difference_high),
            t.flagged_here.map_or(Cell::Empty, Cell::Flag),
            t.criticised_here.map_or(Cell::Empty, Cell::Flag),
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
            peer.rank.map_or(download::Cell::Empty, |rank| (rank as usize).into()),
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
