//! From the text of a codebook to its validated form.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use sha2::{Digest, Sha256};
use toml::Spanned;

use super::pattern::{Pattern, PatternList};
use super::{Codebook, CodebookError, PolarityWords, Theme, stems};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCodebook {
    version: u32,
    #[serde(default)]
    words: BTreeMap<String, Spanned<String>>,
    polarity: RawPolarity,
    theme: Vec<RawTheme>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPolarity {
    strength: Spanned<String>,
    weakness: Spanned<String>,
    neutral: Spanned<String>,
    early: Option<Spanned<String>>,
    aware: Option<Spanned<String>>,
    contrast: Spanned<String>,
    praise_by_denial: Option<Spanned<String>>,
    blame_by_denial: Option<Spanned<String>>,
    reversal: Option<Spanned<String>>,
    mixed: Option<Spanned<String>>,
    description: Option<Spanned<String>>,
    verdict_good: Option<Spanned<String>>,
    verdict_bad: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTheme {
    id: Spanned<String>,
    group: Spanned<String>,
    label: Spanned<String>,
    definition: Spanned<String>,
    includes: Option<String>,
    excludes: Option<String>,
    #[serde(default)]
    subthemes: Vec<Spanned<String>>,
    sure: Option<Spanned<String>>,
    likely: Option<Spanned<String>>,
    never: Option<Spanned<String>>,
    #[serde(default)]
    subtheme_patterns: BTreeMap<Spanned<String>, Spanned<String>>,
}

const GROUPS: [&str; 4] = ["identify", "meet", "outcomes", "system"];

/// Reads a codebook. One whose lists are known to be valid need not have them compiled before they are used.
pub(super) fn load(text: &str, known_valid: bool) -> Result<Codebook, CodebookError> {
    let raw: RawCodebook = toml::from_str(text).map_err(|e| CodebookError::Toml(e.to_string()))?;
    let loader = Loader { text, words: words(text, &raw.words)?, known_valid };
    if raw.theme.is_empty() {
        return Err(CodebookError::Toml("it has no [[theme]]; add at least one".to_owned()));
    }
    let mut themes: Vec<Theme> = Vec::new();
    for t in &raw.theme {
        let theme = loader.theme(t)?;
        if themes.iter().any(|other| other.id == theme.id) {
            return loader.rule(&t.id, format!("the theme \"{}\" is defined twice; ids must be unique", theme.id));
        }
        themes.push(theme);
    }
    stems::assign(&mut themes);
    let polarity = PolarityWords {
        strength: loader.list(Some(&raw.polarity.strength))?,
        weakness: loader.list(Some(&raw.polarity.weakness))?,
        neutral: loader.list(Some(&raw.polarity.neutral))?,
        early: loader.list(raw.polarity.early.as_ref())?,
        aware: loader.list(raw.polarity.aware.as_ref())?,
        contrast: loader.list(Some(&raw.polarity.contrast))?,
        praise_by_denial: loader.list(raw.polarity.praise_by_denial.as_ref())?,
        blame_by_denial: loader.list(raw.polarity.blame_by_denial.as_ref())?,
        reversal: loader.list(raw.polarity.reversal.as_ref())?,
        mixed: loader.list(raw.polarity.mixed.as_ref())?,
        description: loader.list(raw.polarity.description.as_ref())?,
        verdict_good: loader.list(raw.polarity.verdict_good.as_ref())?,
        verdict_bad: loader.list(raw.polarity.verdict_bad.as_ref())?,
    };
    let digest = Sha256::digest(text.as_bytes());
    let hash = digest.iter().take(6).map(|b| format!("{b:02x}")).collect();
    Ok(Codebook { version: raw.version, hash, themes, polarity })
}

/// The entries of `[words]`, each with the earlier ones inserted.
fn words(text: &str, raw: &BTreeMap<String, Spanned<String>>) -> Result<BTreeMap<String, String>, CodebookError> {
    let mut ordered: Vec<_> = raw.iter().collect();
    ordered.sort_by_key(|(_, v)| v.span().start);
    let mut done = BTreeMap::new();
    for (name, value) in ordered {
        let line = line_of(text, value.span().start);
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase()) {
            return Err(CodebookError::Rule {
                line,
                problem: format!("the name \"{name}\" in [words] must consist of lower-case letters"),
            });
        }
        let expanded = expand(&done, value.get_ref()).map_err(|problem| CodebookError::Rule { line, problem })?;
        done.insert(name.clone(), format!("(?:{expanded})"));
    }
    Ok(done)
}

/// Inserts words for `{name}`; leaves repetitions such as `{0,4}` alone.
fn expand(words: &BTreeMap<String, String>, pattern: &str) -> Result<String, String> {
    let mut out = String::with_capacity(pattern.len() * 2);
    let mut rest = pattern;
    while let Some(open) = rest.find('{') {
        let (before, after) = rest.split_at(open);
        out.push_str(before);
        let Some(close) = after.find('}') else {
            return Err(format!("\"{pattern}\" has a {{ without a }}"));
        };
        let name = &after[1..close];
        let escaped = before.ends_with('\\');
        if !escaped && name.starts_with(|c: char| c.is_ascii_lowercase()) {
            let Some(word) = words.get(name) else {
                let known: Vec<_> = words.keys().map(String::as_str).collect();
                return Err(format!("{{{name}}} is not defined in [words]; defined are: {}", known.join(", ")));
            };
            out.push_str(word);
        } else {
            out.push_str(&after[..=close]);
        }
        rest = &after[close + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.as_bytes()[..offset.min(text.len())].iter().filter(|b| **b == b'\n').count()
}

struct Loader<'t> {
    text: &'t str,
    words: BTreeMap<String, String>,
    known_valid: bool,
}

impl Loader<'_> {
    fn rule<T, S>(&self, at: &Spanned<S>, problem: String) -> Result<T, CodebookError> {
        Err(CodebookError::Rule { line: line_of(self.text, at.span().start), problem })
    }

    fn theme(&self, t: &RawTheme) -> Result<Theme, CodebookError> {
        let id = t.id.get_ref();
        if id.is_empty() || !id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
            return self.rule(&t.id, format!("the id \"{id}\" must consist of lower-case letters, digits and hyphens"));
        }
        let group = t.group.get_ref();
        if !GROUPS.contains(&group.as_str()) {
            return self.rule(&t.group, format!("unknown group \"{group}\"; use one of: {}", GROUPS.join(", ")));
        }
        for (field, value) in [("label", &t.label), ("definition", &t.definition)] {
            if value.get_ref().trim().is_empty() {
                return self.rule(value, format!("the {field} of \"{id}\" is empty; say what the theme covers"));
            }
        }
        if t.sure.is_none() && t.likely.is_none() {
            return self.rule(&t.id, format!("the theme \"{id}\" has no patterns; give it `sure` or `likely`"));
        }
        let subthemes: Vec<String> = t.subthemes.iter().map(|s| s.get_ref().clone()).collect();
        let mut rules: Vec<_> = t.subtheme_patterns.iter().collect();
        rules.sort_by_key(|(k, _)| k.span().start);
        let mut subtheme_patterns = Vec::new();
        for (name, patterns) in rules {
            if !subthemes.contains(name.get_ref()) {
                let problem = format!("\"{}\" is not one of the subthemes of \"{id}\"", name.get_ref());
                return self.rule(name, problem);
            }
            subtheme_patterns.push((name.get_ref().clone(), self.list(Some(patterns))?));
        }
        Ok(Theme {
            id: id.clone(),
            group: group.clone(),
            label: t.label.get_ref().clone(),
            definition: t.definition.get_ref().clone(),
            includes: t.includes.clone(),
            excludes: t.excludes.clone(),
            subthemes,
            sure: self.list(t.sure.as_ref())?,
            likely: self.list(t.likely.as_ref())?,
            never: self.list(t.never.as_ref())?,
            subtheme_patterns,
            stems: BTreeSet::new(),
        })
    }

    /// One pattern a line; empty lines and lines that start with `#` are for the reader.
    fn list(&self, raw: Option<&Spanned<String>>) -> Result<PatternList, CodebookError> {
        let Some(raw) = raw else { return Ok(PatternList::default()) };
        let start = raw.span().start;
        let literal = &self.text[start..];
        let opens_on_next_line = ["'''\n", "\"\"\"\n", "'''\r\n", "\"\"\"\r\n"].iter().any(|o| literal.starts_with(o));
        let first = line_of(self.text, start) + usize::from(opens_on_next_line);
        let mut patterns = Vec::new();
        for (i, source) in raw.get_ref().lines().enumerate() {
            let source = source.trim();
            if source.is_empty() || source.starts_with('#') {
                continue;
            }
            let line = first + i;
            let rule = |problem: String| CodebookError::Rule { line, problem };
            if has_capitals(source) {
                return Err(rule(format!("\"{source}\" has capitals, but text is matched in lower case")));
            }
            let full = expand(&self.words, source).map_err(rule)?;
            let (pattern, empty) = Pattern::new(source, &full, line)
                .map_err(|e| rule(format!("\"{source}\" is not a valid pattern: {}", last_line(&e.to_string()))))?;
            if empty {
                return Err(rule(format!("\"{source}\" matches empty text and would be found everywhere")));
            }
            patterns.push(pattern);
        }
        let list = PatternList::new(patterns);
        if !self.known_valid {
            list.compile().map_err(|e| CodebookError::Rule {
                line: first,
                problem: format!("the list is too large to compile: {}", last_line(&e.to_string())),
            })?;
        }
        Ok(list)
    }
}

/// Whether a pattern has capitals other than in classes such as `\W`.
fn has_capitals(source: &str) -> bool {
    let mut escaped = false;
    source.chars().any(|c| {
        let found = c.is_uppercase() && !escaped;
        escaped = c == '\\' && !escaped;
        found
    })
}

/// The last line of the regex crate's messages tells the reason; those before it draw a picture.
fn last_line(message: &str) -> &str {
    message.lines().last().unwrap_or(message).trim().trim_start_matches("error: ")
}
