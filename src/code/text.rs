//! Text as the patterns read it, and the way back to the text as printed.

/// A text in lower case with straight quotes and plain hyphens, each byte traced to the original.
#[derive(Debug, Clone, Default)]
pub(super) struct Folded {
    /// The folded text.
    pub text: String,
    /// For each byte of the folded text, the byte offset of its character in the original; one more for the end.
    /// Empty where the two have the same offsets.
    origin: Vec<usize>,
}

impl Folded {
    /// Folds a text.
    pub fn new(original: &str) -> Self {
        if original.is_ascii() {
            return Self { text: original.to_ascii_lowercase(), origin: Vec::new() };
        }
        let mut text = String::with_capacity(original.len());
        let mut origin = Vec::with_capacity(original.len() + 1);
        for (at, c) in original.char_indices() {
            match c {
                '\u{2018}' | '\u{2019}' | '\u{02bc}' => text.push('\''),
                '\u{201c}' | '\u{201d}' => text.push('"'),
                '\u{2010}'..='\u{2015}' => text.push('-'),
                '\u{00a0}' | '\u{2009}' | '\u{202f}' => text.push(' '),
                _ => text.extend(c.to_lowercase()),
            }
            origin.resize(text.len(), at);
        }
        origin.push(original.len());
        Self { text, origin }
    }

    /// The part of the original that a span of the folded text stands for.
    pub fn original<'o>(&self, original: &'o str, (start, end): (usize, usize)) -> &'o str {
        if self.origin.is_empty() {
            return original.get(start..end).unwrap_or_default();
        }
        let from = self.origin.get(start).copied().unwrap_or(original.len());
        // The end is where the next character begins.
        let to = self.origin.get(end).copied().unwrap_or(original.len());
        original.get(from..to).unwrap_or_default()
    }
}

/// Blanks out spans, keeping all offsets.
pub(super) fn blank(text: &mut String, spans: impl IntoIterator<Item = (usize, usize)>) {
    for (start, end) in spans {
        if text.is_char_boundary(start) && text.is_char_boundary(end) && start < end {
            text.replace_range(start..end, &"\u{1}".repeat(end - start));
        }
    }
}

/// Whether a sentence begins by pointing back ("This means ...", "As a result ...").
pub(super) fn leans_back(folded: &str) -> bool {
    const OPENERS: [&str; 34] = [
        "this ",
        "these ",
        "they ",
        "it ",
        "their ",
        "those ",
        "such ",
        "as a result",
        "as a consequence",
        "consequently",
        "because of this",
        "for example",
        "for instance",
        "for some",
        "for others",
        "in addition",
        "he ",
        "she ",
        "similarly",
        "therefore",
        "that ",
        "however, this",
        "however, these",
        "however, they",
        "however, it ",
        "however, their",
        "some ",
        "many ",
        "most ",
        "others ",
        "where this",
        "when this",
        "in turn",
        "examples ",
    ];
    OPENERS.iter().any(|o| folded.starts_with(o))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_folded_text_lead_back_to_the_print() {
        let print = "The child\u{2019}s EHC plan \u{2013} İstanbul \u{2013} is late";
        let folded = Folded::new(print);
        let at = folded.text.find("child's ehc").unwrap();
        assert_eq!(folded.original(print, (at, at + "child's ehc plan".len())), "child\u{2019}s EHC plan");
        let at = folded.text.find("is late").unwrap();
        assert_eq!(folded.original(print, (at, at + 7)), "is late");
        assert_eq!(folded.original(print, (0, folded.text.len())), print);
    }
}
