//! The filters that all questions share, as arguments.

use clap::Args;
use jiff::civil::Date;

use super::Failure;
use super::output::Format;
use super::terms::{date, term};
use crate::domain::{Framework, LaType, LetterKind, Outcome, Polarity, Region, Role, Term};
use crate::query::{Filter, Kinds};
use crate::reference::Reference;

/// Filters. Several values of one filter mean any of them; different filters must all hold.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Filters")]
pub struct FilterArgs {
    /// Area: a name in any usual spelling, a three-digit code, an ONS code or a URN.
    #[arg(long, value_name = "AREA")]
    area: Vec<String>,
    /// Region of England.
    #[arg(long, value_parser = term::<Region>())]
    region: Vec<Region>,
    /// Type of local authority.
    #[arg(long, value_parser = term::<LaType>())]
    la_type: Vec<LaType>,
    /// Only the statistical neighbours of an area.
    #[arg(long, value_name = "AREA")]
    neighbours_of: Option<String>,
    /// Kind of letter; `other` is what was set aside, `all` both.
    #[arg(long, value_parser = kind_words())]
    kind: Vec<String>,
    /// Inspection framework, by the year in which it began.
    #[arg(long, value_parser = term::<Framework>())]
    framework: Vec<Framework>,
    /// Outcome of the inspection or revisit.
    #[arg(long, value_parser = term::<Outcome>())]
    outcome: Vec<Outcome>,
    /// Inspections that began on this day or later (YYYY-MM-DD).
    #[arg(long, value_name = "DATE", value_parser = date)]
    since: Option<Date>,
    /// Inspections that began on this day or earlier (YYYY-MM-DD).
    #[arg(long, value_name = "DATE", value_parser = date)]
    until: Option<Date>,
    /// Role of a finding in its letter.
    #[arg(long, value_parser = term::<Role>())]
    role: Vec<Role>,
    /// Whether a finding praises, criticises, does both or neither.
    #[arg(long, value_parser = term::<Polarity>())]
    polarity: Vec<Polarity>,
    /// Theme of the codebook, by its id.
    #[arg(long, value_name = "THEME")]
    theme: Vec<String>,
    /// Only codes with a probability of 60% or more; no praise or criticism from the section that describes the area.
    #[arg(long)]
    confident: bool,
    /// Show at most this many rows [default: 100 for tables, all for JSON and CSV].
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

/// What every question takes: what it is about, and how the answer is printed.
#[derive(Debug, Args)]
pub struct QuestionArgs {
    #[command(flatten)]
    pub(super) filters: FilterArgs,
    /// Form of the answer.
    #[arg(long, value_enum, default_value_t = Format::Table, help_heading = None::<&str>)]
    pub(super) format: Format,
}

/// The area that a question is about.
#[derive(Debug, Args)]
pub struct AreaArg {
    /// The area: a name in any usual spelling, a three-digit code, an ONS code or a URN.
    #[arg(id = "of", value_name = "AREA")]
    of: String,
}

impl AreaArg {
    /// Its three-digit code.
    ///
    /// # Errors
    /// When it is not known; the message has the nearest names.
    pub(super) fn resolve(&self, reference: &Reference) -> Result<String, Failure> {
        Ok(reference.resolve(&self.of)?.la_code.clone())
    }
}

/// The day that decides what is overdue.
#[derive(Debug, Args)]
pub struct TodayArg {
    /// Day to compare due dates with [default: today].
    #[arg(long, value_name = "DATE", value_parser = date, help_heading = None::<&str>)]
    today: Option<Date>,
}

impl TodayArg {
    pub(super) fn day(&self) -> Date {
        self.today.unwrap_or_else(super::today)
    }
}

fn kind_words() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(LetterKind::ALL.iter().map(|k| k.as_str()).chain(["all"]))
}

impl FilterArgs {
    /// The filter that these arguments stand for.
    ///
    /// # Errors
    /// When an area is not known; the message has the nearest names.
    pub(super) fn resolve(&self, reference: &Reference) -> Result<Filter, Failure> {
        if let Some((since, until)) = self.since.zip(self.until).filter(|(since, until)| since > until) {
            return Err(Failure::new(format!(
                "--since {since} is later than --until {until}, so no inspection lies between them; swap the two days"
            )));
        }
        let code = |name: &String| reference.resolve(name).map(|area| area.la_code.clone());
        Ok(Filter {
            areas: self.area.iter().map(code).collect::<Result<_, _>>()?,
            regions: self.region.clone(),
            la_types: self.la_type.clone(),
            neighbours_of: self.neighbours_of.as_ref().map(code).transpose()?,
            kinds: self.kinds(),
            frameworks: self.framework.clone(),
            outcomes: self.outcome.clone(),
            since: self.since,
            until: self.until,
            roles: self.role.clone(),
            polarities: self.polarity.clone(),
            themes: self.theme.clone(),
            confident: self.confident,
            limit: self.limit,
            offset: 0,
        })
    }

    /// Whether only documents that were set aside are asked for.
    pub(super) fn asks_for_set_aside(&self) -> bool {
        !self.kind.is_empty() && self.kind.iter().all(|kind| kind == LetterKind::Other.as_str())
    }

    fn kinds(&self) -> Kinds {
        if self.kind.is_empty() {
            Kinds::Send
        } else if self.kind.iter().any(|kind| kind == "all") {
            Kinds::All
        } else {
            Kinds::Only(self.kind.iter().filter_map(|kind| kind.parse().ok()).collect())
        }
    }
}
