//! `evaluate`: scores the parser and the coder against labelled data.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::output::{self, View, column};
use super::{Exit, Failure, context::Context};
use crate::code::fit_heads;
use crate::evaluate::{self, Evaluation, FEW_LABELS, Floors, Gold, Mistake};

/// Score the parser and the coder against labelled data.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  sendlens evaluate ../gold corpus/gold --letters ../letters\n\n\
                  Texts that the coder was fitted to are scored by a model that had not seen their documents; \
                  with --no-model the codebook's patterns are scored alone.")]
pub struct Command {
    /// Folders with sentences.jsonl, statements.jsonl, recommendations.json or labels-*.jsonl (any of them).
    #[arg(value_name = "GOLD_DIR", required = true)]
    gold: Vec<PathBuf>,
    /// Folder with the documents that recommendations.json names [default: letters beside the first GOLD_DIR].
    #[arg(long, value_name = "DIR")]
    letters: Option<PathBuf>,
    /// Form of the answer.
    #[arg(long, value_enum, default_value_t = Form::Table)]
    format: Form,
    /// How many of the worst mistakes to show.
    #[arg(long, default_value_t = 20, value_name = "N")]
    mistakes: usize,
    /// Fit the weights that combine model and patterns to these labels, and write them to this file (for developers).
    #[arg(long, value_name = "FILE", hide = true)]
    fit_to: Option<PathBuf>,
    /// Write the labelled texts as the coder receives them to this file, one JSON object a line (for developers).
    #[arg(long, value_name = "FILE", hide = true, conflicts_with = "fit_to")]
    texts_to: Option<PathBuf>,
    /// Count by letter how often the coder errs, and write the counts to this file (for developers).
    #[arg(long, value_name = "FILE", hide = true, conflicts_with_all = ["fit_to", "texts_to"])]
    error_rates_to: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    Table,
    Json,
}

#[derive(Serialize)]
struct Overview {
    set: String,
    texts: u32,
    micro: String,
    macro_: String,
    polarity: String,
    exact: String,
}

#[derive(Serialize)]
struct Row {
    theme: String,
    texts: u32,
    precision: String,
    recall: String,
    f1: String,
}

#[derive(Serialize)]
struct Confusion {
    reader: String,
    strength: u32,
    weakness: u32,
    mixed: u32,
    neutral: u32,
}

const OVERVIEW: View = View {
    table: &[
        column("Texts of", "set"),
        column("Number", "texts"),
        column("Theme micro-F1", "micro"),
        column("macro-F1", "macro_"),
        column("Polarity right", "polarity"),
        column("All themes right", "exact"),
    ],
    csv: &[],
};
const THEMES: View = View {
    table: &[
        column("Theme", "theme"),
        column("Texts", "texts"),
        column("Precision", "precision"),
        column("Recall", "recall"),
        column("F1", "f1"),
    ],
    csv: &[],
};
const CONFUSION: View = View {
    table: &[
        column("Reader \\ coder", "reader"),
        column("strength", "strength"),
        column("weakness", "weakness"),
        column("mixed", "mixed"),
        column("neutral", "neutral"),
    ],
    csv: &[],
};

impl Command {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let beside = || self.gold.first()?.parent().map(|p| p.join("letters"));
        let letters = self.letters.clone().or_else(beside).filter(|letters| letters.is_dir());
        let mut gold = Gold::default();
        for dir in &self.gold {
            gold.merge(evaluate::load(dir, letters.as_deref(), &context.reference()?)?);
        }
        if let Some(file) = &self.texts_to {
            std::fs::write(file, evaluate::training_lines(&gold)?)
                .map_err(|e| Failure::new(format!("cannot write {}: {e}", file.display())))?;
            return Ok(Exit::Fine);
        }
        if let Some(file) = &self.error_rates_to {
            let rates = evaluate::error_rates(&gold, &context.coder()?);
            std::fs::write(file, serde_json::to_string_pretty(&rates)? + "\n")
                .map_err(|e| Failure::new(format!("cannot write {}: {e}", file.display())))?;
            context.say(format!("counted {} letters; build again to use {}", rates.letters, file.display()));
            return Ok(Exit::Fine);
        }
        if let Some(file) = &self.fit_to {
            let codebook = context.codebook()?;
            let labelled: Vec<_> = gold.texts.iter().map(|t| &t.labelled).collect();
            let fitted = fit_heads(&codebook, &labelled)?;
            std::fs::write(file, fitted.json + "\n")
                .map_err(|e| Failure::new(format!("cannot write {}: {e}", file.display())))?;
            context.say(format!(
                "fitted to {} texts ({} had no held-out score); build again to use {}",
                fitted.used,
                fitted.without_score,
                file.display()
            ));
            return Ok(Exit::Fine);
        }
        let patterns_only = !context.settings.model;
        let mut evaluation = evaluate::evaluate(&gold, &context.coder()?, patterns_only);
        evaluation.mistakes.truncate(self.mistakes);
        match self.format {
            Form::Json => {
                let stdout = std::io::stdout();
                serde_json::to_writer_pretty(stdout.lock(), &evaluation)?;
                println!();
            }
            Form::Table => tables(&evaluation)?,
        }
        if !patterns_only {
            for line in Floors::bundled()?.broken(&evaluation) {
                context.say(format!("floor: {line}"));
            }
        }
        Ok(Exit::Fine)
    }
}

