//! Reading the index of findings: which findings of which letters match a filter, without going through the findings
//! themselves.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

use rusqlite::params_from_iter;

use super::error::QueryError;
use super::filter::{Conditions, Filter};
use super::scope::{ScopeLetter, letters_in};
use crate::domain::{Polarity, Role, Term};
use crate::store::finding_index::{Indexed, MIN_FINDING_BYTES, unpack};
use crate::store::{Dataset, StoreError};

/// For at most so many letters a look-up for each is cheaper than reading the whole index.
const FEW_LETTERS: usize = 200;

/// The themes of the dataset, by the numbers under which the index knows them.
pub(super) struct ThemeNumbers {
    /// Theme ids; their places here are what questions count by.
    pub ids: Vec<String>,
    places: Vec<Option<usize>>,
}

impl ThemeNumbers {
    pub(super) fn of(dataset: &Dataset) -> Result<Self, QueryError> {
        let mut statement = dataset.connection().prepare_cached("SELECT theme_no, id FROM themes ORDER BY theme_no")?;
        let numbers: Vec<(u16, String)> =
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        let mut places = vec![None; numbers.last().map_or(0, |(number, _)| usize::from(*number) + 1)];
        for (place, (number, _)) in numbers.iter().enumerate() {
            places[usize::from(*number)] = Some(place);
        }
        Ok(Self { ids: numbers.into_iter().map(|(_, id)| id).collect(), places })
    }

    /// The place among `ids` of a number of the index.
    pub(super) fn place(&self, number: u16) -> Option<usize> {
        self.places.get(usize::from(number)).copied().flatten()
    }
}

/// What a filter demands of findings.
pub(super) struct Wanted<'a> {
    roles: &'a [Role],
    polarities: &'a [Polarity],
    confident: bool,
    /// For each theme whether it is wanted; nothing where any is.
    themes: Option<Vec<bool>>,
    numbers: &'a ThemeNumbers,
}

impl<'a> Wanted<'a> {
    pub(super) fn by(filter: &'a Filter, numbers: &'a ThemeNumbers) -> Self {
        let themes = (!filter.themes.is_empty())
            .then(|| numbers.ids.iter().map(|id| filter.themes.contains(id)).collect::<Vec<bool>>());
        Self { roles: &filter.roles, polarities: &filter.polarities, confident: filter.confident, themes, numbers }
    }

    pub(super) fn matches(&self, finding: Indexed<'_>) -> bool {
        (self.roles.is_empty() || self.roles.contains(&finding.role))
            && (self.polarities.is_empty()
                || (self.polarities.contains(&finding.polarity) && (finding.judged || !self.confident)))
            && self.themes.as_ref().is_none_or(|wanted| {
                finding.themes(self.confident).filter_map(|t| self.numbers.place(t)).any(|place| wanted[place])
            })
    }

    /// How many such findings these letters have.
    pub(super) fn count(&self, dataset: &Dataset, letters: &[ScopeLetter]) -> Result<usize, QueryError> {
        let mut count = 0;
        each_indexed(dataset, letters, |_, finding| count += usize::from(self.matches(finding)))?;
        Ok(count)
    }
}

/// What the index has of a letter.
pub(super) struct Entry<'a> {
    /// The place of the letter in the list that was asked about.
    pub letter: usize,
    /// The number of its first finding; the others follow.
    pub first: i64,
    packed: &'a [u8],
}

impl<'a> Entry<'a> {
    /// Numbers among which those of its findings are.
    pub(super) fn numbers(&self) -> Range<i64> {
        self.first..self.first.saturating_add_unsigned((self.packed.len() / MIN_FINDING_BYTES) as u64)
    }

    /// Hands over its findings in their order.
    pub(super) fn findings(&self, each: impl FnMut(Indexed<'a>)) -> Result<(), StoreError> {
        unpack(self.packed, each)
    }
}

/// Hands over what the index has of these letters, which come in no particular order. A letter without findings does not
/// come.
pub(super) fn each_entry(
    dataset: &Dataset,
    letters: &[ScopeLetter],
    mut each: impl FnMut(Entry<'_>) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    if letters.is_empty() {
        return Ok(());
    }
    if let Some(index) = dataset.derived(|| CachedIndex::of(dataset))? {
        for (letter, row) in letters.iter().enumerate() {
            if let Some(place) = index.letters.get(&row.number) {
                each(Entry { letter, first: place.first, packed: &index.packed[place.packed.clone()] })?;
            }
        }
        return Ok(());
    }
    let places: HashMap<i64, usize> = letters.iter().enumerate().map(|(place, l)| (l.number, place)).collect();
    let mut conditions = Conditions::default();
    if letters.len() <= FEW_LETTERS {
        conditions.any_of("i.letter_no", letters.iter().map(|l| l.number));
    }
    let sql = format!("SELECT i.letter_no, i.first_no, i.findings FROM finding_index AS i WHERE {}", conditions.sql());
    let mut statement = dataset.connection().prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(conditions.values))?;
    while let Some(row) = rows.next()? {
        let Some(&letter) = places.get(&row.get::<_, i64>(0)?) else { continue };
        let packed = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
        each(Entry { letter, first: row.get(1)?, packed })?;
    }
    Ok(())
}

