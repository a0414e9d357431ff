//! How names of areas are compared: spelling, titles and similarity.

/// The least similarity at which a name is worth suggesting.
pub(super) const MIN_SIMILARITY: f64 = 0.62;

/// Words that may stand before or after an area's name without being part of it.
const TITLES: &str =
    "of royal london metropolitan borough city county council district unitary local area authority partnership";

/// Words that may stand only before it.
const BEFORE: &str = "the in and";

/// Words that may stand only after it; before it they are the name of a service.
const AFTER: &str = "send mbc bc cc childrens services corporation";

/// Lower case, "&" as "and", "Saint" as "St", no punctuation, single spaces.
pub(super) fn normalise(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '&' => plain.push_str(" and "),
            '\'' | '\u{2019}' | '\u{2018}' | '\u{ad}' => {}
            c if c.is_alphanumeric() => plain.extend(c.to_lowercase()),
            _ => plain.push(' '),
        }
    }
    let words: Vec<&str> = plain.split_whitespace().map(|word| if word == "saint" { "st" } else { word }).collect();
    words.join(" ")
}

/// Everything that the name may mean, from the whole to the barest: "the london borough of x council" down to "x". An
/// abbreviation in brackets is left out where the name with it is unknown.
pub(super) fn readings(given: &str) -> Vec<String> {
    let mut readings = without_titles(given);
    if let Some((before, rest)) = given.split_once('(')
        && let Some((_, after)) = rest.split_once(')')
    {
        readings.extend(without_titles(&format!("{before} {after}")));
    }
    readings
}

fn without_titles(given: &str) -> Vec<String> {
    let whole = normalise(given);
    let words: Vec<&str> = whole.split(' ').collect();
    let is_of = |list: &str, word: &str| list.split(' ').any(|title| title == word);
    let leading = words.iter().take_while(|word| is_of(TITLES, word) || is_of(BEFORE, word)).count();
    let trailing = words.iter().rev().take_while(|word| is_of(TITLES, word) || is_of(AFTER, word)).count();
    let mut windows: Vec<(usize, usize)> = (0..=leading)
        .flat_map(|start| (0..=trailing).map(move |cut| (start, cut)))
        .filter(|(start, cut)| start + cut < words.len())
        .collect();
    windows.sort_by_key(|(start, cut)| (start + cut, *cut));
    windows.into_iter().map(|(start, cut)| words[start..words.len() - cut].join(" ")).collect()
}

/// The barest reading: what is compared when no name fits.
pub(super) fn core(given: &str) -> String {
    readings(given).pop().unwrap_or_else(|| normalise(given))
}

/// How alike two normalised names are, from 0 to 1.
pub(super) fn name_similarity(wanted: &str, name: &str) -> f64 {
    let by_letters = strsim::normalized_damerau_levenshtein(wanted, name);
    let shares_a_word = wanted.split(' ').any(|word| word.len() >= 4 && name.split(' ').any(|other| other == word));
    let starts_alike = wanted.len() >= 4 && name.starts_with(wanted);
    let by_words = if starts_alike {
        0.8
    } else if shares_a_word {
        0.7
    } else {
        0.0
    };
    by_letters.max(by_words)
}