fn percent(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |v| format!("{v:.3}"))
}

/// Names what is coded and hardly labelled: the scores say nothing about it.
fn few_labels(evaluation: &Evaluation) {
    let few: Vec<String> = evaluation
        .coverage
        .iter()
        .filter(|pair| pair.few)
        .map(|pair| format!("{} {} ({})", pair.letter_kind, pair.section, pair.labels))
        .collect();
    if !few.is_empty() {
        println!("Fewer than {FEW_LABELS} labels: {}.", few.join(", "));
    }
    if evaluation.missing_labels > 0 {
        println!(
            "{} labelled sentences stand in none of the letters; give their folder with --letters.",
            evaluation.missing_labels
        );
    }
}

fn tables(evaluation: &Evaluation) -> Result<(), Failure> {
    let overview = evaluation.sets.iter().map(|s| Overview {
        set: s.set.replace('_', " "),
        texts: s.texts,
        micro: percent(s.micro_f1),
        macro_: percent(s.macro_f1),
        polarity: percent(s.polarity_accuracy),
        exact: percent(s.exact),
    });
    output::print_rows(output::Format::Table, &OVERVIEW, overview)?;
    println!(
        "{} texts scored by a model that had not seen their documents, {} never seen before, {} left out because the model \
         was fitted to them. Subthemes right: {} of {}.",
        evaluation.held_out, evaluation.unseen, evaluation.skipped, evaluation.subthemes.0, evaluation.subthemes.1
    );
    few_labels(evaluation);
    if let Some(all) = evaluation.set("all") {
        let rows = all.themes.iter().map(|t| Row {
            theme: t.theme.clone(),
            texts: t.texts,
            precision: percent(t.precision),
            recall: percent(t.recall),
            f1: percent(t.f1),
        });
        println!();
        output::print_rows(output::Format::Table, &THEMES, rows)?;
        let cell = |row: &std::collections::BTreeMap<String, u32>, key: &str| row.get(key).copied().unwrap_or(0);
        let rows = all.confusion.iter().map(|(reader, row)| Confusion {
            reader: reader.clone(),
            strength: cell(row, "strength"),
            weakness: cell(row, "weakness"),
            mixed: cell(row, "mixed"),
            neutral: cell(row, "neutral"),
        });
        println!();
        output::print_rows(output::Format::Table, &CONFUSION, rows)?;
    }
    for (what, reliability) in
        [("Themes", &evaluation.theme_reliability), ("Polarities", &evaluation.polarity_reliability)]
    {
        if let Some(error) = reliability.calibration_error {
            println!("\n{what} by their probability (expected calibration error {error:.3}):");
            for bin in &reliability.bins {
                println!(
                    "  from {}%: {} codes, {} right, expected {:.0}",
                    bin.from_percent,
                    bin.codes,
                    bin.right,
                    bin.mean * f64::from(bin.codes)
                );
            }
        }
    }
    if !evaluation.parser.is_empty() {
        let agree = evaluation.parser.iter().filter(|d| d.agrees).count();
        println!("\nParser: the counts of {agree} of {} documents agree.", evaluation.parser.len());
        for document in evaluation.parser.iter().filter(|d| !d.agrees) {
            println!("  {}: expected {:?}, found {:?}", document.file, document.expected, document.found);
        }
        for item in &evaluation.missing_items {
            println!("  formal item not found: {item}");
        }
    }
    if !evaluation.mistakes.is_empty() {
        println!("\nWorst mistakes:");
    }
    for Mistake { id, text, previous, wrong, missed, polarity, .. } in &evaluation.mistakes {
        println!("  {id}: {text}");
        if let Some(previous) = previous {
            println!("    after: {previous}");
        }
        if !wrong.is_empty() {
            println!("    wrongly given: {}", wrong.join(", "));
        }
        if !missed.is_empty() {
            println!("    missed: {}", missed.join(", "));
        }
        if let Some((expected, given)) = polarity {
            println!("    polarity: {given} instead of {expected}");
        }
    }
    Ok(())
}
