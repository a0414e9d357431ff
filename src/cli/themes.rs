//! `themes`: how often each theme is found.

use clap::Args;
use serde::Serialize;

use super::filters::QuestionArgs;
use super::output::{Format, View, column};
use super::{Exit, Failure, context::Context, figures};
use crate::domain::Term;
use crate::query::stats::CLEAR;
use crate::query::{self, By, Standardised};

/// Show how often each theme is found, as shares of letters with 95% intervals.
#[derive(Debug, Args)]
#[command(
    after_help = "Without --role, the formal items are counted: what areas were flagged for. With --polarity and \
                  without --role, all findings of that polarity.\n\nExample:\n  sendlens themes --framework 2023 \
                  --by year --theme waiting-times"
)]
pub struct Command {
    #[command(flatten)]
    asked: QuestionArgs,
    /// Group the letters: year, region, la_type, framework or outcome.
    #[arg(long, value_name = "GROUP")]
    by: Option<By>,
    /// Standardise the share of every group to the same mix: of region, la_type, framework, outcome or year.
    #[arg(long, value_name = "GROUP", requires = "by")]
    standardise: Option<By>,
}

const CSV: &[&str] = &[
    "theme",
    "label",
    "by",
    "value",
    "letters",
    "of_letters",
    "share",
    "low",
    "high",
    "adjusted_share",
    "adjusted_low",
    "adjusted_high",
    "error_basis",
    "standardised_share",
    "standardised_low",
    "standardised_high",
    "small",
    "stands_out",
    "frameworks",
    "first_inspection",
    "last_inspection",
];

const VIEW: View = View {
    table: &[
        column("Theme", "label").at_least(20),
        column("Letters", "letters").whole(),
        column("95% interval", "interval").whole(),
        column("Corrected", "corrected").whole().rank(2),
        column("Id", "theme").whole().rank(1),
    ],
    csv: CSV,
};

const GROUPED: View = View {
    table: &[
        column("Theme", "label").at_least(20),
        column("Group", "value"),
        column("Letters", "letters").whole(),
        column("95% interval", "interval").whole(),
        column("Corrected", "corrected").whole().rank(1),
        column("One mix", "standardised").whole().rank(2),
        column("", "note"),
    ],
    csv: CSV,
};

/// A row as the table shows it.
#[derive(Serialize)]
struct Line {
    label: String,
    theme: String,
    value: Option<String>,
    letters: String,
    interval: String,
    corrected: String,
    standardised: String,
    note: &'static str,
}

impl Command {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let dataset = context.questions()?;
        let filter = self.asked.filters.resolve(&dataset.reference()?)?;
        let answer = query::themes_to_one_mix(&dataset, &filter, self.by, self.standardise)?;
        let view = if self.by.is_some() { &GROUPED } else { &VIEW };
        if self.asked.format != Format::Table {
            return context.rows(self.asked.format, view, &filter, answer.rows, "themes");
        }
        if answer.scope.letters == 0 {
            context.say("No letter that matches can have such findings.");
            answer.scope.left_out.iter().for_each(|left| context.say(left.sentence()));
            return Ok(Exit::Fine);
        }
        let lines: Vec<Line> = answer
            .rows
            .iter()
            .map(|row| Line {
                label: row.label.clone(),
                theme: row.theme.clone(),
                value: row.value.clone(),
                letters: figures::of(row.letters, row.of_letters),
                interval: figures::interval(&row.share),
                corrected: figures::corrected(&row.adjusted, row.share.share),
                standardised: row.standardised.as_ref().map(standardised).unwrap_or_default(),
                note: match row.stands_out {
                    _ if row.small => "few letters",
                    Some("above") => "above the others",
                    Some("below") => "below the others",
                    _ => "",
                },
            })
            .collect();
        let exit = context.rows(self.asked.format, view, &filter, lines, "themes")?;
        for trend in answer.trends.iter().filter(|trend| trend.p < CLEAR) {
            let name = answer.rows.iter().find(|row| row.theme == trend.theme).map_or(&trend.theme, |row| &row.label);
            context.say(format_args!("{name}: {}.", trend.words));
        }
        if let Some(trend) = answer.trends.first() {
            context.say(format_args!(
                "{} themes were compared over the years; a trend is clear only after a correction for so many.",
                trend.compared
            ));
        } else if self.by == Some(By::Year) {
            context.say("Trends need three years of ten letters or more, under one framework.");
        }
        if answer.compared > 0 {
            context.say(format_args!(
                "{} differences were looked at; \"above\" and \"below\" are clear after a correction for so many.",
                answer.compared
            ));
        }
        answer.cautions.iter().for_each(|caution| context.say(caution));
        figures::say_corrected(context, answer.rows.iter().map(|row| &row.adjusted));
        let roles: Vec<String> = answer.roles.iter().map(|role| role.as_str().replace('_', " ")).collect();
        context
            .say(format_args!("Letters count that have a finding on the theme with the role: {}.", roles.join(", ")));
        super::say_scope(context, &answer.scope);
        if answer.rows.iter().any(|r| r.small) {
            context.say(format_args!("Fewer than {} letters are too few to rank or compare.", query::SMALL));
        }
        Ok(exit)
    }
}

/// "61% (48–72%)", or a dash where the group lacks a part of the mix.
fn standardised(to: &Standardised) -> String {
    match (to.standardised_share, to.standardised_low, to.standardised_high) {
        (Some(share), Some(low), Some(high)) => {
            format!("{:.0}% ({:.0}–{:.0}%)", share * 100.0, low * 100.0, high * 100.0)
        }
        _ => "–".to_owned(),
    }
}
