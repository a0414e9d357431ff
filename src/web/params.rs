//! The query string of a request: read once, checked, never trusted.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::str::FromStr;

use jiff::civil::Date;

use super::error::Failure;
use crate::view::words;

/// The longest value of one parameter, in characters.
const MAX_VALUE_CHARS: usize = 400;
/// The most parameters in one address.
const MAX_PARAMETERS: usize = 100;

/// How often a program may give one parameter.
pub const MAX_VALUES: usize = 20;

/// The parameters of an address, in their order. Empty values count as not given, so that plain forms work.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Reads a query string.
    ///
    /// # Errors
    /// There are too many parameters, or one is too long.
    pub fn parse(query: Option<&str>) -> Result<Self, Failure> {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
            .map(|(name, value)| (name.into_owned(), value.trim().to_owned()))
            .filter(|(_, value)| !value.is_empty())
            .take(MAX_PARAMETERS + 1)
            .collect();
        if pairs.len() > MAX_PARAMETERS {
            return Err(Failure::BadRequest(format!(
                "There are more than {MAX_PARAMETERS} parameters; use fewer filters."
            )));
        }
        if let Some((name, _)) = pairs.iter().find(|(_, value)| value.chars().count() > MAX_VALUE_CHARS) {
            let name: String = name.chars().take(40).collect();
            return Err(Failure::BadRequest(format!(
                "\"{name}\" is longer than {MAX_VALUE_CHARS} characters; shorten it."
            )));
        }
        Ok(Self(pairs))
    }

    /// Refuses a parameter without a value, for addresses that no form makes.
    ///
    /// # Errors
    /// There is one.
    pub fn none_empty(query: Option<&str>) -> Result<(), Failure> {
        let mut pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        match pairs.find(|(_, value)| value.trim().is_empty()) {
            None => Ok(()),
            Some((name, _)) => {
                let name: String = name.chars().take(40).collect();
                Err(Failure::BadRequest(format!("\"{name}\" has no value; give one or leave it out.")))
            }
        }
    }

    /// The last value of a parameter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// All values of a parameter, split at commas.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(given, _)| given == name)
            .flat_map(|(_, value)| value.split(','))
            .map(str::trim)
            .filter(|value| !value.is_empty())
    }

    /// A value of a type that says itself what is wrong with it.
    ///
    /// # Errors
    /// The value cannot be read.
    pub fn read<T: FromStr<Err: Display>>(&self, name: &str) -> Result<Option<T>, Failure> {
        self.get(name).map(|value| read(name, value)).transpose()
    }

    /// All values of such a type.
    ///
    /// # Errors
    /// A value cannot be read.
    pub fn read_all<T: FromStr<Err: Display>>(&self, name: &str) -> Result<Vec<T>, Failure> {
        self.all(name).map(|value| read(name, value)).collect()
    }

    /// A day.
    ///
    /// # Errors
    /// There is no such day; the message says what to write instead.
    pub fn day(&self, name: &str) -> Result<Option<Date>, Failure> {
        let Some(given) = self.get(name) else { return Ok(None) };
        given.parse().map(Some).map_err(|_| Failure::BadRequest(format!("\"{name}\": {}", no_such_day(given))))
    }

    /// The names that an address has and a page makes no use of, each once.
    #[must_use]
    pub fn unused(&self, known: &[&str]) -> Vec<String> {
        let names: BTreeSet<&str> = self.0.iter().map(|(name, _)| name.as_str()).collect();
        names.into_iter().filter(|name| !known.contains(name)).map(|name| name.chars().take(40).collect()).collect()
    }

    /// A whole number between `least` and `most`.
    ///
    /// # Errors
    /// It is no number, or outside.
    pub fn number(&self, name: &str, default: usize, least: usize, most: usize) -> Result<usize, Failure> {
        let Some(given) = self.get(name) else { return Ok(default) };
        given
            .parse()
            .ok()
            .filter(|n| (least..=most).contains(n))
            .ok_or_else(|| Failure::BadRequest(format!("\"{name}\" must be a whole number from {least} to {most}.")))
    }

    /// Refuses parameters that the address does not know: a misspelt filter must not widen the answer in silence.
    ///
    /// # Errors
    /// There is a parameter that is not in `known`.
    pub fn only(&self, known: &[&str]) -> Result<(), Failure> {
        match self.0.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some((name, _)) => {
                let name: String = name.chars().take(40).collect();
                let known: BTreeSet<&&str> = known.iter().collect();
                let known: Vec<&str> = known.into_iter().copied().collect();
                Err(Failure::BadRequest(format!("Unknown parameter \"{name}\"; known are: {}.", known.join(", "))))
            }
        }
    }

    /// Refuses a parameter that is given more often than [`MAX_VALUES`], or twice with the same value.
    ///
    /// # Errors
    /// There is one.
    pub fn in_bounds(&self) -> Result<(), Failure> {
        let mut given: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (name, value) in &self.0 {
            let values = given.entry(name).or_default();
            if !values.insert(value) {
                let value: String = value.chars().take(40).collect();
                return Err(Failure::BadRequest(format!("\"{name}\" is given twice as \"{value}\"; once is enough.")));
            }
            if values.len() > MAX_VALUES {
                return Err(Failure::BadRequest(format!(
                    "\"{name}\" is given more than {MAX_VALUES} times; use fewer values."
                )));
            }
        }
        Ok(())
    }

    /// The same address with one parameter set, or left out for `None`; paging starts again.
    #[must_use]
    pub fn with(&self, path: &str, name: &str, value: Option<&str>) -> String {
        self.with_all(path, &[(name, value)])
    }

    /// The same with several parameters.
    #[must_use]
    pub fn with_all(&self, path: &str, changes: &[(&str, Option<&str>)]) -> String {
        let kept = self.0.iter().filter(|(given, _)| {
            !changes.iter().any(|(name, _)| name == given)
                && (given != "page" || changes.iter().any(|(n, _)| *n == "page"))
        });
        let mut out = form_urlencoded::Serializer::new(String::new());
        out.extend_pairs(kept);
        out.extend_pairs(changes.iter().filter_map(|(name, value)| value.map(|value| (name, value))));
        let query = out.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }

    /// Name and value of every parameter, for hidden fields and links.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Why a text is not a day, and what to write instead.
