//! `area`: the history of one area.

use std::io::Write;

use clap::Args;
use jiff::civil::Date;

use super::filters::{AreaArg, QuestionArgs, TodayArg};
use super::output::{Format, View, in_words, print_json, print_rows, printable};
use super::{Exit, Failure, context::Context};
use crate::domain::{Role, Term};
use crate::query::{self, Gap, History, Inspection};

/// Show the history of an area: inspections, what they found, what became of it, and what came back.
#[derive(Debug, Args)]
#[command(mut_arg("format", |format| format.help("Form of the answer; JSON is one object, CSV one row for each formal item and verdict")))]
#[command(after_help = "Example:\n  sendlens area \"Area name\"")]
pub struct Command {
    #[command(flatten)]
    area: AreaArg,
    #[command(flatten)]
    asked: QuestionArgs,
    #[command(flatten)]
    today: TodayArg,
}

const VIEW: View = View {
    table: &[],
    csv: &[
        "id",
        "letter_id",
        "la_code",
        "area",
        "kind",
        "framework",
        "inspection_start",
        "role",
        "ordinal",
        "themes",
        "text",
        "page",
        "responsible",
        "verdict",
        "judges",
        "similarity",
        "joined_by",
        "url",
    ],
};

impl Command {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let dataset = context.questions()?;
        let reference = dataset.reference()?;
        let filter = self.asked.filters.resolve(&reference)?;
        let area = self.area.resolve(&reference)?;
        let history = query::history(&dataset, &area, &filter, self.today.day())?;
        match self.asked.format {
            Format::Json => print_json(&*history)?,
            Format::Csv => {
                print_rows(self.asked.format, &VIEW, history.inspections.iter().flat_map(|i| &i.items))?;
            }
            Format::Table => {
                let mut out = super::output::page();
                write_history(&mut out, &history, query::held_to(&dataset)?)?;
                out.flush()?;
                if history.inspections.is_empty() {
                    context.say("The dataset holds no letter about this area that matches.");
                }
            }
        }
        Ok(Exit::Fine)
    }
}

fn write_history(out: &mut impl Write, history: &History, held_to: Option<Date>) -> std::io::Result<()> {
    writeln!(out, "{} ({})", printable(&history.area), history.la_code)?;
    if let Some(row) = &history.standing {
        let standing = row.standing.and_then(|s| serde_json::to_value(s).ok());
        let word = standing.as_ref().and_then(|s| s.as_str()).unwrap_or("not known");
        let word = in_words(word);
        writeln!(out, "Latest outcome: {word}, from the {}", row.standing_from.unwrap_or("reference tables"))?;
        if let Some(due) = row.next_full_inspection_due {
            writeln!(out, "Full inspection expected by {due}")?;
        }
        if let Some(due) = row.monitoring_due {
            writeln!(out, "Monitoring inspection expected by {due}")?;
        }
        if row.overdue {
            writeln!(out, "{}", crate::view::words::passed_note(held_to))?;
        }
    }
    for (code, name) in &history.predecessors {
        writeln!(out, "Took over from {} ({code}): see its own history.", printable(name))?;
    }
    for (code, name) in &history.successors {
        writeln!(out, "Followed by {} ({code}).", printable(name))?;
    }
    // Letters come newest first. Inspections that only the register knows are placed among them by date.
    let mut gaps = history.not_held.iter().rev().peekable();
    for inspection in &history.inspections {
        while let Some(gap) = gaps.next_if(|gap| Some(gap.inspection_start) > inspection.letter.inspection_start) {
            write_gap(out, gap)?;
        }
        write_inspection(out, inspection)?;
    }
    for gap in gaps {
        write_gap(out, gap)?;
    }
    if !history.recurrences.is_empty() {
        writeln!(out, "\nFlagged again")?;
        for again in &history.recurrences {
            let days: Vec<String> = again.flagged_at.iter().map(|f| f.inspection_start.to_string()).collect();
            writeln!(out, "  {}: {}", again.label, days.join(", "))?;
        }
    }
    Ok(())
}

fn write_gap(out: &mut impl Write, gap: &Gap) -> std::io::Result<()> {
    writeln!(out, "\n{} {}: in the official register, letter not in the dataset", gap.inspection_start, gap.what)
}

fn write_inspection(out: &mut impl Write, inspection: &Inspection) -> std::io::Result<()> {
    let letter = &inspection.letter;
    let start = letter.inspection_start.map(|d| d.to_string()).unwrap_or_default();
    let outcome = in_words(letter.outcome.map_or("conclusion not found", Term::as_str));
    writeln!(out, "\n{start} {}: {outcome}", in_words(letter.kind.as_str()))?;
    writeln!(out, "  {}", printable(letter.url.as_deref().or(letter.file.as_deref()).unwrap_or(&letter.id)))?;
    for item in inspection.items.iter().filter(|i| i.finding.role != Role::AreaForDevelopment) {
        let finding = &item.finding;
        let verdict = finding.verdict.map(|v| format!(" [{v}]")).unwrap_or_default();
        let role = in_words(finding.role.as_str());
        let text = printable(&finding.text).replace('\n', "\n    ");
        writeln!(out, "  {role} {}{verdict} (page {}): {text}", finding.ordinal, finding.page)?;
        for later in &item.followed_up {
            let verdict = later.verdict.map_or("no verdict found", Term::as_str);
            let link = super::show::link(later.similarity, later.joined_by);
            writeln!(out, "    {}: {verdict} progress ({link})", later.inspection_start)?;
        }
        if let (Some(judged), Some(similarity), Some(by)) = (&finding.judges, finding.similarity, finding.joined_by) {
            writeln!(out, "    on {judged} ({})", super::show::link(similarity, by))?;
        }
    }
    Ok(())
}
