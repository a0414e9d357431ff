//! Councils and health bodies named in the addresses of a letter, and who must submit the written statement.

use crate::domain::{Evidence, Fact};
use crate::parse::partnership::front::record;
use crate::parse::pattern::pattern;
use crate::parse::quote::normalise;
use crate::parse::view::{Running, View};
use crate::reference::Reference;

pattern! {
    /// The word that ends a council's name.
    COUNCIL = r"\b(?:Council|Corporation)\b";
    /// The words that begin the name of a borough that does not call itself a council.
    BOROUGH = r"\b(?:London|Royal)\s+Borough\s+of\b";
    NHS_BODY = r"\bNHS\s+(?P<place>[A-Z][^.;:]{1,110}?)\s+(?P<group>(?i:clinical\s+commissioning\s+groups?|CCGs?|integrated\s+care\s+boards?|ICBs?))\b";
    BODY = r"(?m)(?:^|[,;]\s*|\bfor\s+)(?P<place>(?:[A-Z][\w’'-]*)(?:\s+(?:[A-Z][\w’'-]*|and|&|of|upon|with))*?)\s+(?P<group>Clinical\s+Commissioning\s+Groups?|CCGs?|Integrated\s+Care\s+Boards?|ICBs?)\b";
    RESPONSIBLE = r"(?is)\b(?:determined|decided)\s+that\s+(?P<who>[^.]{3,260}?)\s+(?:is|are|was|were)\s+(?:both\s+|jointly\s+|each\s+)*responsible\s+for\s+(?:the\s+)?(?:submitting|submission|producing|production|preparing|writing)";
    RESPONSIBLE_THEMSELVES = r"(?is)(?:^|[.\n]\s*)(?P<who>(?:the|both)\s[^.\n]{3,200}?)\s+(?:is|are|was|were)\s+(?:both\s+|jointly\s+|each\s+)*responsible\s+for\s+(?:the\s+)?(?:submitting|submission|producing|production|preparing|writing)";
    MUST = r"(?is)(?:^|[.\n]\s*)(?P<who>[^.\n]{3,200}?)\s+(?:is|are)\s+(?:jointly\s+)?required\s+to\s+(?:produce|prepare|write|submit)\b[^.]{0,80}\bstatement\s+of\s+action";
}

/// The bodies of a letter.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Bodies {
    /// Local authorities.
    pub local_authorities: Vec<String>,
    /// Clinical commissioning groups or integrated care boards.
    pub health_bodies: Vec<String>,
}

/// Reads the bodies from everything above the opening and, for health, from the list of copies at the end.
#[must_use]
pub fn read(
    view: &View<'_>,
    opening: usize,
    close: usize,
    la_code: &str,
    reference: &Reference,
    facts: &mut Vec<Fact>,
) -> Bodies {
    let addresses = view.running(0..opening);
    let mut bodies = Bodies::default();
    let (names, evidence) = councils(&addresses, la_code, reference);
    bodies.local_authorities = names;
    if let Some(evidence) = evidence {
        record(facts, &["local_authorities"], &evidence);
    }
    for place in [&addresses, &view.running(opening..close), &view.running(close..view.blocks().len())] {
        let (names, evidence) = health(place);
        if let Some(evidence) = evidence {
            bodies.health_bodies = names;
            record(facts, &["health_bodies"], &evidence);
            break;
        }
    }
    bodies
}

/// The longest wordings around "Council" or "Borough of" that name the letter's area.
fn councils(text: &Running, la_code: &str, reference: &Reference) -> (Vec<String>, Option<Evidence>) {
    let mut names: Vec<String> = Vec::new();
    let mut first = None;
    let is_area = |name: &str| reference.codes_meant(name).contains(&la_code);
    let mut add = |name: String, evidence: Evidence| {
        if !names.iter().any(|other| other.contains(&name)) {
            names.push(name);
            first.get_or_insert(evidence);
        }
    };
    let mut council = false;
    for found in COUNCIL.find_iter(&text.text) {
        let before = &text.text[..found.end()];
        let starts = before.char_indices().filter(|(i, c)| {
            c.is_uppercase()
                && before[..*i].chars().next_back().is_none_or(|p| !p.is_alphanumeric() && p != '\'' && p != '’')
        });
        let near: Vec<usize> = starts.map(|(i, _)| i).filter(|i| found.end() - i <= 90).collect();
        if let Some(start) = near.into_iter().find(|&start| is_area(&before[start..])) {
            add(normalise(&before[start..]), text.evidence(start..found.end()));
            council = true;
        }
    }
    // A borough is the council's name only where the letter names no council: it is the area's name, too.
    let boroughs = if council { "" } else { &*text.text };
    for found in BOROUGH.find_iter(boroughs) {
        let after = &text.text[found.start()..];
        let limit = after.char_indices().map(|(i, _)| i).nth(90).unwrap_or(after.len());
        let ends: Vec<usize> = after[..limit]
            .char_indices()
            .filter(|(i, c)| *i > found.len() && !c.is_alphanumeric() && *c != '-' && *c != '’')
            .map(|(i, _)| i)
            .chain([limit])
            .collect();
        if let Some(&end) = ends.iter().rev().find(|&&end| is_area(&after[..end])) {
            add(normalise(&after[..end]), text.evidence(found.start()..found.start() + end));
        }
    }
    (names, first)
}

