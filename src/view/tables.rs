//! The tables that both the pages and the report let readers take away.

use jiff::civil::Date;

use super::pieces::{OutcomesByYear, standing_look};
use super::table::{Cell, Column, Table};
use super::words;
use crate::domain::Term;
use crate::query::{AreaRow, Scope, ThemeShare};

const AREAS: [Column; 11] = [
    Column::new("la_code", "Area code"),
    Column::new("ons_code", "ONS code"),
    Column::new("area", "Area"),
    Column::new("region", "Region"),
    Column::new("la_type", "Type of area"),
    Column::new("standing", "Latest outcome"),
    Column::new("standing_since", "Inspected"),
    Column::new("letters", "Reports held"),
    Column::new("monitoring_due", "Monitoring inspection expected"),
    Column::new("next_full_inspection_due", "Full inspection expected"),
    Column::new("expected_date_passed", "Expected date has passed, no later report held"),
];

const THEME_SHARES: [Column; 17] = [
    Column::new("theme", "Theme code"),
    Column::new("label", "Theme"),
    Column::new("by", "Grouped by"),
    Column::new("value", "Group"),
    Column::new("letters", "Letters"),
    Column::new("of_letters", "Of letters"),
    Column::new("share", "Share"),
    Column::new("low", "Share, lower end of 95% interval"),
    Column::new("high", "Share, upper end of 95% interval"),
    Column::new("adjusted_share", "Corrected share"),
    Column::new("adjusted_low", "Corrected share, lower end of 95% interval"),
    Column::new("adjusted_high", "Corrected share, upper end of 95% interval"),
    Column::new("standardised_share", "Share in the same mix"),
    Column::new("standardised_low", "Share in the same mix, lower end of 95% interval"),
    Column::new("standardised_high", "Share in the same mix, upper end of 95% interval"),
    Column::new("small", "Small sample"),
    Column::new("stands_out", "Compared with the others"),
];

/// Areas and their latest outcome, as of a day.
#[must_use]
pub fn areas(rows: &[AreaRow], today: Date) -> Table {
    let cells = |row: &AreaRow| -> Vec<Cell> {
        vec![
            row.la_code.as_str().into(),
            row.ons_code.as_str().into(),
            row.area.as_str().into(),
            row.region.as_str().into(),
            words::la_type(row.la_type).into(),
            standing_look(row.standing).2.into(),
            row.standing_since.into(),
            row.letters.into(),
            row.monitoring_due.into(),
            row.next_full_inspection_due.into(),
            Cell::Flag(row.overdue),
        ]
    };
    Table {
        name: "areas".to_owned(),
        columns: AREAS.to_vec(),
        rows: rows.iter().map(cells).collect(),
        more: Vec::new(),
        about: format!("Areas and their latest outcome, as of {}.", words::date(today)),
    }
}

/// How many inspections had each outcome in each year.
#[must_use]
pub fn outcomes(counted: &OutcomesByYear) -> Table {
    let of_year = |(place, year): (usize, &String)| {
        let row = |s: &super::chart::Series| {
            vec![year.as_str().into(), s.label.as_str().into(), (s.counts[place] as usize).into()]
        };
        counted.series.iter().map(row).collect::<Vec<Vec<Cell>>>()
    };
    Table {
        name: "outcomes".to_owned(),
        columns: vec![
            Column::new("year", "Year"),
            Column::new("outcome", "Outcome"),
            Column::new("inspections", "Inspections"),
        ],
        rows: counted.years.iter().enumerate().flat_map(of_year).collect(),
        more: Vec::new(),
        about: counted.summary(),
    }
}

/// Shares of letters, of all themes or of groups of letters.
#[must_use]
pub fn theme_shares(name: &str, rows: &[ThemeShare], scope: &Scope) -> Table {
    let cells = |row: &ThemeShare| -> Vec<Cell> {
        let mix = row.standardised.as_ref();
        vec![
            row.theme.as_str().into(),
            row.label.as_str().into(),
            serde_json::to_value(row.by).unwrap_or_default().as_str().into(),
            row.value.as_deref().into(),
            row.letters.into(),
            row.of_letters.into(),
            Cell::share(row.share.share),
            Cell::share(row.share.low),
            Cell::share(row.share.high),
            Cell::share(row.adjusted.adjusted_share),
            Cell::share(row.adjusted.adjusted_low),
            Cell::share(row.adjusted.adjusted_high),
            Cell::share(mix.and_then(|mix| mix.standardised_share)),
            Cell::share(mix.and_then(|mix| mix.standardised_low)),
            Cell::share(mix.and_then(|mix| mix.standardised_high)),
            Cell::Flag(row.small),
            row.stands_out.into(),
        ]
    };
    Table {
        name: name.to_owned(),
        columns: THEME_SHARES.to_vec(),
        rows: rows.iter().map(cells).collect(),
        more: Vec::new(),
        about: scope.sentence(),
    }
}
