//! Like with like: how the mix of letters differs between groups, and shares as if it did not.
//!
//! Shares are standardised directly: a group's share in each part of the letters (in each region, say) is weighted by
//! that part's weight among all letters in scope. The interval joins the Wilson intervals of the parts:
//! - G. Y. Zou and A. Donner (2008), "Construction of confidence limits about effect measures: a general approach",
//!   Statistics in Medicine 27, 1693-1702.
//!
//! Refused: a standardised share of a group that lacks letters of a part; what it would be there is not known.

use serde::Serialize;

use super::SMALL;
use super::groups::{By, Groups};
use super::scope::ScopeLetter;
use super::stats::{Share, as_f64, wilson};
use crate::domain::{Framework, Role};

/// A part's weight is reported from this difference between two groups on.
const MIN_TOLD_DIFFERENCE: f64 = 0.25;

/// A share as if the group had the mix of all letters in scope.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Standardised {
    /// The standardised share.
    pub standardised_share: Option<f64>,
    /// Lower end of its 95% interval.
    pub standardised_low: Option<f64>,
    /// Upper end.
    pub standardised_high: Option<f64>,
    /// Why there is none.
    pub not_standardised: Option<String>,
}

/// One part of a group: letters flagged, letters, and letters of this part in the whole scope.
pub(super) struct Part {
    pub flagged: usize,
    pub letters: usize,
    pub everywhere: usize,
}

/// The share and the interval of a group with these parts; nothing where a part of the whole has no letters in it.
pub(super) fn standardise(parts: &[Part]) -> Option<(f64, f64, f64)> {
    let total: usize = parts.iter().map(|part| part.everywhere).sum();
    let (mut share, mut below, mut above) = (0.0, 0.0, 0.0);
    for part in parts.iter().filter(|part| part.everywhere > 0) {
        let (low, high) = wilson(part.flagged, part.letters)?;
        let weight = as_f64(part.everywhere) / as_f64(total);
        let own = as_f64(part.flagged) / as_f64(part.letters);
        share += weight * own;
        below += (weight * (own - low)).powi(2);
        above += (weight * (high - own)).powi(2);
    }
    (total > 0).then(|| (share, (share - below.sqrt()).max(0.0), (share + above.sqrt()).min(1.0)))
}

/// How many letters each group has in each part, by the places of both.
pub(super) fn letters_in_parts(groups: &Groups, parts: &Groups) -> Vec<Vec<usize>> {
    let all: Vec<usize> = (0..groups.of_letter.len()).collect();
    count_in_parts(groups, parts, &all)
}

fn count_in_parts(groups: &Groups, parts: &Groups, letters: &[usize]) -> Vec<Vec<usize>> {
    let mut counts = vec![vec![0; parts.scopes.len()]; groups.scopes.len()];
    letters.iter().for_each(|letter| counts[groups.of_letter[*letter]][parts.of_letter[*letter]] += 1);
    counts
}

/// The standardised share of each group; `letters` flag the theme, `totals` are from [`letters_in_parts`].
pub(super) fn standardised(
    groups: &Groups,
    parts: &Groups,
    letters: &[usize],
    totals: &[Vec<usize>],
) -> Vec<Standardised> {
    let flagged = count_in_parts(groups, parts, letters);
    let of_group = |(flagged, totals): (&Vec<usize>, &Vec<usize>)| {
        let own: Vec<Part> = flagged
            .iter()
            .zip(totals)
            .zip(&parts.scopes)
            .map(|((flagged, letters), scope)| Part { flagged: *flagged, letters: *letters, everywhere: scope.letters })
            .collect();
        match standardise(&own) {
            Some((share, low, high)) => Standardised {
                standardised_share: Some(share),
                standardised_low: Some(low),
                standardised_high: Some(high),
                not_standardised: None,
            },
            None => {
                let lacking = parts.names.iter().filter(|(_, place)| totals[**place] == 0);
                let names: Vec<String> = lacking.map(|(name, _)| in_words(name.as_deref())).collect();
                let why = format!("it has no letters of: {}", names.join(", "));
                Standardised { not_standardised: Some(why), ..Standardised::default() }
            }
        }
    };
    flagged.iter().zip(totals).map(of_group).collect()
}

/// What the parts of a grouping are called, in the plural.
fn plural(by: By) -> &'static str {
    match by {
        By::Year => "years",
        By::Region => "regions",
        By::LaType => "types of area",
        By::Framework => "frameworks",
        By::Outcome => "outcomes",
    }
}

fn in_words(name: Option<&str>) -> String {
    name.unwrap_or("unknown").replace('_', " ")
}

/// Says that the roles of formal items differ, where both frameworks are in scope.
pub(super) fn of_roles(frameworks: &Groups, roles: &[Role]) -> Option<String> {
    let letters = |framework: Framework| {
        frameworks.scopes.iter().find(|scope| scope.frameworks == [framework]).map_or(0, |scope| scope.letters)
    };
    let formal = roles.iter().any(|role| role.flags());
    formal.then(|| roles_differ(letters(Framework::F2016), letters(Framework::F2023))).flatten()
}

