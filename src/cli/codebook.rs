//! `codebook`: checks a codebook, shows what an edit changes, and finds wording that it does not match yet.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;

use super::output::{self, Format, View, column};
use super::{Exit, Failure, context::Context};
use crate::code::{Coder, Input, Uncoded, suggest};
use crate::codebook::{Codebook, check};
use crate::domain::{Coding, Polarity};

/// Check a codebook, see what an edit changes, and find wording that it does not match.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  sendlens codebook check my-codebook.toml\n  \
                  sendlens codebook diff corpus/codebook.toml my-codebook.toml\n  sendlens codebook suggest")]
pub struct Command {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Load a codebook, list its themes, and point out patterns that occur twice.
    #[command(after_help = "Example:\n  sendlens codebook check my-codebook.toml")]
    Check {
        /// The codebook [default: the one in use].
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Code the stored dataset with two codebooks and show what differs.
    #[command(after_help = "Example:\n  sendlens codebook diff corpus/codebook.toml my-codebook.toml --format json")]
    Diff {
        /// The codebook before the edit.
        #[arg(value_name = "OLD")]
        old: PathBuf,
        /// The codebook after the edit.
        #[arg(value_name = "NEW")]
        new: PathBuf,
        /// Form of the answer.
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// List wording that is frequent in criticism and that no pattern matches.
    #[command(after_help = "Example:\n  sendlens codebook suggest --areas 5")]
    Suggest {
        /// Only wording found in at least this many areas.
        #[arg(long, default_value_t = 3, value_name = "N")]
        areas: usize,
        /// Show at most this many.
        #[arg(long, default_value_t = 30, value_name = "N")]
        limit: usize,
        /// Form of the answer.
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
}

#[derive(Serialize)]
struct ThemeRow {
    theme: String,
    label: String,
    group: String,
    subthemes: Vec<String>,
    sure: usize,
    likely: usize,
    never: usize,
}

const THEMES: View = View {
    table: &[
        column("Theme", "theme"),
        column("Label", "label"),
        column("Group", "group"),
        column("Sure", "sure"),
        column("Likely", "likely"),
        column("Never", "never"),
    ],
    csv: &[],
};

/// What two codebooks make of one theme.
#[derive(Debug, Default, Serialize)]
struct Difference {
    theme: String,
    findings_old: usize,
    findings_new: usize,
    gained: usize,
    lost: usize,
    letters_flagged_old: usize,
    letters_flagged_new: usize,
    examples_gained: Vec<String>,
    examples_lost: Vec<String>,
    #[serde(skip)]
    flagged: [BTreeSet<String>; 2],
}

const DIFF: View = View {
    table: &[
        column("Theme", "theme"),
        column("Findings before", "findings_old"),
        column("after", "findings_new"),
        column("Gained", "gained"),
        column("Lost", "lost"),
        column("Letters flagged before", "letters_flagged_old"),
        column("after", "letters_flagged_new"),
        column("For example gained", "examples_gained"),
    ],
    csv: &[
        "theme",
        "findings_old",
        "findings_new",
        "gained",
        "lost",
        "letters_flagged_old",
        "letters_flagged_new",
        "examples_gained",
        "examples_lost",
    ],
};
const SUGGEST: View = View {
    table: &[
        column("Wording", "wording"),
        column("Areas", "areas"),
        column("Findings", "findings"),
        column("Without theme", "without_theme"),
        column("Examples", "examples"),
    ],
    csv: &["wording", "areas", "findings", "without_theme", "examples"],
};

impl Command {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self.action {
            Action::Check { file } => {
                let codebook = match file {
                    Some(file) => Codebook::load(&file)?,
                    None => context.codebook()?,
                };
                let rows = codebook.themes().iter().map(|t| ThemeRow {
                    theme: t.id.clone(),
                    label: t.label.clone(),
                    group: t.group.clone(),
                    subthemes: t.subthemes.clone(),
                    sure: t.sure.patterns().len(),
                    likely: t.likely.patterns().len(),
                    never: t.never.patterns().len(),
                });
                let count = output::print_rows(Format::Table, &THEMES, rows)?;
                for advice in check(&codebook) {
                    println!("line {}: {}", advice.line, advice.message);
                }
                println!("The codebook {} is in order: {count} themes.", codebook.fingerprint());
                Ok(Exit::Fine)
            }
            Action::Diff { old, new, format } => {
                let coder = |file: &Path| -> Result<Coder, Failure> {
                    Ok(context.coder_for(Codebook::load(file)?)?.with_cache(context.scores()?))
                };
                let (old, new) = (coder(&old)?, coder(&new)?);
                let rows = differences(context, &old, &new)?;
                context.keep_scores()?;
                let count = output::print_rows(format, &DIFF, rows)?;
                if count == 0 {
                    context.say("Both codebooks code every stored finding alike.");
                }
                Ok(Exit::Fine)
            }
            Action::Suggest { areas, limit, format } => {
                let passages = context.questions()?.passages()?;
                let weak: Vec<Uncoded<'_>> = passages
                    .iter()
                    .filter(|p| p.polarity == Polarity::Weakness)
                    .map(|p| Uncoded {
                        letter_id: &p.letter_id,
                        la_code: &p.la_code,
                        text: &p.text,
                        has_theme: !p.themes.is_empty(),
                    })
                    .collect();
                let mut found = suggest(&context.codebook()?, &weak, areas);
                found.truncate(limit);
                let count = output::print_rows(format, &SUGGEST, found)?;
                if count == 0 {
                    context.say(format!("No unknown wording stands in {areas} areas or more; try --areas 1."));
                }
                Ok(Exit::Fine)
            }
        }
    }
}

fn differences(context: &Context, old: &Coder, new: &Coder) -> Result<Vec<Difference>, Failure> {
    let mut by_theme: BTreeMap<String, Difference> = BTreeMap::new();
    let passages = context.questions()?.passages()?;
    let inputs: Vec<Input<'_>> = passages.iter().map(super::context::input).collect();
    let codings = old.code_in_order(&inputs).into_iter().zip(new.code_in_order(&inputs));
    for (passage, (before, after)) in passages.iter().zip(codings) {
        let themes = |coding: Coding| -> BTreeSet<String> { coding.themes.into_iter().map(|t| t.id).collect() };
        let (before, after) = (themes(before), themes(after));
        for theme in before.union(&after) {
            let row = by_theme.entry(theme.clone()).or_default();
            let (had, has) = (before.contains(theme), after.contains(theme));
            row.findings_old += usize::from(had);
            row.findings_new += usize::from(has);
            for (holds, flagged) in [had, has].into_iter().zip(&mut row.flagged) {
                if holds && passage.role.flags() {
                    flagged.insert(passage.letter_id.clone());
                }
            }
            let example = || format!("{}: {}", passage.finding_id, passage.text);
            if has && !had {
                row.gained += 1;
                if row.examples_gained.len() < 3 {
                    row.examples_gained.push(example());
                }
            } else if had && !has {
                row.lost += 1;
                if row.examples_lost.len() < 3 {
                    row.examples_lost.push(example());
                }
            }
        }
    }
    let finish = |(theme, mut row): (String, Difference)| {
        row.theme = theme;
        row.letters_flagged_old = row.flagged[0].len();
        row.letters_flagged_new = row.flagged[1].len();
        row
    };
    Ok(by_theme.into_iter().filter(|(_, r)| r.gained + r.lost > 0).map(finish).collect())
}