/// Hands over every finding of these letters, with the place of its letter in the list. Letters come in no particular
/// order, each one's findings together and in order.
pub(super) fn each_indexed(
    dataset: &Dataset,
    letters: &[ScopeLetter],
    mut each: impl FnMut(usize, Indexed<'_>),
) -> Result<(), QueryError> {
    each_entry(dataset, letters, |entry| Ok(entry.findings(|finding| each(entry.letter, finding))?))
}

/// The letters of each theme with such findings (of any polarity, if none is named), as places in the list, by theme id.
pub(super) fn letters_by_theme(
    dataset: &Dataset,
    letters: &[ScopeLetter],
    roles: &[Role],
    polarities: &[Polarity],
    confident: bool,
) -> Result<HashMap<String, Vec<usize>>, QueryError> {
    let mut found: Vec<Vec<usize>> = Vec::new();
    let ids = each_theme_set(dataset, letters, roles, polarities, confident, |letter, theme| {
        found.resize_with(found.len().max(theme + 1), Vec::new);
        found[theme].push(letter);
    })?;
    Ok(ids.into_iter().zip(found).collect())
}

/// The index of a snapshot, letter after letter, and for each letter the themes of its findings by role and polarity, all
/// of them and the confident ones.
#[derive(Default)]
struct CachedIndex {
    letters: HashMap<i64, Place, BuildHasherDefault<NumberHasher>>,
    packed: Vec<u8>,
    /// A letter's sets of themes: whose findings each is of, one bit of [`bits`].
    of: Vec<u64>,
    /// The members of each set, and as the last one that there is such a finding at all: `words` of all themes, then
    /// `words` of the confident ones.
    sets: Vec<u64>,
    words: usize,
}

/// Where a letter's entries stand in `packed` and `of`.
struct Place {
    /// The number of its first finding.
    first: i64,
    packed: Range<usize>,
    sets: Range<usize>,
}

impl CachedIndex {
    fn of(dataset: &Dataset) -> Result<Self, QueryError> {
        let themes = ThemeNumbers::of(dataset)?;
        let words = themes.ids.len() / 64 + 1;
        let mut index = Self { words, ..Self::default() };
        let mut statement = dataset.connection().prepare_cached(
            "SELECT i.letter_no, i.first_no, i.findings FROM finding_index AS i
             JOIN all_letters AS l ON l.letter_no = i.letter_no WHERE l.current = 1",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let packed = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
            let (start, sets_from) = (index.packed.len(), index.of.len());
            index.packed.extend_from_slice(packed);
            let mut sets: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
            unpack(packed, |finding| {
                let of = bit(finding.role, finding.polarity, finding.judged);
                let set = sets.entry(of).or_insert_with(|| vec![0; 2 * words]);
                for (set, confident) in set.chunks_exact_mut(words).zip([false, true]) {
                    let members = finding.themes(confident).filter_map(|number| themes.place(number));
                    members.chain([themes.ids.len()]).for_each(|member| set[member / 64] |= 1 << (member % 64));
                }
            })?;
            for (of, set) in sets {
                index.of.push(of);
                index.sets.extend(set);
            }
            let (packed, sets) = (start..index.packed.len(), sets_from..index.of.len());
            index.letters.insert(row.get(0)?, Place { first: row.get(1)?, packed, sets });
        }
        Ok(index)
    }

    /// Puts together the sets of a letter that are of such findings.
    fn union(&self, letter: i64, of: u64, confident: bool, into: &mut [u64]) {
        into.fill(0);
        let Some(place) = self.letters.get(&letter) else { return };
        let both = 2 * self.words;
        let sets = &self.sets[place.sets.start * both..place.sets.end * both];
        let from = if confident { self.words } else { 0 };
        for (own, set) in self.of[place.sets.clone()].iter().zip(sets.chunks_exact(both)) {
            if own & of != 0 {
                let set = &set[from..from + self.words];
                into.iter_mut().zip(set).for_each(|(word, more)| *word |= more);
            }
        }
    }
}

/// One bit for each of these roles with each of these polarities; where none is named, all are meant. Where only confident
/// codes count, a polarity that is asked for must be judged.
fn bits(roles: &[Role], polarities: &[Polarity], confident: bool) -> u64 {
    let roles = if roles.is_empty() { Role::ALL } else { roles };
    let unsure = !confident || polarities.is_empty();
    let polarities = if polarities.is_empty() { Polarity::ALL } else { polarities };
    let both = |role: Role, polarity: Polarity| {
        bit(role, polarity, true) | if unsure { bit(role, polarity, false) } else { 0 }
    };
    roles
        .iter()
        .flat_map(|role| polarities.iter().map(move |polarity| both(*role, *polarity)))
        .fold(0, |all, bits: u64| all | bits)
}

fn bit(role: Role, polarity: Polarity, judged: bool) -> u64 {
    1 << (2 * (role as usize * Polarity::ALL.len() + polarity as usize) + usize::from(judged))
}

const _: () = assert!(2 * Role::ALL.len() * Polarity::ALL.len() <= u64::BITS as usize, "a bit for each");

/// Numbers of letters follow upon each other, so that any hash that spreads them will do.
#[derive(Default)]
struct NumberHasher(u64);

impl Hasher for NumberHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_i64(i64::from(*byte)));
    }

    fn write_i64(&mut self, number: i64) {
        // The golden ratio as a fraction of 2^64.
        self.0 = (self.0 ^ number.cast_unsigned()).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

/// For each of these letters, whether it has a finding that the filter means.
pub(super) fn which_have(dataset: &Dataset, letters: &[ScopeLetter], filter: &Filter) -> Result<Vec<bool>, QueryError> {
    let themes = ThemeNumbers::of(dataset)?;
    let wanted = Wanted::by(filter, &themes);
    if let Some(index) = dataset.derived(|| CachedIndex::of(dataset))? {
        let of = bits(&filter.roles, &filter.polarities, filter.confident);
        let any = themes.ids.len();
        let members = |n: &usize| wanted.themes.as_ref().map_or(*n == any, |themes| themes.get(*n) == Some(&true));
        let mut mask = vec![0_u64; index.words];
        (0..=any).filter(members).for_each(|member| mask[member / 64] |= 1 << (member % 64));
        let mut union = vec![0; index.words];
        let has = |letter: &ScopeLetter| {
            index.union(letter.number, of, filter.confident, &mut union);
            union.iter().zip(&mask).any(|(own, asked)| own & asked != 0)
        };
        return Ok(letters.iter().map(has).collect());
    }
    let mut has = vec![false; letters.len()];
    each_indexed(dataset, letters, |letter, finding| has[letter] |= wanted.matches(finding))?;
    Ok(has)
}

/// The letters that have such findings, in the order of every answer: latest inspection first. Where the filter demands
/// nothing of findings, all letters that it means.
pub(super) fn letters_with_findings(dataset: &Dataset, filter: &Filter) -> Result<Vec<ScopeLetter>, QueryError> {
    let mut letters = letters_in(dataset, filter)?;
    if filter.restricts_findings() {
        let mut has = which_have(dataset, &letters, filter)?.into_iter();
        letters.retain(|_| has.next().unwrap_or(false));
    }
    // They come earliest first, those of one day by id.
    let days = letters.chunk_by(|x, y| x.start == y.start).rev();
    Ok(days.flatten().copied().collect())
}

/// For each letter of the list and each theme of its findings with these roles (and polarities, if any are named), all or
/// only by confident codes, once: the place of the letter in the list, and the place of the theme in the list of ids that is given back.
pub(super) fn each_theme_set(
    dataset: &Dataset,
    letters: &[ScopeLetter],
    roles: &[Role],
    polarities: &[Polarity],
    confident: bool,
    mut each: impl FnMut(usize, usize),
) -> Result<Vec<String>, QueryError> {
    let numbers = ThemeNumbers::of(dataset)?;
    if roles.is_empty() {
        return Ok(numbers.ids);
    }
    if let Some(index) = dataset.derived(|| CachedIndex::of(dataset))? {
        let of = bits(roles, polarities, confident);
        let mut union = vec![0_u64; index.words];
        for (letter, row) in letters.iter().enumerate() {
            index.union(row.number, of, confident, &mut union);
            for (place, word) in union.iter().enumerate() {
                let mut left = *word;
                while left != 0 {
                    let theme = place * 64 + left.trailing_zeros() as usize;
                    left &= left - 1;
                    if theme < numbers.ids.len() {
                        each(letter, theme);
                    }
                }
            }
        }
        return Ok(numbers.ids);
    }
    // The letter that last had each theme: a letter's findings come together.
    let mut last = vec![usize::MAX; numbers.ids.len()];
    each_indexed(dataset, letters, |letter, finding| {
        let judges = || polarities.contains(&finding.polarity) && (finding.judged || !confident);
        if roles.contains(&finding.role) && (polarities.is_empty() || judges()) {
            for theme in finding.themes(confident).filter_map(|number| numbers.place(number)) {
                if last[theme] != letter {
                    last[theme] = letter;
                    each(letter, theme);
                }
            }
        }
    })?;
    Ok(numbers.ids)
}