/// The same, of so many letters under each framework.
fn roles_differ(before: usize, since: usize) -> Option<String> {
    (before > 0 && since > 0).then(|| {
        format!(
            "These letters are of both frameworks, and their formal items differ: significant weaknesses (reasons for a \
             written statement of action) and areas for development until 2022 (letters: {before}), priority actions and \
             areas for improvement since 2023 (reports: {since})."
        )
    })
}

/// Says how the letters of some areas, by their places, differ from all: in the roles of their formal items, and in the mix
/// of frameworks.
pub(super) fn of_peers(letters: &[ScopeLetter], of_peers: &[usize]) -> Vec<String> {
    let is_new = |letter: &ScopeLetter| letter.framework == Some(Framework::F2023);
    let new = letters.iter().filter(|letter| is_new(letter)).count();
    let Some(roles) = roles_differ(letters.len() - new, new) else { return Vec::new() };
    let new_of_peers = of_peers.iter().filter(|letter| is_new(&letters[**letter])).count();
    let (here, there) = (Share::of(new_of_peers, of_peers.len()), Share::of(new, letters.len()));
    let mix = here.share.zip(there.share).filter(|(here, there)| (here - there).abs() >= MIN_TOLD_DIFFERENCE);
    let mix = mix.map(|(here, there)| {
        format!(
            "The mix of frameworks differs: {:.0}% of the letters about the peers are reports since 2023, and {:.0}% of \
             all letters. Choose one framework to leave that out.",
            100.0 * here,
            100.0 * there
        )
    });
    std::iter::once(roles).chain(mix).collect()
}

/// Says how the mix of parts differs between groups of ten letters or more, where it differs much.
pub(super) fn of_parts(groups: &Groups, parts: &Groups, by: By) -> Option<String> {
    let totals = letters_in_parts(groups, parts);
    let large: Vec<(&str, usize)> = groups
        .names
        .iter()
        .filter(|(_, place)| groups.scopes[**place].letters >= SMALL)
        .map(|(name, place)| (name.as_deref().unwrap_or("unknown"), *place))
        .collect();
    let weight = |group: usize, part: usize| as_f64(totals[group][part]) / as_f64(groups.scopes[group].letters);
    let spread = |part: usize| {
        let by_weight = |a: &&(&str, usize), b: &&(&str, usize)| weight(a.1, part).total_cmp(&weight(b.1, part));
        let (least, most) = (large.iter().min_by(by_weight)?, large.iter().max_by(by_weight)?);
        Some((weight(most.1, part) - weight(least.1, part), *least, *most))
    };
    let widest = parts
        .names
        .iter()
        .filter_map(|(name, place)| Some((name.as_deref(), *place, spread(*place)?)))
        .max_by(|a, b| a.2.0.total_cmp(&b.2.0))?;
    let (name, part, (difference, least, most)) = widest;
    let told = |(group, place): (&str, usize)| {
        let percent = 100.0 * weight(place, part);
        format!("{percent:.0}% of {} letters ({})", groups.scopes[place].letters, in_words(Some(group)))
    };
    (difference >= MIN_TOLD_DIFFERENCE).then(|| {
        format!(
            "The mix of {} differs between the groups: {} is {} and {}. Shares standardised to one mix leave that out.",
            plural(by),
            in_words(name),
            told(least),
            told(most)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(flagged: usize, letters: usize, everywhere: usize) -> Part {
        Part { flagged, letters, everywhere }
    }

    #[test]
    fn a_standardised_share_is_the_weighted_mean_of_its_parts() {
        let (share, low, high) = standardise(&[part(2, 10, 30), part(6, 8, 10)]).unwrap();
        assert!((share - (0.75 * 0.2 + 0.25 * 0.75)).abs() < 1e-12);
        let ((low1, high1), (low2, high2)) = (wilson(2, 10).unwrap(), wilson(6, 8).unwrap());
        assert!((share - low - (0.75 * (0.2 - low1)).hypot(0.25 * (0.75 - low2))).abs() < 1e-12);
        assert!((high - share - (0.75 * (high1 - 0.2)).hypot(0.25 * (high2 - 0.75))).abs() < 1e-12);
    }

    #[test]
    fn a_group_of_one_part_keeps_its_share_and_its_interval() {
        let (share, low, high) = standardise(&[part(3, 7, 7), part(0, 0, 0)]).unwrap();
        let (wilson_low, wilson_high) = wilson(3, 7).unwrap();
        assert!(
            (share - 3.0 / 7.0).abs() < 1e-12 && (low - wilson_low).abs() < 1e-12 && (high - wilson_high).abs() < 1e-12
        );
    }

    #[test]
    fn a_group_that_lacks_a_part_has_no_standardised_share() {
        assert_eq!(standardise(&[part(2, 10, 30), part(0, 0, 10)]), None);
        assert_eq!(standardise(&[]), None);
    }
}
