//! robots.txt as RFC 9309 describes it, with Crawl-delay.
//!
//! The group that names us is used, else the group for `*`. Within it the longest matching rule decides, and
//! `Allow` wins a tie. Lines that can't be understood are passed over, as the standard asks.

use std::time::Duration;

/// The name by which site owners address us in robots.txt.
pub(crate) const PRODUCT: &str = "sendlens";

/// The rules of one robots.txt that apply to us.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Robots {
    rules: Vec<Rule>,
    crawl_delay: Option<Duration>,
}

#[derive(Debug, Clone, PartialEq)]
struct Rule {
    allow: bool,
    /// Path pattern with percent-encoding made uniform; `*` stands for anything.
    pattern: String,
    /// Whether the pattern must reach the end of the path.
    anchored: bool,
}

#[derive(Default)]
struct Group {
    agents: Vec<String>,
    rules: Vec<Rule>,
    crawl_delay: Option<Duration>,
}

impl Robots {
    /// Reads a robots.txt; a text without rules allows everything.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        let mut naming = false;
        for line in text.trim_start_matches('\u{feff}').lines() {
            let line = line.split('#').next().unwrap_or_default();
            let Some((field, value)) = line.split_once(':') else { continue };
            let (field, value) = (field.trim().to_ascii_lowercase(), value.trim());
            if field == "user-agent" {
                // Names that follow each other share one group.
                if !naming {
                    groups.push(Group::default());
                }
                naming = true;
                if let Some(group) = groups.last_mut() {
                    group.agents.push(product_token(value));
                }
                continue;
            }
            let Some(group) = groups.last_mut() else { continue };
            match field.as_str() {
                "allow" | "disallow" => {
                    naming = false;
                    if !value.is_empty() {
                        group.rules.push(Rule::new(field == "allow", value));
                    }
                }
                "crawl-delay" => {
                    naming = false;
                    let seconds = value.parse::<f64>().ok().filter(|s| s.is_finite() && *s >= 0.0);
                    group.crawl_delay = seconds.and_then(|s| Duration::try_from_secs_f64(s).ok());
                }
                _ => {}
            }
        }
        let named = groups.iter().any(|group| group.agents.iter().any(|agent| agent == PRODUCT));
        let wanted = if named { PRODUCT } else { "*" };
        let mut robots = Self::default();
        for group in groups.into_iter().filter(|group| group.agents.iter().any(|agent| agent == wanted)) {
            robots.rules.extend(group.rules);
            robots.crawl_delay = robots.crawl_delay.max(group.crawl_delay);
        }
        robots
    }

    /// Whether we may fetch this path; `path` includes the query.
    #[must_use]
    pub fn allows(&self, path: &str) -> bool {
        let path = uniform(path);
        if path == "/robots.txt" {
            return true;
        }
        self.rules
            .iter()
            .filter(|rule| rule.matches(&path))
            .max_by_key(|rule| (rule.pattern.len(), rule.allow))
            .is_none_or(|rule| rule.allow)
    }

    /// The pause that the site asks for between two requests.
    #[must_use]
    pub fn crawl_delay(&self) -> Option<Duration> {
        self.crawl_delay
    }
}

/// The part of a User-agent line that is compared: letters, `-` and `_`, in lower case, or `*`.
fn product_token(value: &str) -> String {
    if value.starts_with('*') {
        return "*".to_owned();
    }
    value.chars().take_while(|c| c.is_ascii_alphabetic() || matches!(c, '-' | '_')).collect::<String>().to_lowercase()
}

impl Rule {
    fn new(allow: bool, value: &str) -> Self {
        let (pattern, anchored) = value.strip_suffix('$').map_or((value, false), |rest| (rest, true));
        Self { allow, pattern: uniform(pattern), anchored }
    }

