//! Lists of patterns: tried together, told apart only where one is found.

use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};

/// One line of a list of patterns.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// The line as written, for messages and explanations.
    pub source: String,
    /// Line of the file, from 1.
    pub line: usize,
    expanded: String,
    /// Compiled when it is first needed: most patterns never are, because their list is not found.
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// Gives the pattern, and whether it can match no text at all, and so would be found everywhere.
    pub(super) fn new(source: &str, expanded: &str, line: usize) -> Result<(Self, bool), Box<regex_syntax::Error>> {
        let least = regex_syntax::parse(expanded)?.properties().minimum_len();
        let pattern = Self { source: source.to_owned(), line, expanded: expanded.to_owned(), regex: OnceLock::new() };
        Ok((pattern, least == Some(0)))
    }

    /// Where it is first found, as byte offsets.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<(usize, usize)> {
        // What is no valid pattern was refused when the list was loaded.
        let regex = self.regex.get_or_init(|| compile(&self.expanded).ok());
        regex.as_ref()?.find(text).map(|m| (m.start(), m.end()))
    }
}

/// Compiles patterns between word boundaries. Classes such as `\w` are those of ASCII, as the text is folded first:
/// the automata are many times smaller and faster. Only a pattern that needs every character (`.`) gets Unicode's.
fn compile(expanded: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(&format!(r"\b(?:{expanded})\b"))
        .unicode(false)
        .build()
        .or_else(|_| Regex::new(&format!(r"(?-u:\b)(?:{expanded})(?-u:\b)")))
}

/// Patterns that belong together.
#[derive(Debug, Clone, Default)]
pub struct PatternList {
    patterns: Vec<Pattern>,
    /// All of them in one, compiled when it is first needed.
    any: OnceLock<Option<Regex>>,
}

impl PatternList {
    pub(super) fn new(patterns: Vec<Pattern>) -> Self {
        Self { patterns, any: OnceLock::new() }
    }

    /// Compiles the list now, so that one that is too large is refused.
    pub(super) fn compile(&self) -> Result<(), regex::Error> {
        let any = self.together()?;
        self.any.get_or_init(|| any);
        Ok(())
    }

    fn together(&self) -> Result<Option<Regex>, regex::Error> {
        let all: Vec<&str> = self.patterns.iter().map(|pattern| pattern.expanded.as_str()).collect();
        if all.is_empty() { Ok(None) } else { compile(&all.join("|")).map(Some) }
    }

    fn any(&self) -> Option<&Regex> {
        // A list that can't be compiled was refused when it was loaded, or, in the program's own, by a test.
        self.any.get_or_init(|| self.together().ok().flatten()).as_ref()
    }

    /// The patterns, in the order of the file.
    #[must_use]
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// Whether any pattern is found. Much cheaper than trying each.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.any().is_some_and(|r| r.is_match(text))
    }

    /// The first place where any pattern is found.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<(usize, usize)> {
        self.any().and_then(|r| r.find(text)).map(|m| (m.start(), m.end()))
    }

    /// All places where any pattern is found, without overlaps.
    pub fn find_all<'t>(&'t self, text: &'t str) -> impl Iterator<Item = (usize, usize)> + 't {
        self.any().into_iter().flat_map(|r| r.find_iter(text)).map(|m| (m.start(), m.end()))
    }

    /// The first pattern of the list that is found in the text, and where.
    #[must_use]
    pub fn first(&self, text: &str) -> Option<(usize, &Pattern, (usize, usize))> {
        if !self.is_match(text) {
            return None;
        }
        self.patterns.iter().enumerate().find_map(|(i, p)| p.find(text).map(|span| (i, p, span)))
    }
}
