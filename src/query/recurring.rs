//! What is found again and again: formal items that say the same thing in other words, and areas that are flagged for
//! the same theme under both frameworks.
//!
//! Items are compared within a theme by the words that carry meaning (cut to their stems), each weighted by how rare it
//! is among the items compared: the weight of the words that two items share, relative to the geometric mean of the
//! weights of their own. That is cosine similarity (G. Salton and C. Buckley (1988), "Term-weighting approaches in
//! automatic text retrieval") with the square roots of the weights as coordinates: one rare word that two items do not
//! share counts once against them, not squared, so that other words for the same thing separate them less. On
//! statements made for the purpose (`tests/recurring/`) it joins half of the pairs that say the same and none that do
//! not.
//!
//! Groups are made by one rule that depends on the items alone: the item with the most similar others becomes the
//! exemplar of a group with them, and so on with what is left.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use serde::Serialize;

use super::error::QueryError;
use super::filter::{Filter, flag_roles};
use super::findings::{FindingRow, findings};
use super::flagged_again::{FlaggedAgain, flagged_again};
use super::scope::{LeftOut, Scope, eligible, left_out, letters_in};
use super::stats::as_f64;
use super::themes::labels;
use crate::domain::Role;
use crate::parse::similar::stems;
use crate::store::Dataset;

/// Two items at least this similar say the same thing.
const MIN_SIMILARITY: f64 = 0.43;
/// Words that name what every inspection is about: they say nothing of one item.
const COMMONPLACE: &str = "education health social care services support";
/// A group spans at least so many areas.
const MIN_AREAS: usize = 2;
/// Where there are many items, a word that more than this share of them has says nothing.
const COMMON_WORD_SHARE: f64 = 0.25;

/// An item of a group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Member {
    /// The finding.
    pub finding_id: String,
    /// Its letter.
    pub letter_id: String,
    /// Area: three-digit code.
    pub la_code: String,
    /// Area: name.
    pub area: String,
    /// First day of the inspection.
    pub inspection_start: Date,
    /// The quote.
    pub text: String,
    /// Its page.
    pub page: u32,
    /// Address of the letter.
    pub url: Option<String>,
    /// Similarity to the exemplar, from 0 to 1.
    pub similarity: f64,
}

/// Items that say the same thing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// Theme id.
    pub theme: String,
    /// Its name.
    pub label: String,
    /// Further themes under which the very same items form a group, by id; it is shown once.
    pub also: Vec<String>,
    /// Different areas.
    pub areas: usize,
    /// Items.
    pub items: usize,
    /// Years in which the inspections began, earliest first.
    pub years: Vec<i16>,
    /// The words that most of its items share, rarest first.
    pub shared_words: Vec<String>,
    /// The item nearest to all others.
    pub exemplar: Member,
    /// The others, most similar first.
    pub others: Vec<Member>,
}

/// What is found again and again.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recurring {
    /// What the groups rest on.
    pub scope: Scope,
    /// Groups that span the most areas first.
    pub groups: Vec<Group>,
    /// Themes across frameworks, in the codebook's order.
    pub flagged_again: Vec<FlaggedAgain>,
}

