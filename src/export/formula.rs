//! Text for files that spreadsheet programs open.

use std::borrow::Cow;

/// What a formula begins with; the wide signs are those of East Asian keyboards, which some programs take for the others.
const STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// Text that no spreadsheet program takes for a formula: what begins like one gets an apostrophe before it.
#[must_use]
pub fn without_formula(text: &str) -> Cow<'_, str> {
    if text.starts_with(STARTS) { format!("'{text}").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::without_formula;

    #[test]
    fn text_never_becomes_a_formula() {
        assert_eq!(
            ["=1+1", "+a", "-b", "@c", "d-e"].map(|text| without_formula(text).into_owned()),
            ["'=1+1", "'+a", "'-b", "'@c", "d-e"]
        );
    }
}
