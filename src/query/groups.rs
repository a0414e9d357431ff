//! Letters in groups, and which groups stand out.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Serialize;

use super::SMALL;
use super::correction::Adjusted;
use super::scope::{Scope, ScopeLetter};
use super::stats::{CLEAR, adjust_for_comparisons, fisher};
use crate::domain::{Framework, LaType, Outcome, Region, Term};

/// What letters are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Year in which the inspection began.
    Year,
    /// Region of the area.
    Region,
    /// Type of the area.
    LaType,
    /// Framework.
    Framework,
    /// Outcome.
    Outcome,
}

/// Letters in groups.
pub(super) struct Groups {
    /// Names of the groups in their order, each with its place in `scopes`.
    pub names: BTreeMap<Option<Cow<'static, str>>, usize>,
    /// The group of each letter.
    pub of_letter: Vec<usize>,
    pub scopes: Vec<Scope>,
    /// Letters of each group that people checked whole.
    pub checked: Vec<usize>,
    /// For each theme the corrected shares of the groups, once asked for.
    pub adjusted: Vec<OnceLock<Vec<Adjusted>>>,
}

impl Groups {
    /// Groups letters; `checked` says of each whether people coded it whole, `themes` is how many themes there are.
    pub(super) fn of(letters: &[ScopeLetter], checked: &[bool], themes: usize, by: Option<By>) -> Self {
        let mut names: BTreeMap<Option<Cow<'static, str>>, usize> = BTreeMap::new();
        let mut members: Vec<Vec<&ScopeLetter>> = Vec::new();
        let mut of_letter = Vec::with_capacity(letters.len());
        for letter in letters {
            let place = *names.entry(by.map(|by| group_of(letter, by))).or_insert(members.len());
            members.resize_with(members.len().max(place + 1), Vec::new);
            members[place].push(letter);
            of_letter.push(place);
        }
        if by.is_none() && letters.is_empty() {
            names.insert(None, 0);
            members.push(Vec::new());
        }
        let scopes: Vec<Scope> = members.iter().map(|letters| Scope::over(letters, Vec::new())).collect();
        let mut known = vec![0; scopes.len()];
        of_letter.iter().zip(checked).for_each(|(group, checked)| known[*group] += usize::from(*checked));
        let adjusted = (0..themes).map(|_| OnceLock::new()).collect();
        Self { names, of_letter, scopes, checked: known, adjusted }
    }

    /// How many of these letters are in each group.
    pub(super) fn count(&self, letters: &[usize]) -> Vec<usize> {
        let mut counts = vec![0; self.scopes.len()];
        letters.iter().for_each(|letter| counts[self.of_letter[*letter]] += 1);
        counts
    }

    /// Every theme and group that was compared with all other letters, and how it stands out. Groups of too few letters
    /// are not compared.
    pub(super) fn standing_out(&self, counts: &[Vec<usize>]) -> Vec<((usize, usize), &'static str)> {
        let total: usize = self.scopes.iter().map(|scope| scope.letters).sum();
        let mut compared = Vec::new();
        for (theme, counts) in counts.iter().enumerate() {
            let flagged: usize = counts.iter().sum();
            for (place, (count, scope)) in counts.iter().zip(&self.scopes).enumerate() {
                let rest = total - scope.letters;
                if flagged > 0 && scope.letters >= SMALL && rest >= SMALL {
                    let p = fisher((*count, scope.letters), (flagged - count, rest)).unwrap_or(1.0);
                    // Cross-multiplied, so that no share is rounded.
                    let above = count * rest > (flagged - count) * scope.letters;
                    compared.push(((theme, place), p, above));
                }
            }
        }
        let adjusted = adjust_for_comparisons(&compared.iter().map(|(_, p, _)| *p).collect::<Vec<_>>());
        let words = |above, adjusted_p| match above {
            _ if adjusted_p >= CLEAR => "could_be_chance",
            true => "above",
            false => "below",
        };
        compared.iter().zip(adjusted).map(|((of, _, above), p)| (*of, words(*above, p))).collect()
    }
}

fn group_of(letter: &ScopeLetter, by: By) -> Cow<'static, str> {
    let known = match by {
        By::Year => return letter.start.year().to_string().into(),
        By::Region => letter.region.map(Region::as_str),
        By::LaType => letter.la_type.map(LaType::as_str),
        By::Framework => letter.framework.map(Framework::as_str),
        By::Outcome => letter.outcome.map(Outcome::as_str),
    };
    known.unwrap_or("unknown").into()
}

/// Parses the spellings that the command line and the web take.
impl std::str::FromStr for By {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "year" => Ok(Self::Year),
            "region" => Ok(Self::Region),
            "la_type" | "la-type" | "type" => Ok(Self::LaType),
            "framework" => Ok(Self::Framework),
            "outcome" => Ok(Self::Outcome),
            other => Err(format!("cannot group by \"{other}\"; use one of: year, region, la_type, framework, outcome")),
        }
    }
}