fn health(text: &Running) -> (Vec<String>, Option<Evidence>) {
    let mut names: Vec<String> = Vec::new();
    let mut first = None;
    for (pattern, nhs) in [(&*NHS_BODY, "NHS "), (&*BODY, "")] {
        for found in pattern.captures_iter(&text.text) {
            // Each line of a list of copies is a name of its own; only names that begin with "NHS" run on.
            let line =
                if nhs.is_empty() { found["place"].rsplit('\n').next().unwrap_or_default() } else { &found["place"] };
            let place = normalise(line);
            let generic = ["Director", "Officer", "The", "Area", "Local", "Executive", "Manager", "Chair", "Clinical"];
            if place.split_whitespace().any(|word| generic.contains(&word)) {
                continue;
            }
            let name = format!("{nhs}{place} {}", written_out(&found["group"]));
            if !names.iter().any(|other| other.ends_with(&name)) {
                names.push(name);
                first.get_or_insert_with(|| text.evidence(found.get(0).map_or(0..0, |m| m.range())));
            }
        }
    }
    (names, first)
}

fn written_out(group: &str) -> &'static str {
    let lower = group.to_lowercase();
    match (lower.contains("ccg") || lower.contains("clinical"), lower.ends_with('s')) {
        (true, false) => "Clinical Commissioning Group",
        (true, true) => "Clinical Commissioning Groups",
        (false, false) => "Integrated Care Board",
        (false, true) => "Integrated Care Boards",
    }
}

/// Who must submit the written statement of action, as printed, and the words.
#[must_use]
pub fn responsible(text: &Running) -> Option<(String, Evidence)> {
    let found = [&*RESPONSIBLE, &*RESPONSIBLE_THEMSELVES, &*MUST].into_iter().find_map(|p| p.captures(&text.text))?;
    let (whole, who) = (found.get(0)?, found.name("who")?);
    let start = if whole.as_str().starts_with(char::is_alphanumeric) { whole.start() } else { who.start() };
    Some((normalise(who.as_str()), text.evidence(start..whole.end())))
}

/// The bodies of such a phrase one by one: "the local authority and the area's CCG" are two.
#[must_use]
pub fn one_by_one(who: &str) -> Vec<String> {
    const BODY_STARTS: [&str; 9] = ["the ", "its ", "both ", "NHS ", "all ", "two ", "three ", "The ", "a "];
    let mut parts: Vec<String> = Vec::new();
    let mut rest = who.trim();
    rest = rest.strip_prefix("both ").unwrap_or(rest);
    'parts: loop {
        let joints = [", and ", ", ", " and "];
        let mut at: Vec<(usize, usize)> =
            joints.iter().flat_map(|j| rest.match_indices(j).map(|(i, m)| (i, i + m.len()))).collect();
        at.sort_by_key(|(start, end)| (*start, std::cmp::Reverse(*end)));
        for (start, end) in at {
            if BODY_STARTS.iter().any(|s| rest[end..].starts_with(s)) {
                parts.push(rest[..start].to_owned());
                rest = &rest[end..];
                continue 'parts;
            }
        }
        parts.push(rest.to_owned());
        return parts;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_must_submit_is_read_and_taken_apart() {
        let text = Running::of(
            "HMCI has determined that a written statement of action is required. HMCI has also determined that the \
             local authority and the area’s clinical commissioning group are jointly responsible for submitting it.",
        );
        let (who, _) = responsible(&text).unwrap();
        assert_eq!(who, "the local authority and the area’s clinical commissioning group");
        assert_eq!(one_by_one(&who), ["the local authority", "the area’s clinical commissioning group"]);
        assert_eq!(
            one_by_one("NHS Orme and Venn CCG, NHS Tann CCG and the council"),
            ["NHS Orme and Venn CCG", "NHS Tann CCG", "the council"]
        );
        assert_eq!(one_by_one("the local authority"), ["the local authority"]);
    }

    #[test]
    fn health_bodies_are_named_one_by_one() {
        let text = Running::of(
            "Dr A Orme, Accountable Officer, NHS Orme Coast CCG, NHS Mid Orme CCG and NHS Venn Clinical Commissioning Group\nB Tann, Tann Clinical Commissioning Group",
        );
        let (names, _) = health(&text);
        assert_eq!(
            names,
            [
                "NHS Orme Coast Clinical Commissioning Group",
                "NHS Mid Orme Clinical Commissioning Group",
                "NHS Venn Clinical Commissioning Group",
                "Tann Clinical Commissioning Group"
            ]
        );
        let copies = Running::of("cc: Department for Education\nOrme and Venn Clinical Commissioning Group");
        assert_eq!(health(&copies).0, ["Orme and Venn Clinical Commissioning Group"]);
    }
}
