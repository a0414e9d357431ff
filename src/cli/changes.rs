//! `changes`: what is new.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;

use super::output::{self, Format, View, in_words, print_rows, printable};
use super::wrap::cut;
use super::{Exit, Failure, context::Context, feed};
use crate::query::{self, Change, ChangeRow};

/// Show what is new, revised, published again, vanished or failed, and what the letters flag.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  sendlens changes --since 2026-01-01")]
pub struct Command {
    /// From this day on [default: what the last finished run brought].
    #[arg(long, value_name = "DATE", value_parser = super::terms::date)]
    since: Option<Date>,
    /// Show at most this many rows.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Also write the changes as an Atom feed into this file, for people to subscribe to.
    #[arg(long, value_name = "FILE")]
    feed: Option<PathBuf>,
    /// Form of the answer.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

const VIEW: View = View {
    // Two lines for each letter say more than a table of these columns could.
    table: &[],
    csv: &[
        "at",
        "change",
        "status",
        "letter_id",
        "kind",
        "area",
        "outcome",
        "flagged",
        "source",
        "title",
        "address",
        "reason",
    ],
};

impl Command {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let dataset = context.questions()?;
        let mut changes = query::changes(&dataset, self.since)?;
        changes.truncate(self.limit.unwrap_or(usize::MAX));
        let labels: BTreeMap<String, String> = query::theme_labels(&dataset)?.into_iter().collect();
        if let Some(file) = &self.feed {
            std::fs::write(file, feed::atom(&changes, &labels))?;
        }
        if changes.is_empty() {
            context.say("Nothing changed since then.");
        }
        if self.format == Format::Table {
            let mut out = std::io::BufWriter::new(std::io::stdout().lock());
            changes.iter().try_for_each(|change| write_change(&mut out, change, &labels, output::table_width()))?;
            out.flush()?;
        } else {
            print_rows(self.format, &VIEW, changes)?;
        }
        Ok(Exit::Fine)
    }
}

/// Two lines: what happened to which letter, and what it flags. A document that is not a letter has its title, address
/// and reason.
fn write_change(
    out: &mut impl Write,
    change: &ChangeRow,
    labels: &BTreeMap<String, String>,
    width: usize,
) -> std::io::Result<()> {
    const DAY: usize = "2026-01-31".len();
    const INDENT: usize = 2;
    let day = change.at.get(..DAY).unwrap_or(&change.at);
    let area = change.area.as_deref().unwrap_or("area not known");
    let is_letter = change.letter_id.is_some();
    let what = match (&change.kind, &change.title) {
        (Some(kind), _) => in_words(kind),
        (None, Some(title)) => title.clone(),
        (None, None) => in_words(&change.status),
    };
    let outcome = change.outcome.as_deref().map(|outcome| format!(": {}", in_words(outcome))).unwrap_or_default();
    let first = format!("{day}  {:<11}  {area}, {what}{outcome}", word(change.change));
    let place = change.letter_id.as_deref().unwrap_or(&change.address);
    let mut second = place.to_owned();
    if let Some(reason) = change.reason.as_deref().filter(|_| !is_letter || change.change == Change::Failed) {
        second.push_str(" · ");
        second.push_str(reason);
    } else if !change.flagged.is_empty() {
        let room = width.saturating_sub(INDENT + second.chars().count());
        second.push_str(&flagged(&change.flagged, labels, room));
    }
    writeln!(out, "{}", cut(&printable(&first), width))?;
    // An address is there to be copied, so it is not cut; a reason is.
    let room = width.saturating_sub(INDENT).max(if is_letter { 0 } else { place.chars().count() });
    writeln!(out, "{:INDENT$}{}", "", cut(&printable(&second), room))
}

fn word(change: Change) -> &'static str {
    match change {
        Change::New => "new",
        Change::Revised => "revised",
        Change::Republished => "republished",
        Change::SameText => "same text",
        Change::Vanished => "vanished",
        Change::Failed => "failed",
    }
}

/// As many themes as there is room for, and how many more there are.
fn flagged(themes: &[String], labels: &BTreeMap<String, String>, room: usize) -> String {
    const MORE: usize = " and 99 more".len();
    let mut text = " · flagged for ".to_owned();
    for (shown, id) in themes.iter().enumerate() {
        let label = labels.get(id).unwrap_or(id);
        let comma = if shown == 0 { "" } else { "; " };
        let wide = text.chars().count() + comma.len() + label.chars().count();
        let is_last = shown + 1 == themes.len();
        if wide + if is_last { 0 } else { MORE } > room {
            let rest = themes.len() - shown;
            return match shown {
                0 => format!(" · flagged for {rest} {}", if rest == 1 { "theme" } else { "themes" }),
                _ => format!("{text} and {rest} more"),
            };
        }
        text.push_str(comma);
        text.push_str(label);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> ChangeRow {
        ChangeRow {
            at: "2026-11-29T06:21:25Z".to_owned(),
            change: Change::New,
            status: "letter".to_owned(),
            letter_id: Some("985-2018-11-05-outcome".to_owned()),
            kind: Some("outcome_letter".to_owned()),
            area: Some("Westhaven".to_owned()),
            outcome: Some("wsoa_required".to_owned()),
            flagged: vec!["identification".to_owned(), "exclusion".to_owned(), "attendance".to_owned()],
            source: "ofsted_reports".to_owned(),
            title: Some("Joint local area SEND inspection".to_owned()),
            address: "https://files.example/v1/file/50142".to_owned(),
            reason: None,
        }
    }

    fn lines(change: &ChangeRow, width: usize) -> Vec<String> {
        let labels = [("identification", "Identification of need"), ("exclusion", "Exclusion and suspension")];
        let labels = labels.map(|(id, label)| (id.to_owned(), label.to_owned())).into();
        let mut bytes = Vec::new();
        write_change(&mut bytes, change, &labels, width).unwrap();
        String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_letter_takes_two_lines_and_themes_that_have_no_room_are_counted() {
        let first = "2026-11-29  new          Westhaven, outcome letter: WSOA required";
        let id = "  985-2018-11-05-outcome · flagged for";
        assert_eq!(lines(&row(), 80), [first.to_owned(), format!("{id} Identification of need and 2 more")]);
        assert_eq!(lines(&row(), 50)[1], format!("{id} 3 themes"));
        let all = "Identification of need; Exclusion and suspension; attendance";
        assert_eq!(lines(&row(), 120)[1], format!("{id} {all}"));
    }

    #[test]
    fn what_failed_has_its_address_and_reason() {
        let reason = Some("was answered with status 503".to_owned());
        let failed = ChangeRow { change: Change::Failed, letter_id: None, kind: None, outcome: None, reason, ..row() };
        let told = lines(&failed, 60);
        assert_eq!(told[0], "2026-11-29  failed       Westhaven, Joint local area SEND i…");
        assert_eq!(told[1], "  https://files.example/v1/file/50142 · was answered with s…");
    }
}
