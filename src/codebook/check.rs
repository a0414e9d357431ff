//! Advice on a codebook that loads, for the person who edits it.

use super::Codebook;

/// Something that its author should look at.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Advice {
    /// Line of the file, from 1.
    pub line: usize,
    /// What was noticed.
    pub message: String,
}

/// Looks for patterns that are repeated within a theme or claimed by two themes as `sure`.
#[must_use]
pub fn check(codebook: &Codebook) -> Vec<Advice> {
    let mut advice = Vec::new();
    let mut seen: Vec<(&str, &str, usize)> = Vec::new();
    for theme in codebook.themes() {
        for pattern in theme.sure.patterns().iter().chain(theme.likely.patterns()) {
            if let Some((_, other, line)) = seen.iter().find(|(source, _, _)| *source == pattern.source) {
                let message = if *other == theme.id {
                    format!("\"{}\" is already in line {line}", pattern.source)
                } else {
                    format!("\"{}\" also stands under \"{other}\" (line {line}); a text will get both", pattern.source)
                };
                advice.push(Advice { line: pattern.line, message });
            } else {
                seen.push((&pattern.source, &theme.id, pattern.line));
            }
        }
        for subtheme in &theme.subthemes {
            if !theme.subtheme_patterns.iter().any(|(id, _)| id == subtheme) {
                let line = theme.sure.patterns().first().or(theme.likely.patterns().first()).map_or(1, |p| p.line);
                let message =
                    format!("the subtheme \"{subtheme}\" of \"{}\" has no patterns and is never given", theme.id);
                advice.push(Advice { line, message });
            }
        }
    }
    advice
}
