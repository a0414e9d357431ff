//! `peers`: what areas like one were flagged for.

use std::io::Write;

use clap::Args;
use serde::Serialize;

use super::filters::{AreaArg, QuestionArgs};
use super::output::{Format, View, column, print_json, print_rows, printable};
use super::{Exit, Failure, context::Context, figures};
use crate::query::{self, Basis, PeerOrder, Peers};
use crate::reference::Reference;

/// Show what areas like this one were flagged for, and how unusual that is.
#[derive(Debug, Args)]
#[command(mut_arg("format", |format| format.help("Form of the answer; JSON is one object")))]
#[command(after_help = "Filters of letters apply to the peers and to England alike; filters of areas do not apply: \
                        --basis chooses the peers.\n\nExample:\n  sendlens peers \"Area name\" --framework 2023")]
pub struct Command {
    #[command(flatten)]
    area: AreaArg,
    /// Which areas are its peers; a list is names or codes separated by commas.
    #[arg(long, value_name = "neighbours|region|type|all|LIST", default_value = "neighbours")]
    basis: String,
    /// Order of the themes: furthest above England first, most peers flagged first, or what the area itself was flagged
    /// for first.
    #[arg(long, value_name = "most-unusual|most-flagged|here-too", default_value = "most-unusual")]
    sort: PeerOrder,
    #[command(flatten)]
    asked: QuestionArgs,
}

const VIEW: View = View {
    table: &[
        column("Theme", "label").at_least(18),
        column("Peers flagged", "peers").whole(),
        column("95% interval", "interval").whole(),
        column("Corrected", "corrected").whole().rank(2),
        column("England", "england").whole().rank(1),
        column("Difference", "difference").at_least(13),
        column("Here", "here"),
        column("", "note"),
    ],
    csv: &[
        "theme",
        "label",
        "peers_flagged",
        "of_peers",
        "share",
        "low",
        "high",
        "adjusted_share",
        "adjusted_low",
        "adjusted_high",
        "error_basis",
        "national_flagged",
        "of_areas",
        "national_share",
        "difference",
        "difference_low",
        "difference_high",
        "stands_out",
        "flagged_here",
        "criticised_here",
        "small",
    ],
};

/// With too few peers, counts alone are shown.
const FEW: View = View {
    table: &[
        column("Theme", "label").at_least(18),
        column("Peers flagged", "peers").whole(),
        column("Here", "here").at_least(18),
    ],
    csv: VIEW.csv,
};

/// A row as the table shows it.
#[derive(Serialize)]
struct Line {
    label: String,
    peers: String,
    interval: String,
    corrected: String,
    england: String,
    difference: String,
    here: &'static str,
    note: &'static str,
}

impl Command {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let dataset = context.questions()?;
        let reference = dataset.reference()?;
        let filter = self.asked.filters.resolve(&reference)?;
        let basis = basis(&self.basis, &reference)?;
        let area = self.area.resolve(&reference)?;
        let answer = query::peers_in_order(&dataset, &area, &basis, &filter, self.sort)?;
        match self.asked.format {
            Format::Json => print_json(&answer)?,
            Format::Csv => {
                print_rows(self.asked.format, &VIEW, &answer.themes)?;
            }
            Format::Table => print_table(context, &answer, self.sort)?,
        }
        Ok(Exit::Fine)
    }
}

/// The peers that `--basis` asks for.
pub(super) fn basis(given: &str, reference: &Reference) -> Result<Basis, Failure> {
    Ok(match given {
        "neighbours" => Basis::Neighbours,
        "region" => Basis::Region,
        "type" => Basis::Type,
        "all" => Basis::All,
        list => {
            let code = |name: &str| reference.resolve(name.trim()).map(|area| area.la_code.clone());
            let codes: Result<_, _> = list.split(',').map(code).collect();
            Basis::List(codes.map_err(|error| {
                Failure::new(format!("{error}; --basis is neighbours, region, type, all, or areas with commas between"))
            })?)
        }
    })
}

fn print_table(context: &Context, answer: &Peers, order: PeerOrder) -> Result<(), Failure> {
    let few = answer.peers.len() < query::FEW;
    // A theme that no peer was flagged for says something only beside England's share.
    let shown: Vec<_> =
        answer.themes.iter().filter(|t| if few { t.peers_flagged > 0 } else { t.national_flagged > 0 }).collect();
    let lines = shown.iter().map(|t| Line {
        label: t.label.clone(),
        peers: figures::few_of(t.peers_flagged, t.of_peers),
        interval: figures::interval(&t.share),
        corrected: figures::corrected(&t.adjusted, t.share.share),
        england: figures::of(t.national_flagged, t.of_areas),
        difference: figures::difference(t.difference, t.difference_low, t.difference_high),
        here: match (t.flagged_here, t.criticised_here) {
            (Some(true), _) => "flagged",
            (Some(false), Some(true)) => "criticised",
            (Some(false), _) => "no",
            (None, _) => "no letter",
        },
        note: match t.stands_out {
            Some("above") => "clearly above",
            Some("below") => "clearly below",
            _ if t.small => "small sample",
            _ => "",
        },
    });
    print_rows(Format::Table, if few { &FEW } else { &VIEW }, lines)?;
    let mut out = super::output::page();
    for theme in shown.iter().filter(|t| !t.quotes.is_empty()).take(5) {
        writeln!(out, "\n{}", theme.label)?;
        for quote in &theme.quotes {
            let text = printable(&quote.text).replace('\n', "\n    ");
            writeln!(out, "  {} (page {}): {text}", printable(&quote.area), quote.page)?;
            let place = quote.url.as_deref().unwrap_or(&quote.letter_id);
            writeln!(out, "    {} · {}", printable(place), quote.finding_id)?;
        }
    }
    out.flush()?;
    let compared = match answer.compared {
        _ if few => "Too few peers for shares: --basis region or --basis type compares with more areas.".to_owned(),
        0 => "Too few peers to say whether a difference is clear.".to_owned(),
        n => format!("{n} themes were compared with England; \"clearly\" stands only after a correction for so many."),
    };
    context.say(format_args!("\n{} {compared}", order.sentence()));
    answer.cautions.iter().for_each(|caution| context.say(caution));
    figures::say_corrected(context, answer.themes.iter().map(|theme| &theme.adjusted));
    context.say(
        "Here: \"flagged\" by a formal item, \"criticised\" in the text of a letter but by no formal item, \"no\" neither.",
    );
    let names: Vec<String> = answer
        .peers
        .iter()
        .map(|p| p.closeness.as_ref().map_or_else(|| p.area.clone(), |c| format!("{} ({c})", p.area)))
        .collect();
    context.say(format_args!("Peers of {} ({}): {}.", answer.area, answer.basis, list_or_none(&names)));
    if !answer.without_letter.is_empty() {
        context.say(format_args!("Not counted, since no report is held: {}.", answer.without_letter.join(", ")));
    }
    if answer.own_letters.is_empty() {
        context.say(format_args!("No report on {} itself is held.", answer.area));
    }
    super::say_scope(context, &answer.scope);
    Ok(())
}

fn list_or_none(names: &[String]) -> String {
    if names.is_empty() { "no report is held for any of them".to_owned() } else { names.join(", ") }
}