fn no_such_day(given: &str) -> String {
    const FORM: &str = "write year, month and day, such as 2024-12-01";
    let parts: Vec<Option<i16>> = given.split('-').map(|part| part.parse().ok()).collect();
    let [Some(year), Some(month), Some(day)] = parts[..] else {
        let shown: String = given.chars().take(20).collect();
        return format!("\u{201c}{shown}\u{201d} is not a date; {FORM}.");
    };
    if !(1..=12).contains(&month) {
        return format!("There is no month {month}; write {year:04}-12-01.");
    }
    let first = i8::try_from(month).ok().and_then(|month| Date::new(year, month, 1).ok());
    match first.map(Date::last_of_month) {
        Some(last) if !(1..=i16::from(last.day())).contains(&day) => {
            format!("{} has no day {day}; write {last}.", words::month_year(last))
        }
        _ => format!("That is not a date; {FORM}."),
    }
}

fn read<T: FromStr<Err: Display>>(name: &str, value: &str) -> Result<T, Failure> {
    value.parse().map_err(|error| Failure::BadRequest(format!("\"{name}\": {error}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(query: &str) -> Params {
        Params::parse(Some(query)).unwrap()
    }

    #[test]
    fn empty_values_count_as_not_given() {
        let p = params("q=&theme=a,b&theme=c&page=2");
        assert_eq!((p.get("q"), p.all("theme").collect::<Vec<_>>()), (None, vec!["a", "b", "c"]));
    }

    #[test]
    fn links_keep_the_state_and_start_paging_again() {
        let p = params("q=a+b&region=London&page=3");
        assert_eq!(p.with("/findings", "region", None), "/findings?q=a+b");
        assert_eq!(p.with("/findings", "theme", Some("x&y")), "/findings?q=a+b&region=London&theme=x%26y");
        assert_eq!(p.with("/findings", "page", Some("4")), "/findings?q=a+b&region=London&page=4");
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_its_name() {
        assert!(Params::parse(Some(&"a=1&".repeat(MAX_PARAMETERS + 1))).is_err());
        assert!(Params::parse(Some(&format!("q={}", "a".repeat(401)))).is_err());
        let error = params("limit=-1").number("limit", 10, 1, 100).unwrap_err();
        assert_eq!(error.to_string(), "\"limit\" must be a whole number from 1 to 100.");
        let error = params("reigon=London").only(&["region", "q"]).unwrap_err();
        assert_eq!(error.to_string(), "Unknown parameter \"reigon\"; known are: q, region.");
        let error = Params::none_empty(Some("q=a&since=+")).unwrap_err();
        assert_eq!(error.to_string(), "\"since\" has no value; give one or leave it out.");
        let error = params("theme=a&q=b&theme=a").in_bounds().unwrap_err();
        assert_eq!(error.to_string(), "\"theme\" is given twice as \"a\"; once is enough.");
        let themes = |count| (0..count).map(|n| format!("theme={n}&")).collect::<String>();
        assert!(params(&themes(MAX_VALUES)).in_bounds().is_ok());
        assert!(params(&themes(MAX_VALUES + 1)).in_bounds().is_err());
        assert!(Params::none_empty(Some("q=a")).is_ok() && Params::none_empty(None).is_ok());
    }

    #[test]
    fn a_wrong_date_is_answered_with_a_right_one() {
        let said = |given: &str| params(&format!("since={given}")).day("since").unwrap_err().to_string();
        assert_eq!(said("2024-13-01"), "\"since\": There is no month 13; write 2024-12-01.");
        assert_eq!(said("2023-02-30"), "\"since\": February 2023 has no day 30; write 2023-02-28.");
        assert!(said("31.12.2020").ends_with("write year, month and day, such as 2024-12-01."));
        assert_eq!(params("since=2024-12-01").day("since").unwrap(), Some("2024-12-01".parse().unwrap()));
    }

    #[test]
    fn what_a_page_makes_no_use_of_is_named_once() {
        assert_eq!(params("q=a&reigon=b&reigon=c").unused(&["q"]), ["reigon"]);
    }
}
