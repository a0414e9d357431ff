//! Which publications may be SEND letters, by title alone.
//!
//! A provider's page mixes programmes, and the titles of SEND letters vary over the years, so the rule is loose: a
//! title that speaks of SEND is wanted, a title that clearly names another programme is not, and everything between
//! is fetched. What a document is, the document itself decides.

use std::sync::LazyLock;

use regex::{Regex, RegexSet, RegexSetBuilder};

/// Titles of other programmes that need not be fetched, as case-insensitive regular expressions.
pub const OTHER_PROGRAMMES: &[&str] = &[
    r"children.?s (social care )?services",
    r"\bILACS\b",
    r"\bjoint targeted area\b",
    r"\bJTAI\b",
    r"\bfocused visit\b",
    r"\bassurance (visit|inspection)\b",
    r"\b(fostering|adoption)\b",
    r"\b(local authority|children.?s) (arrangements for )?(safeguarding|school improvement)\b",
    r"\bsafeguarding and looked.after\b",
    r"\bschool improvement\b",
    r"\b(annual (performance|children.?s services) (assessment|rating))\b",
    r"\bunannounced inspection of contact\b",
    r"\bchild protection\b",
    r"\bchildren in need of help and protection\b",
    r"\bmulti.agency (safeguarding|response|child protection)\b",
    r"\b(safeguarding|LSCB) (inspection|review)\b",
    r"\blocal safeguarding children board\b",
    r"\bjoint area review\b",
    r"\bsingle inspection framework\b",
    r"\byouth (offending|justice)\b",
    r"\bchildren.?s homes?\b",
    r"\bprivate fostering\b",
    r"\b(adult|community) learning\b",
];

/// Words by which a title is wanted whatever else it says.
const SEND: &str = r"(?i)\bSENDs?\b|\bSEN\b|special educational|disabilit";

/// A title that says of a document that it is a SEND inspection letter, in either order of its words.
static SEND_LETTER: LazyLock<Regex> = LazyLock::new(|| {
    let (send, event) =
        (r"\b(SEND|special educational needs)\b", r"\b(inspection|re-?visit|re-?inspection|monitoring)\b");
    constant(&format!("(?i){send}.*{event}|{event}.*{send}"))
});

/// What is published around inspections and speaks of them in its title.
static ABOUT_LETTERS: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?i)\b(thematic|interim|statement of action|action plans?|framework|handbook|guid(e|ance)|school|academy|college)\b",
    )
});

#[expect(clippy::expect_used, reason = "constants of the program, which the tests below compile")]
fn constant(pattern: &str) -> Regex {
    Regex::new(pattern).expect("valid pattern")
}

/// Whether a title says that its document is a SEND inspection, revisit or monitoring letter. Such a document must not
/// be set aside in silence.
#[must_use]
pub fn names_send_letter(title: &str) -> bool {
    SEND_LETTER.is_match(title) && !ABOUT_LETTERS.is_match(title)
}

/// Decides by title whether a publication is fetched.
#[derive(Debug, Clone)]
pub struct TitleRule {
    others: RegexSet,
    /// Must match where given; a general source often has a page with documents of all kinds.
    required: Option<Regex>,
    send: Regex,
}

impl TitleRule {
    /// A rule that leaves out titles which match one of the patterns and do not speak of SEND, and, where
    /// `required` is given, all titles that do not match it.
    ///
    /// # Errors
    /// A pattern is no regular expression.
    pub fn new<S: AsRef<str>>(
        others: impl IntoIterator<Item = S>,
        required: Option<&str>,
    ) -> Result<Self, regex::Error> {
        Ok(Self {
            others: RegexSetBuilder::new(others).case_insensitive(true).build()?,
            required: required.map(Regex::new).transpose()?,
            send: Regex::new(SEND)?,
        })
    }

    /// Whether a publication with this title is fetched. One without a title is: nothing speaks against it.
    #[must_use]
    pub fn wants(&self, title: Option<&str>) -> bool {
        let Some(title) = title else { return true };
        if let Some(required) = &self.required {
            return required.is_match(title);
        }
        self.send.is_match(title) || !self.others.is_match(title)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn send_titles_of_all_years_are_wanted() {
        let rule = TitleRule::new(OTHER_PROGRAMMES, None).unwrap();
        for title in [
            "Area SEND full inspection",
            "Joint area SEND inspection",
            "Joint local area SEND revisit",
            "Area SEND monitoring inspection",
            "Local area SEND inspection: outcome letter",
            "SEND revisit",
            "Inspection of services for children with special educational needs and/or disabilities",
            "Special educational needs and disabilities: children's services",
            "Full inspection",
            "Report",
            "",
            "Monitoring inspection",
            "Local area partnership report",
            "Outcome letter",
        ] {
            assert!(rule.wants(Some(title)), "{title}");
        }
        assert!(rule.wants(None));
    }

    #[test]
    fn other_programmes_are_not() {
        let rule = TitleRule::new(OTHER_PROGRAMMES, None).unwrap();
        for title in [
            "Inspection of local authority children's services",
            "Children\u{2019}s services focused visit",
            "ILACS standard inspection",
            "Joint targeted area inspection of the multi-agency response",
            "JTAI: domestic abuse",
            "Local authority fostering inspection",
            "Assurance visit",
            "Safeguarding and looked after children inspection",
            "Joint area child protection inspection",
            "Inspection of services for children in need of help and protection",
            "Joint area review",
            "Inspection of youth offending services",
        ] {
            assert!(!rule.wants(Some(title)), "{title}");
        }
    }

    #[test]
    fn a_title_can_say_that_its_document_is_a_send_letter() {
        for title in [
            "Area SEND full inspection",
            "Joint area SEND revisit in Thornwick",
            "Area SEND monitoring inspection",
            "Inspection of local area special educational needs and/or disabilities provision",
            "Re-visit: local area SEND",
        ] {
            assert!(names_send_letter(title), "{title}");
        }
        for title in [
            "Report",
            "SEND",
            "Local area inspection",
            "SEND thematic visit",
            "Area SEND inspection: written statement of action",
            "SEND inspection framework",
            "Inspection of a special school for pupils with SEND",
            "Please send us your inspector's monitor",
        ] {
            assert!(!names_send_letter(title), "{title}");
        }
    }

    #[test]
    fn a_required_pattern_alone_decides() {
        let rule = TitleRule::new(OTHER_PROGRAMMES, Some("(?i)letter")).unwrap();
        assert!(rule.wants(Some("Children's services letter")));
        assert!(!rule.wants(Some("SEND guide")));
    }
}
