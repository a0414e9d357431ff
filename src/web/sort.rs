//! Tables that readers sort by their columns.
//!
//! The order stands in the address, so it works without script and can be kept: `sort=share`, and `sort=-share` for the
//! greatest first. Where a page has several tables, the names of their columns differ. Each row carries the values that
//! it is sorted by, so that the script of published files does the same where no program answers.

use std::cmp::Ordering;

use jiff::civil::Date;
use maud::{Markup, html};

use super::error::Failure;
use super::params::Params;

/// What a row has in a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Key {
    /// Nothing: it comes last either way.
    None,
    /// Text; the case of letters does not count.
    Text(String),
    /// A number.
    Number(f64),
}

impl Key {
    fn json(&self) -> serde_json::Value {
        match self {
            Self::None => serde_json::Value::Null,
            Self::Text(text) => text.as_str().into(),
            Self::Number(number) => (*number).into(),
        }
    }

    /// The order of two rows. `down` reverses it, but rows without a value stay last.
    fn order(&self, other: &Self, down: bool) -> Ordering {
        let order = match (self, other) {
            (Self::None, Self::None) => return Ordering::Equal,
            (Self::None, _) => return Ordering::Greater,
            (_, Self::None) => return Ordering::Less,
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
        };
        if down { order.reverse() } else { order }
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self::Text(text.to_lowercase())
    }
}

impl From<usize> for Key {
    fn from(count: usize) -> Self {
        Self::Number(count as f64)
    }
}

impl From<Option<f64>> for Key {
    fn from(number: Option<f64>) -> Self {
        number.map_or(Self::None, Self::Number)
    }
}

impl From<Option<Date>> for Key {
    fn from(day: Option<Date>) -> Self {
        day.map_or(Self::None, |day| Self::Text(day.to_string()))
    }
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column<'a> {
    /// Its name in addresses; empty for one that nothing can be sorted by.
    pub name: &'a str,
    /// Its heading.
    pub label: &'a str,
    /// The class of its heading; numbers have `n`, and begin with the greatest.
    pub class: &'a str,
}

impl<'a> Column<'a> {
    /// A column of text.
    #[must_use]
    pub const fn text(name: &'a str, label: &'a str) -> Self {
        Self { name, label, class: "" }
    }

    /// A column of numbers.
    #[must_use]
    pub const fn number(name: &'a str, label: &'a str) -> Self {
        Self { name, label, class: "n" }
    }

    /// A column of numbers whose long heading may take several lines.
    #[must_use]
    pub const fn wrapping_number(name: &'a str, label: &'a str) -> Self {
        Self { name, label, class: "n wrapping" }
    }

    /// The column of bars beside figures.
    #[must_use]
    pub const fn bar() -> Self {
        Self { name: "", label: "Bar", class: "" }
    }
}

/// The order that an address asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    column: String,
    down: bool,
}

impl Order {
    /// Reads it; nothing where the address asks for none.
    ///
    /// # Errors
    /// No table of the page has such a column; the message names those that there are.
    pub fn read(params: &Params, tables: &[&[Column<'_>]]) -> Result<Option<Self>, Failure> {
        let Some(given) = params.get("sort") else { return Ok(None) };
        let (column, down) = given.strip_prefix('-').map_or((given, false), |column| (column, true));
        let names: Vec<&str> =
            tables.iter().flat_map(|columns| columns.iter()).map(|c| c.name).filter(|n| !n.is_empty()).collect();
        if !names.contains(&column) {
            return Err(Failure::BadRequest(format!(
                "\"sort\" must be one of {}; with a minus before it, the other way round.",
                names.join(", ")
            )));
        }
        Ok(Some(Self { column: column.to_owned(), down }))
    }

    fn named(&self) -> String {
        format!("{}{}", if self.down { "-" } else { "" }, self.column)
    }
}

/// A table of a page: its columns, what a row has in each, and the order asked for.
pub struct Sorted<'a, T> {
    /// The id of the table, which differs from those of others on the page.
    pub id: &'a str,
    /// Its columns.
    pub columns: &'a [Column<'a>],
    /// What a row has in the column of this name.
    pub key: &'a (dyn Fn(&T, &str) -> Key + Sync),
    /// The order asked for, of this table or of another.
    pub order: Option<&'a Order>,
}

