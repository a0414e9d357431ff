//! Who is to act, where an area for improvement says it in its own words and not in a column beside it.

use crate::parse::pattern::pattern;
use crate::parse::quote::normalise;

pattern! {
    SUBJECT = r"(?i)^(?P<subject>[^.:;]{3,180}?),?\s+(?:should|must|needs?\s+to|(?:is|are)\s+required\s+to)\b";
    /// People before the body that they lead.
    LEADERS = r"(?i)^(?:(?:all|senior|area|strategic|local|elected)\s+)*(?:leaders|commissioners|officers|members)\s+(?:at|in|from|of|within|across|for)\s+(?:both\s+)?";
    /// Those who lead the body that stands before them.
    OF_BODY = r"(?i)['’]?\s+(?:leaders|commissioners|officers)$";
    ARTICLE = r"^(?:The|the)\s+";
    /// What a body that can be held to account is called.
    BODY = r"\b(?:[Cc]ouncils?|Corporation|ICBs?|CCGs?|[Ii]ntegrated\s+[Cc]are\s+[Bb]oards?|[Tt]rusts?|NHS|[Ll]ocal\s+[Aa]uthorit(?:y|ies)|LA)\b";
}

/// The bodies that an item names as those who are to act ("Leaders at X Council should ...", "The ICB should ...");
/// nothing where it speaks of leaders or the partnership in general.
#[must_use]
pub fn named(item: &str) -> Option<String> {
    let item = normalise(item);
    let subject = SUBJECT.captures(&item)?.name("subject")?.as_str();
    let bodies = &subject[LEADERS.find(subject).map_or(0, |found| found.end())..];
    let bodies = ARTICLE.replace(bodies, "");
    let bodies = OF_BODY.replace(bodies.trim(), "");
    BODY.is_match(&bodies).then(|| bodies.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_named_and_leaders_in_general_are_not() {
        for (item, bodies) in [
            ("Leaders at Orme Council should cut the time that plans take.", "Orme Council"),
            ("The ICB should make sure that waits are shorter.", "ICB"),
            (
                "NHS Orme and Venn Integrated Care Board must commission a service.",
                "NHS Orme and Venn Integrated Care Board",
            ),
            ("Local authority leaders need to develop their offer.", "Local authority"),
            ("Senior leaders in the local authority and the ICB should work together.", "local authority and the ICB"),
        ] {
            assert_eq!(named(item).as_deref(), Some(bodies), "{item}");
        }
        for item in [
            "Leaders should work with the council to improve plans.",
            "Leaders across the partnership should improve plans.",
            "The local area partnership should improve plans.",
            "Leaders across education, health and social care should improve plans.",
        ] {
            assert_eq!(named(item), None, "{item}");
        }
    }
}