    /// Matches piece by piece between the stars, each at its first possible place; no backtracking is needed,
    /// except that the last piece of an anchored pattern must stand at the end.
    fn matches(&self, path: &str) -> bool {
        let mut pieces = self.pattern.split('*');
        let Some(mut rest) = pieces.next().and_then(|first| path.strip_prefix(first)) else { return false };
        let mut pieces = pieces.peekable();
        if pieces.peek().is_none() {
            return !self.anchored || rest.is_empty();
        }
        while let Some(piece) = pieces.next() {
            if self.anchored && pieces.peek().is_none() {
                return rest.ends_with(piece);
            }
            match rest.find(piece) {
                Some(at) => rest = rest.get(at + piece.len()..).unwrap_or_default(),
                None => return false,
            }
        }
        true
    }
}

/// One spelling for a path: what need not be percent-encoded is decoded, all else is encoded in capitals.
fn uniform(path: &str) -> String {
    use std::fmt::Write as _;
    let bytes = path.as_bytes();
    let mut out = String::with_capacity(path.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = bytes.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        let decoded = hex.filter(|_| byte == b'%').and_then(|pair| u8::from_str_radix(pair, 16).ok());
        at += if decoded.is_some() { 3 } else { 1 };
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
        match decoded {
            Some(b) if plain(b) => out.push(char::from(b)),
            Some(b) => _ = write!(out, "%{b:02X}"),
            None if byte.is_ascii_graphic() => out.push(char::from(byte)),
            None => _ = write!(out, "%{byte:02X}"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_rule_decides_and_allow_wins_a_tie() {
        let robots = Robots::parse("User-agent: *\nDisallow: /a\nAllow: /a/b\nDisallow: /c\nAllow: /c\n");
        assert!(!robots.allows("/a/x"));
        assert!(robots.allows("/a/b/c"));
        assert!(robots.allows("/c"));
        assert!(robots.allows("/"));
    }

    #[test]
    fn our_own_group_replaces_the_general_one() {
        let text = "User-agent: other\nUser-agent: SendLens/9\nDisallow: /x # no\nCrawl-delay: 2.5\n\n\
                    User-agent: *\nDisallow: /\nCrawl-delay: 9\n";
        let robots = Robots::parse(text);
        assert!(robots.allows("/y"));
        assert!(!robots.allows("/x"));
        assert_eq!(robots.crawl_delay(), Some(Duration::from_millis(2500)));
    }

    #[test]
    fn groups_for_the_same_name_are_joined() {
        let robots =
            Robots::parse("User-agent: *\nDisallow: /x\nUser-agent: q\nAllow: /\nUser-agent: *\nDisallow: /y\n");
        assert!(!robots.allows("/x") && !robots.allows("/y") && robots.allows("/z"));
    }

    #[test]
    fn stars_and_ends_are_understood() {
        let robots = Robots::parse("User-agent: *\nDisallow: /*.pdf$\nDisallow: /s?*q=\nDisallow: /end$\n");
        assert!(!robots.allows("/a/b.pdf"));
        assert!(robots.allows("/a/b.pdf?x"));
        assert!(!robots.allows("/s?a=1&q=2"));
        assert!(robots.allows("/s?a=1"));
        assert!(!robots.allows("/end") && robots.allows("/ending"));
    }

    #[test]
    fn percent_encoding_is_made_uniform() {
        let robots = Robots::parse("User-agent: *\nDisallow: /caf\u{e9}\nDisallow: /%7Ejo\nDisallow: /x[]\n");
        assert!(!robots.allows("/caf%c3%a9"));
        assert!(!robots.allows("/~jo/"));
        assert!(!robots.allows("/x[]"));
    }

    #[test]
    fn a_text_that_is_no_robots_txt_allows_everything() {
        assert!(Robots::parse("<!doctype html><p>Disallow: /</p>").allows("/a"));
        assert!(Robots::parse("").allows("/a"));
        assert!(Robots::parse("User-agent: *\nDisallow:\n").allows("/a"));
        assert_eq!(Robots::parse("User-agent: *\nCrawl-delay: NaN").crawl_delay(), None);
    }
}
