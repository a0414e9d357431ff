//! Text for files that spreadsheet programs open.

use std::borrow::Cow;

/// Text that no spreadsheet program takes for a formula: what begins like one gets an apostrophe before it.
#[must_use]
pub fn without_formula(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}").into() } else { text.into() }
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
