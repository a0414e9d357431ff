//! The requests of readers: every kind of page and endpoint, with areas, themes, letters and searches drawn at random.

use std::net::SocketAddr;

use super::http;

/// Numbers that look random and are the same in every run (Knuth's MMIX generator).
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Self {
        let mut numbers = Self(seed);
        numbers.below(2);
        numbers
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn one<'a>(&mut self, list: &'a [String]) -> &'a str {
        &list[self.below(list.len())]
    }

    fn word<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

/// Kinds of pages, with how often each is asked for.
const KINDS: [(&str, usize); 32] = [
    ("home", 6),
    ("areas", 2),
    ("area, neighbours", 6),
    ("area, region", 2),
    ("area, type", 2),
    ("area, all", 2),
    ("area, filtered", 2),
    ("briefing", 4),
    ("themes", 3),
    ("themes, filtered", 2),
    ("theme", 6),
    ("theme, filtered", 2),
    ("findings", 2),
    ("findings, filtered", 6),
    ("findings, text", 6),
    ("findings, text and filter", 4),
    ("findings, a common word", 2),
    ("letters", 2),
    ("letters, filtered", 2),
    ("letter", 8),
    ("finding", 2),
    ("map", 2),
    ("map of a theme", 2),
    ("about", 2),
    ("codebook and API", 2),
    ("feeds", 2),
    ("API: areas, area", 2),
    ("API: peers", 2),
    ("API: letters, letter", 3),
    ("API: findings", 2),
    ("API: search", 2),
    ("API: themes, status, changes", 2),
];

const WORDS: &[&str] = &[
    "therapy",
    "transition",
    "adulthood",
    "autism",
    "attendance",
    "commissioning",
    "tribunal",
    "training",
    "strategy",
    "wheelchair",
    "hydrotherapy",
    "epilepsy",
    "portage",
    "advocacy",
    "respite",
    "audiology",
    "continence",
];
const COMMON: &[&str] = &["children", "services", "support", "plans"];
const REGIONS: &[&str] = &["London", "South%20East", "North%20West", "West%20Midlands", "East%20of%20England"];
const POLARITIES: &[&str] = &["strength", "weakness", "neutral"];
const MEASURES: &[&str] = &["flagged", "weakness", "strength"];
const ROLES: &[&str] = &["significant_weakness", "area_for_improvement", "priority_action", "narrative"];

/// What requests can name: the areas, themes, letters and findings of the dataset.
pub struct Addresses {
    areas: Vec<String>,
    themes: Vec<String>,
    letters: Vec<String>,
    findings: Vec<String>,
}

impl Addresses {
    /// Asks the service for its codes and ids.
    pub fn of(at: SocketAddr) -> Self {
        let list = |path: &str, field: &str| -> Vec<String> {
            let answer = http::get(at, path).json();
            let items = answer["items"].as_array().unwrap_or_else(|| panic!("{path}: {answer}"));
            items.iter().map(|item| item[field].as_str().unwrap().to_owned()).collect()
        };
        Self {
            areas: list("/api/v1/areas?limit=1000", "la_code"),
            themes: list("/api/v1/codebook?limit=1000", "id"),
            letters: (0..15)
                .flat_map(|n| list(&format!("/api/v1/letters?limit=1000&offset={}", n * 1000), "id"))
                .collect(),
            findings: list("/api/v1/findings?limit=1000", "id"),
        }
    }

    /// Draws the kind and the address of the next request.
    pub fn next(&self, numbers: &mut Numbers) -> (&'static str, String) {
        let mut place = numbers.below(KINDS.iter().map(|(_, weight)| weight).sum());
        let kind = KINDS
            .iter()
            .find(|(_, weight)| {
                let found = place < *weight;
                place = place.saturating_sub(*weight);
                found
            })
            .map_or("home", |(kind, _)| *kind);
        (kind, self.address(kind, numbers))
    }

    fn address(&self, kind: &str, n: &mut Numbers) -> String {
        let (area, theme) = (n.one(&self.areas), n.one(&self.themes));
        match kind {
            "home" => "/".to_owned(),
            "areas" => "/areas".to_owned(),
            "area, neighbours" => format!("/areas/{area}"),
            "area, region" => format!("/areas/{area}?basis=region"),
            "area, type" => format!("/areas/{area}?basis=type"),
            "area, all" => format!("/areas/{area}?basis=all"),
            "area, filtered" => format!("/areas/{area}?framework=2023&since={}-01-01", 2023 + n.below(3)),
            "briefing" => format!("/areas/{area}/briefing"),
            "themes" => format!("/themes?measure={}", n.word(MEASURES)),
            "themes, filtered" => format!("/themes?region={}&since=20{}-01-01", n.word(REGIONS), 16 + n.below(10)),
            "theme" => format!("/themes/{theme}?measure={}", n.word(MEASURES)),
            "theme, filtered" => format!("/themes/{theme}?region={}", n.word(REGIONS)),
            "findings" => format!("/findings?page={}", 1 + n.below(20)),
            "findings, filtered" => match n.below(3) {
                0 => format!("/findings?theme={theme}&page={}", 1 + n.below(3)),
                1 => format!("/findings?theme={theme}&polarity={}&region={}", n.word(POLARITIES), n.word(REGIONS)),
                _ => format!("/findings?area={area}&role={}", n.word(ROLES)),
            },
            "findings, text" => format!("/findings?q={}+{}", n.word(WORDS), n.word(WORDS)),
            "findings, text and filter" => {
                format!("/findings?q={}&theme={theme}&polarity={}", n.word(WORDS), n.word(POLARITIES))
            }
            "findings, a common word" => format!("/findings?q={}&page={}", n.word(COMMON), 1 + n.below(3)),
            "letters" => format!("/letters?page={}", 1 + n.below(40)),
            "letters, filtered" => {
                format!("/letters?region={}&framework=2023&page={}", n.word(REGIONS), 1 + n.below(5))
            }
            "letter" => format!("/letters/{}", n.one(&self.letters)),
            "finding" => format!("/findings/{}", n.one(&self.findings)),
            "map" => "/map".to_owned(),
            "map of a theme" => format!("/map?show={theme}"),
            "about" => "/about".to_owned(),
            "codebook and API" => n.word(&["/about/codebook", "/api"]).to_owned(),
            "feeds" => match n.below(3) {
                0 => "/feeds/letters.atom".to_owned(),
                1 => format!("/feeds/areas/{area}.atom"),
                _ => format!("/feeds/themes/{theme}.atom"),
            },
            "API: areas, area" => {
                if n.below(2) == 0 {
                    "/api/v1/areas".to_owned()
                } else {
                    format!("/api/v1/areas/{area}")
                }
            }
            "API: peers" => format!("/api/v1/areas/{area}/peers"),
            "API: letters, letter" => match n.below(2) {
                0 => format!("/api/v1/letters?offset={}", n.below(1000) * 20),
                _ => format!("/api/v1/letters/{}", n.one(&self.letters)),
            },
            "API: findings" => format!("/api/v1/findings?theme={theme}&offset={}", n.below(10) * 100),
            "API: search" => format!("/api/v1/search?q={}+{}", n.word(WORDS), n.word(WORDS)),
            _ => n.word(&["/api/v1/themes", "/api/v1/themes?by=year", "/api/v1/status", "/api/v1/changes"]).to_owned(),
        }
    }
}
