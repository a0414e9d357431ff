//! The filters that all questions share, as they stand in addresses.
//!
//! Names and values are those of the command line: `area`, `region`, `la_type`, `neighbours_of`, `kind`, `framework`,
//! `outcome`, `since`, `until`, `role`, `polarity`, `theme`, `confident`. A filter may be given more than once, or with commas.

use super::error::Failure;
use super::params::Params;
use crate::domain::LetterKind;
use crate::query::{Filter, Kinds};
use crate::reference::{Reference, UnknownArea};

/// The names of the filters.
pub const NAMES: [&str; 13] = [
    "area",
    "region",
    "la_type",
    "neighbours_of",
    "kind",
    "framework",
    "outcome",
    "since",
    "until",
    "role",
    "polarity",
    "theme",
    "confident",
];

/// The names that a page reads: those of the filters but some, and further ones.
#[must_use]
pub fn names_without(left_out: &[&str], further: &[&'static str]) -> Vec<&'static str> {
    let kept = NAMES.into_iter().filter(|name| !left_out.contains(name));
    kept.chain(further.iter().copied()).collect()
}

/// The fewest letters of a part of a name that is looked for.
const MIN_PART_LETTERS: usize = 4;
/// The most areas that are suggested.
const MAX_SUGGESTIONS: usize = 6;

/// Reads the filters of an address.
///
/// # Errors
/// A value is not understood; the message names it and what is possible.
pub fn read(params: &Params, reference: &Reference) -> Result<Filter, Failure> {
    let areas = params.get("area").map(|_| params.all("area").map(|given| code(given, reference)).collect());
    Ok(Filter {
        areas: areas.transpose()?.unwrap_or_default(),
        regions: params.read_all("region")?,
        la_types: params.read_all("la_type")?,
        neighbours_of: params.get("neighbours_of").map(|given| code(given, reference)).transpose()?,
        kinds: kinds(params)?,
        frameworks: params.read_all("framework")?,
        outcomes: params.read_all("outcome")?,
        since: params.day("since")?,
        until: params.day("until")?,
        roles: params.read_all("role")?,
        polarities: params.read_all("polarity")?,
        themes: params.all("theme").map(ToOwned::to_owned).collect(),
        confident: confident(params)?,
        ..Filter::default()
    })
}

/// The codes of a list of areas as people write it: a line, or what semicolons or commas part, is a name or code. A
/// name may have a comma itself.
///
/// # Errors
/// A name is unknown; the message has the nearest.
pub fn area_list(text: &str, reference: &Reference) -> Result<Vec<String>, Failure> {
    let mut codes = Vec::new();
    for part in text.split(['\n', ';']).map(str::trim).filter(|part| !part.is_empty()) {
        match reference.resolve(part) {
            Ok(area) => codes.push(area.la_code.clone()),
            Err(_) => {
                for name in part.split(',').map(str::trim).filter(|name| !name.is_empty()) {
                    codes.push(code(name, reference)?);
                }
            }
        }
    }
    Ok(codes)
}

/// Current areas that a name that is not known may mean, as code and name: those whose names hold it, then the nearest.
pub fn suggestions(unknown: &UnknownArea, reference: &Reference) -> Vec<(String, String)> {
    let part = unknown.given.to_lowercase();
    let holds = |name: &str| part.chars().count() >= MIN_PART_LETTERS && name.to_lowercase().contains(&part);
    let mut found: Vec<(String, String)> = reference
        .areas()
        .iter()
        .filter(|area| area.abolished_on.is_none() && holds(&area.name))
        .map(|area| (area.la_code.clone(), area.name.clone()))
        .collect();
    for near in &unknown.suggestions {
        if !found.contains(near) {
            found.push(near.clone());
        }
    }
    found.truncate(MAX_SUGGESTIONS);
    found
}

fn code(given: &str, reference: &Reference) -> Result<String, Failure> {
    match reference.resolve(given) {
        Ok(area) => Ok(area.la_code.clone()),
        Err(unknown) => {
            let names: Vec<String> =
                suggestions(&unknown, reference).iter().map(|(code, name)| format!("{name} ({code})")).collect();
            let advice = if names.is_empty() { String::new() } else { format!(" Did you mean {}?", names.join(", ")) };
            Err(Failure::BadRequest(format!("No local area is called \"{given}\".{advice}")))
        }
    }
}

fn confident(params: &Params) -> Result<bool, Failure> {
    match params.get("confident") {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Failure::BadRequest("\"confident\" must be true or false.".to_owned())),
    }
}

fn kinds(params: &Params) -> Result<Kinds, Failure> {
    let given: Vec<&str> = params.all("kind").collect();
    if given.is_empty() {
        Ok(Kinds::Send)
    } else if given.contains(&"all") {
        Ok(Kinds::All)
    } else {
        Ok(Kinds::Only(params.read_all::<LetterKind>("kind")?))
    }
}
