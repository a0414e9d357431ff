//! The filters that all questions share, and the SQL that they stand for.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rusqlite::types::Value;

use super::error::QueryError;
use crate::domain::{Framework, LaType, LetterKind, Outcome, Polarity, Probability, Region, Role, Section, Term};
use crate::store::Dataset;

/// Which kinds of document a question is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Kinds {
    /// SEND letters and reports: everything that is counted.
    #[default]
    Send,
    /// Only these. [`LetterKind::Other`] stands for what was set aside.
    Only(Vec<LetterKind>),
    /// SEND letters and what was set aside.
    All,
}

/// What a question is about. An empty list does not restrict; several values of one filter mean any of them;
/// different filters all hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Three-digit codes of areas.
    pub areas: Vec<String>,
    /// Regions of the areas.
    pub regions: Vec<Region>,
    /// Types of the areas.
    pub la_types: Vec<LaType>,
    /// Only the statistical neighbours of this area (three-digit code).
    pub neighbours_of: Option<String>,
    /// Kinds of letters.
    pub kinds: Kinds,
    /// Frameworks.
    pub frameworks: Vec<Framework>,
    /// Outcomes.
    pub outcomes: Vec<Outcome>,
    /// Inspections that began on this day or later.
    pub since: Option<Date>,
    /// Inspections that began on this day or earlier.
    pub until: Option<Date>,
    /// Roles of findings.
    pub roles: Vec<Role>,
    /// Polarities of findings.
    pub polarities: Vec<Polarity>,
    /// Themes of findings, by id.
    pub themes: Vec<String>,
    /// Only codes that are likely right: doubtful themes count as not given, and doubtful praise or criticism, or any in
    /// the section that describes the area and the inspection, as none.
    pub confident: bool,
    /// At most so many rows.
    pub limit: Option<usize>,
    /// So many rows are passed over first.
    pub offset: usize,
}

impl Filter {
    /// Whether the filter restricts findings, so that only letters with such findings are meant.
    #[must_use]
    pub fn restricts_findings(&self) -> bool {
        !(self.roles.is_empty() && self.polarities.is_empty() && self.themes.is_empty())
    }

    /// Whether the filter restricts letters by something else than their area.
    #[must_use]
    pub fn restricts_letters(&self) -> bool {
        self.kinds != Kinds::Send
            || !(self.frameworks.is_empty() && self.outcomes.is_empty())
            || self.since.is_some()
            || self.until.is_some()
            || self.restricts_findings()
    }

    /// Whether all letters are meant, and of all areas; then the name of what findings it demands.
    pub(super) fn nationwide(&self) -> Option<String> {
        let all =
            Self { roles: Vec::new(), polarities: Vec::new(), themes: Vec::new(), confident: false, ..self.unpaged() };
        let demanded = || format!("{:?}", (&self.roles, &self.polarities, &self.themes, self.confident));
        (all == Self::default()).then(demanded)
    }

    /// Whether letters are counted by confident codes alone: wherever they are counted by praise or criticism, one sentence
    /// at least must judge with confidence.
    pub(super) fn counts_confident(&self) -> bool {
        self.confident || !self.polarities.is_empty()
    }

    /// The same filter, whatever the themes.
    pub(super) fn of_all_themes(&self) -> Self {
        Self { themes: Vec::new(), ..self.clone() }
    }

    /// The same filter without what restricts areas.
    #[must_use]
    pub fn of_all_areas(&self) -> Self {
        Self { areas: Vec::new(), regions: Vec::new(), la_types: Vec::new(), neighbours_of: None, ..self.clone() }
    }

    /// The rows of a whole answer that limit and offset leave.
    pub(super) fn page<T>(&self, rows: Vec<T>) -> Vec<T> {
        rows.into_iter().skip(self.offset).take(self.limit.unwrap_or(usize::MAX)).collect()
    }

    /// The same filter without limit and offset.
    #[must_use]
    pub fn unpaged(&self) -> Self {
        Self { limit: None, offset: 0, ..self.clone() }
    }

    /// Whether letters of this kind are meant.
    #[must_use]
    pub fn includes(&self, kind: LetterKind) -> bool {
        match &self.kinds {
            Kinds::Send => kind != LetterKind::Other,
            Kinds::Only(kinds) => kinds.contains(&kind),
            Kinds::All => true,
        }
    }

    /// Makes sure that the themes exist.
    ///
    /// # Errors
    /// [`QueryError::UnknownTheme`] with the nearest ids.
    pub fn check(&self, dataset: &Dataset) -> Result<(), QueryError> {
        if self.themes.is_empty() {
            return Ok(());
        }
        let known: BTreeSet<String> = dataset
            .connection()
            .prepare_cached("SELECT id FROM themes")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        if let Some(given) = self.themes.iter().find(|t| !known.contains(*t)) {
            let mut near: Vec<(f64, &String)> =
                known.iter().map(|id| (strsim::jaro_winkler(id, given), id)).filter(|(s, _)| *s > 0.75).collect();
            near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
            let suggestions = near.into_iter().take(3).map(|(_, id)| id.clone()).collect();
            return Err(QueryError::UnknownTheme { given: given.clone(), suggestions });
        }
        Ok(())
    }

    /// Conditions on `f` (all_findings).
    pub(super) fn finding_conditions(&self) -> Conditions {
        let mut conditions = Conditions::default();
        conditions.any_of("f.role", self.roles.iter().map(|r| r.to_string()));
        conditions.any_of("f.polarity", self.polarities.iter().map(|p| p.to_string()));
        let least = i64::from(Probability::DOUBTFUL_BELOW.percent());
        if self.confident && !self.polarities.is_empty() {
            let (context, neutral) = (Section::Context.as_str(), Polarity::Neutral.as_str());
            conditions.push(
                "coalesce(f.polarity_probability, 100) >= ? AND (f.section <> ? OR f.polarity = ?)",
                [least.into(), context.to_owned().into(), neutral.to_owned().into()],
            );
        }
        if !self.themes.is_empty() {
            let mut inner = Conditions::default();
            inner.any_of("t.theme", self.themes.iter().cloned());
            if self.confident {
                inner.push("coalesce(t.probability, 100) >= ?", [least.into()]);
            }
            let sql = format!(
                "EXISTS (SELECT 1 FROM all_finding_themes AS t WHERE t.finding_no = f.finding_no AND {})",
                inner.sql()
            );
            conditions.push(&sql, inner.values);
        }
        conditions
    }
}

/// Conditions that all hold, with the values of their parameters in order.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    parts: Vec<String>,
    pub(super) values: Vec<Value>,
}

impl Conditions {
    pub(super) fn push(&mut self, sql: &str, values: impl IntoIterator<Item = Value>) {
        self.parts.push(sql.to_owned());
        self.values.extend(values);
    }

    pub(super) fn any_of<V: Into<Value>>(&mut self, column: &str, values: impl Iterator<Item = V>) {
        let values: Vec<Value> = values.map(Into::into).collect();
        if !values.is_empty() {
            let marks = vec!["?"; values.len()].join(", ");
            self.push(&format!("{column} IN ({marks})"), values);
        }
    }

    /// The conditions joined; true where there are none.
    pub(super) fn sql(&self) -> String {
        if self.parts.is_empty() { "1".to_owned() } else { self.parts.join(" AND ") }
    }
}

/// The roles meant where none is named: those of formal items, which an area is flagged for.
pub(super) fn flag_roles() -> Vec<Role> {
    Role::ALL.iter().copied().filter(|role| role.flags()).collect()
}