/// Formal items that recur, for the themes of the filter or for all; roles of the filter choose other items.
///
/// # Errors
/// The dataset could not be read, or a theme is unknown.
pub fn recurring(dataset: &Dataset, filter: &Filter) -> Result<Recurring, QueryError> {
    filter.check(dataset)?;
    let roles: Vec<Role> = if filter.roles.is_empty() { flag_roles() } else { filter.roles.clone() };
    let mut items = findings(dataset, &Filter { roles: roles.clone(), ..filter.unpaged() })?;
    items.sort_by(|x, y| x.id.cmp(&y.id));
    let names = labels(dataset)?;
    let mut groups: Vec<Group> = Vec::new();
    let mut known: BTreeMap<BTreeSet<String>, usize> = BTreeMap::new();
    for (theme, label) in names.iter().filter(|(id, _)| filter.themes.is_empty() || filter.themes.contains(id)) {
        let own: Vec<&FindingRow> = items.iter().filter(|item| item.themes.iter().any(|t| t.id == *theme)).collect();
        for group in groups_of(theme, label, &own) {
            let ids: BTreeSet<String> =
                group.others.iter().chain([&group.exemplar]).map(|member| member.finding_id.clone()).collect();
            match known.entry(ids) {
                Entry::Occupied(place) => groups[*place.get()].also.push(group.theme),
                Entry::Vacant(place) => {
                    place.insert(groups.len());
                    groups.push(group);
                }
            }
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse((group.areas, group.items)));
    let (letters, ineligible) = eligible(letters_in(dataset, filter)?, &roles);
    let left: Vec<LeftOut> = left_out(&ineligible, dataset)?;
    Ok(Recurring {
        scope: Scope::over(&letters, left),
        groups: filter.page(groups),
        flagged_again: flagged_again(dataset, filter, &names)?,
    })
}

/// Groups the items of one theme, which come in the order of their ids.
fn groups_of(theme: &str, label: &str, items: &[&FindingRow]) -> Vec<Group> {
    let vectors = Vectors::of(items);
    let similar = vectors.neighbours();
    let mut left: BTreeSet<usize> = (0..items.len()).collect();
    let mut groups = Vec::new();
    // The number of similar items left only falls, so a heap of stale counts finds the largest lazily.
    let mut heap: std::collections::BinaryHeap<(usize, std::cmp::Reverse<usize>)> =
        similar.iter().enumerate().map(|(i, near)| (near.len(), std::cmp::Reverse(i))).collect();
    while let Some((count, std::cmp::Reverse(item))) = heap.pop() {
        if !left.contains(&item) {
            continue;
        }
        let near: Vec<(usize, f64)> = similar[item].iter().filter(|(i, _)| left.contains(i)).copied().collect();
        if near.len() < count {
            heap.push((near.len(), std::cmp::Reverse(item)));
            continue;
        }
        if near.is_empty() {
            break;
        }
        left.remove(&item);
        for (other, _) in &near {
            left.remove(other);
        }
        let group = group(theme, label, items, item, near, &vectors);
        if group.areas >= MIN_AREAS {
            groups.push(group);
        }
    }
    groups
}

fn group(
    theme: &str,
    label: &str,
    items: &[&FindingRow],
    exemplar: usize,
    mut near: Vec<(usize, f64)>,
    vectors: &Vectors,
) -> Group {
    near.sort_by(|x, y| y.1.total_cmp(&x.1).then_with(|| items[x.0].id.cmp(&items[y.0].id)));
    let all: Vec<usize> = std::iter::once(exemplar).chain(near.iter().map(|(i, _)| *i)).collect();
    let areas: BTreeSet<&str> = all.iter().map(|i| items[*i].la_code.as_str()).collect();
    let years: BTreeSet<i16> = all.iter().map(|i| items[*i].inspection_start.year()).collect();
    Group {
        theme: theme.to_owned(),
        label: label.to_owned(),
        also: Vec::new(),
        areas: areas.len(),
        items: all.len(),
        years: years.into_iter().collect(),
        shared_words: vectors.shared(&all).into_iter().map(|stem| word_with(&stem, &all, items)).collect(),
        exemplar: member(items[exemplar], 1.0),
        others: near.iter().map(|(i, similarity)| member(items[*i], *similarity)).collect(),
    }
}

/// The word of the items that has this stem, as the first of them spells it.
fn word_with(stem: &str, all: &[usize], items: &[&FindingRow]) -> String {
    all.iter()
        .flat_map(|item| items[*item].text.split(|c: char| !c.is_alphanumeric()))
        .find(|word| stems(word).contains(stem))
        .map_or_else(|| stem.to_owned(), str::to_lowercase)
}

fn member(finding: &FindingRow, similarity: f64) -> Member {
    Member {
        finding_id: finding.id.clone(),
        letter_id: finding.letter_id.clone(),
        la_code: finding.la_code.clone(),
        area: finding.area.clone(),
        inspection_start: finding.inspection_start,
        text: finding.text.clone(),
        page: finding.page,
        url: finding.url.clone(),
        similarity,
    }
}

/// Items as weights of words, each of length 1.
struct Vectors {
    /// In alphabetical order.
    words: Vec<String>,
    /// For each item: numbers of words with their weights, by number.
    items: Vec<Vec<(usize, f64)>>,
}

impl Vectors {
    fn of(items: &[&FindingRow]) -> Self {
        let commonplace = stems(COMMONPLACE);
        let sets: Vec<BTreeSet<String>> = items.iter().map(|item| &stems(&item.text) - &commonplace).collect();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for word in sets.iter().flatten() {
            *counts.entry(word).or_default() += 1;
        }
        let total = as_f64(items.len());
        let many = items.len() >= 200;
        // Each word's number and coordinate; one that says nothing has none. A word of one item cannot join it to
        // another, but weighs in its length.
        let known: HashMap<&str, (usize, f64)> = counts
            .iter()
            .enumerate()
            .filter(|(_, (_, count))| !many || as_f64(**count) <= COMMON_WORD_SHARE * total)
            .map(|(number, (word, count))| (*word, (number, (1.0 + total / as_f64(*count)).ln().sqrt())))
            .collect();
        let vectors = sets
            .iter()
            .map(|set| {
                let mut vector: Vec<(usize, f64)> = set.iter().filter_map(|w| known.get(w.as_str()).copied()).collect();
                let length = vector.iter().map(|(_, w)| w * w).sum::<f64>().sqrt();
                vector.iter_mut().for_each(|(_, w)| *w /= length);
                vector
            })
            .collect();
        Self { words: counts.keys().map(|w| (*w).to_owned()).collect(), items: vectors }
    }

    /// For each item the similar ones, by way of the words that they share.
    fn neighbours(&self) -> Vec<Vec<(usize, f64)>> {
        let mut holders: Vec<Vec<(usize, f64)>> = vec![Vec::new(); self.words.len()];
        for (item, vector) in self.items.iter().enumerate() {
            for (word, weight) in vector {
                holders[*word].push((item, *weight));
            }
        }
        // The similarity of one item to each other while it adds up, and the others that it has a word in common with.
        let mut similarity = vec![0.0; self.items.len()];
        let mut touched = Vec::new();
        self.items
            .iter()
            .enumerate()
            .map(|(item, vector)| {
                for (word, weight) in vector {
                    for (other, other_weight) in &holders[*word] {
                        if similarity[*other] == 0.0 {
                            touched.push(*other);
                        }
                        similarity[*other] += weight * other_weight;
                    }
                }
                touched.sort_unstable();
                let near = touched.iter().map(|other| (*other, similarity[*other]));
                let near = near.filter(|(other, s)| *s >= MIN_SIMILARITY && *other != item).collect();
                for other in touched.drain(..) {
                    similarity[other] = 0.0;
                }
                near
            })
            .collect()
    }

    /// The words that more than half of these items have, the weightiest first, at most five.
    fn shared(&self, items: &[usize]) -> Vec<String> {
        let mut counts: BTreeMap<usize, (usize, f64)> = BTreeMap::new();
        for (word, weight) in items.iter().flat_map(|i| &self.items[*i]) {
            let entry = counts.entry(*word).or_default();
            entry.0 += 1;
            entry.1 += weight;
        }
        let mut shared: Vec<(f64, usize)> = counts
            .into_iter()
            .filter(|(_, (n, _))| n * 2 > items.len())
            .map(|(word, (_, weight))| (weight, word))
            .collect();
        shared.sort_by(|x, y| y.0.total_cmp(&x.0).then(x.1.cmp(&y.1)));
        shared.into_iter().take(5).map(|(_, word)| self.words[word].clone()).collect()
    }
}