impl<T> Sorted<'_, T> {
    /// The order, if it is one of this table.
    fn own(&self) -> Option<&Order> {
        self.order.filter(|order| self.columns.iter().any(|column| column.name == order.column))
    }

    /// Whether the address asks for an order of this table.
    #[must_use]
    pub fn is_asked_for(&self) -> bool {
        self.own().is_some()
    }

    /// Sorts the rows. What is equal stays as it was.
    pub fn sort(&self, rows: &mut [T]) {
        if let Some(order) = self.own() {
            rows.sort_by(|a, b| (self.key)(a, &order.column).order(&(self.key)(b, &order.column), order.down));
        }
    }

    /// The row of headings; each leads to the page sorted by it.
    #[must_use]
    pub fn head(&self, params: &Params, path: &str) -> Markup {
        let own = self.own();
        html! {
            tr {
                @for column in self.columns {
                    @if column.name.is_empty() { th scope="col" { span.visually-hidden { (column.label) } } }
                    @else {
                        @let sorted = own.filter(|order| order.column == column.name);
                        @let down = sorted.map_or(column.class.starts_with('n'), |order| !order.down);
                        @let next = Order { column: column.name.to_owned(), down }.named();
                        th class=[Some(column.class).filter(|class| !class.is_empty())] scope="col"
                            aria-sort=[sorted.map(|order| if order.down { "descending" } else { "ascending" })] {
                            a.sort href={ (params.with(path, "sort", Some(&next))) "#" (self.id) } { (column.label) }
                        }
                    }
                }
            }
        }
    }

    /// The values that a row is sorted by, for the script.
    #[must_use]
    pub fn keys(&self, row: &T) -> String {
        let keys = self.columns.iter().map(|column| match column.name {
            "" => serde_json::Value::Null,
            name => (self.key)(row, name).json(),
        });
        serde_json::Value::from_iter(keys).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column<'_>; 3] = [Column::text("name", "Name"), Column::bar(), Column::number("share", "Share")];

    fn key(row: &(&str, Option<f64>), column: &str) -> Key {
        match column {
            "share" => row.1.into(),
            _ => row.0.into(),
        }
    }

    fn sorted(query: &str) -> (Vec<&'static str>, String) {
        let params = Params::parse(Some(query)).unwrap();
        let order = Order::read(&params, &[&COLUMNS]).unwrap();
        let table = Sorted { id: "t", columns: &COLUMNS, key: &key, order: order.as_ref() };
        let mut rows = [("b", Some(0.5)), ("A", None), ("c", Some(0.25))];
        table.sort(&mut rows);
        (rows.map(|row| row.0).to_vec(), table.head(&params, "/p").into_string())
    }

    #[test]
    fn rows_are_sorted_either_way_and_what_has_nothing_stays_last() {
        assert_eq!(sorted("").0, ["b", "A", "c"]);
        assert_eq!(sorted("sort=name").0, ["A", "b", "c"]);
        assert_eq!(sorted("sort=share").0, ["c", "b", "A"]);
        assert_eq!(sorted("sort=-share").0, ["b", "c", "A"]);
    }

    #[test]
    fn headings_say_the_order_and_lead_to_the_next() {
        let head = sorted("q=1&sort=-share").1;
        assert!(head.contains("class=\"n\" scope=\"col\" aria-sort=\"descending\""), "{head}");
        assert!(head.contains("href=\"/p?q=1&amp;sort=share#t\"") && head.contains("href=\"/p?q=1&amp;sort=name#t\""));
        assert!(sorted("").1.contains("sort=-share#t"), "numbers begin with the greatest");
    }

    #[test]
    fn an_unknown_column_is_told_with_those_that_there_are() {
        let params = Params::parse(Some("sort=size")).unwrap();
        let error = Order::read(&params, &[&COLUMNS]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "\"sort\" must be one of name, share; with a minus before it, the other way round."
        );
    }

    #[test]
    fn a_row_carries_its_values_for_the_script() {
        let table = Sorted { id: "t", columns: &COLUMNS, key: &key, order: None };
        assert_eq!(table.keys(&("B", Some(0.5))), "[\"b\",null,0.5]");
    }
}
