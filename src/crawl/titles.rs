//! Which publications may be SEND letters, by title alone.
//!
//! A provider's page mixes programmes, and the titles of SEND letters vary over the years, so the rule is loose: a
//! title that speaks of SEND is wanted, a title that clearly names another programme is not, and everything between
//! is fetched. What a document is, the document itself decides.

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
    r"\bprivate fostering\b",
    r"\b(adult|community) learning\b",
];

/// Words by which a title is wanted whatever else it says.
const SEND: &str = r"(?i)\bSENDs?\b|\bSEN\b|special educational|disabilit";

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
        ] {
            assert!(!rule.wants(Some(title)), "{title}");
        }
    }

    #[test]
    fn a_required_pattern_alone_decides() {
        let rule = TitleRule::new(OTHER_PROGRAMMES, Some("(?i)letter")).unwrap();
        assert!(rule.wants(Some("Children's services letter")));
        assert!(!rule.wants(Some("SEND guide")));
    }
}
