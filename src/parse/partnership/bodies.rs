//! Local authorities and integrated care boards, from the sentence that says who is responsible and from the details
//! table near the end.
//!
//! The table is often short ("Orme", "Orme ICB"), the sentence gives the proper names; the table knows the council's
//! full style more often. So a council's name comes from the table if it is one, else from the sentence, and a
//! board's name from the sentence, written out, with "NHS" if either place has it.

use std::collections::BTreeMap;

use super::front::record;
use super::parts::{Part, Parts};
use crate::domain::{Block, Evidence, Fact};
use crate::parse::pattern::pattern;
use crate::parse::quote::normalise;
use crate::parse::sentences;
use crate::parse::tidy::ends_complete;
use crate::parse::view::View;
use crate::reference::Reference;

/// The bodies responsible for an area.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Bodies {
    /// Local authorities.
    pub local_authorities: Vec<String>,
    /// Integrated care boards.
    pub health_bodies: Vec<String>,
}

pattern! {
    RESPONSIBLE = r"(?i)\s(?:(?:are|is|share|hold|have)\s+(?:both\s+|all\s+|jointly\s+|joint\s+)*responsib(?:le|ility)|jointly\s+(?:plan|commission))\b";
    COUNCIL = r"\bCouncil\b(?:\s+of\s+the\s+[A-Z]\w+(?:\s+of\s+[A-Z]\w+)?)?|\bCity\s+of\s+London\s+Corporation\b";
    BOROUGH = r"\b(?P<style>(?:London|Royal)\s+Borough\s+of|City\s+of)\s+(?P<rest>[A-Z][^.;]*)";
    BOARD = r"(?i)\b(?:integrated\s+care\s+boards?|ICBs?)\b(?:\s*\([^)]*\))?";
    PARENTHESIS = r"\s*\([^)]*\)";
    JOINER = r"(?i)^(?:\s|,|;|/|&|\band\b|\bthe\b|\bboth\b|\bwith\b|\balong\b|\balongside\b|\blocal\s+authority\b)+";
    AUTHORITY_HEAD = r"(?i)^local\s+authorit(?:y|ies):?$";
    BOARD_HEAD = r"(?i)^integrated\s+care\s+boards?(?:\s*\(ICBs?\))?:?$|^ICBs?:?$";
    /// The label before a name in a cell.
    NAME_LABEL = r"(?i)^names?\s+of\s+(?:the\s+)?(?:integrated\s+care\s+boards?|ICBs?|local\s+authorit(?:y|ies)|councils?)(?:\s*\([^)]*\))?\s*:\s*";
    NOT_A_NAME = r"(?i)\b(?:director|officer|chief|executive|lead|interim|www\.|https?:|@|road|street|lane|house|floor|square|avenue)\b|www\.|\d";
    PLAIN_AUTHORITY = r"(?i)\s+local\s+authority$";
}

/// Reads the bodies responsible.
#[must_use]
pub fn read(view: &View<'_>, parts: &Parts, reference: &Reference, facts: &mut Vec<Fact>) -> Bodies {
    let sentence = responsible_sentence(view, parts);
    let subject = sentence.as_ref().map_or("", |(subject, _)| subject.as_str());
    let (stated_councils, rest) = councils(subject, reference);
    let stated_boards = boards(&rest);
    let table = details(view, parts);

    let mut bodies = Bodies::default();
    let proper: Vec<String> = table.authorities.iter().filter_map(|a| proper_council(a)).collect();
    let (authorities, from_table) = if !proper.is_empty() && proper.len() >= stated_councils.len() {
        (proper, true)
    } else if stated_councils.is_empty() {
        (table.authorities.clone(), true)
    } else {
        (stated_councils, false)
    };
    let listed: Vec<String> = table.boards.iter().flat_map(|text| table_boards(text)).collect();
    let boards_from_table = stated_boards.len() < listed.len();
    bodies.local_authorities = authorities;
    bodies.health_bodies = boards_named(&stated_boards, &listed);

    let fields = [
        ("local_authorities", bodies.local_authorities.is_empty(), from_table),
        ("health_bodies", bodies.health_bodies.is_empty(), boards_from_table),
    ];
    for (field, empty, from_table) in fields {
        let of_table = table.evidence.get(field);
        let of_sentence = sentence.as_ref().map(|(_, evidence)| evidence);
        if let (false, Some(evidence)) = (empty, if from_table { of_table } else { of_sentence }) {
            record(facts, &[field], evidence);
        }
    }
    bodies
}

/// What stands before "are jointly responsible" in the part about the partnership.
fn responsible_sentence(view: &View<'_>, parts: &Parts) -> Option<(String, Evidence)> {
    let blocks = parts.blocks(view, Part::Information);
    for (position, &(index, block)) in blocks.iter().enumerate() {
        // A paragraph that stops without an end goes on in the next block.
        let cut = !ends_complete(&block.text) && blocks.get(position + 1).is_some_and(|(next, _)| *next == index + 1);
        let running = view.running(index..index + if cut { 2 } else { 1 });
        for range in sentences::split(&running.text) {
            let sentence = &running.text[range.clone()];
            if let Some(found) = RESPONSIBLE.find(sentence) {
                let subject = normalise(&sentence[..found.start()]);
                if BOARD.is_match(&subject) || subject.contains("Council") || subject.contains("Borough") {
                    return Some((subject, running.evidence(range)));
                }
            }
        }
    }
    None
}

/// The councils of a list of bodies, and what is left of it.
fn councils(subject: &str, reference: &Reference) -> (Vec<String>, String) {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut rest = subject.to_owned();
    while let Some(borough) = BOROUGH.captures(&rest) {
        let (Some(whole), Some(tail)) = (borough.get(0), borough.name("rest")) else { break };
        let name = longest_area(tail.as_str(), reference);
        if borough["style"].starts_with("City") && rest[whole.start()..].contains("Council") && !name.1 {
            break;
        }
        let end = tail.start() + name.0;
        found.push((whole.start(), normalise(&rest[whole.start()..end])));
        rest.replace_range(whole.start()..end, &" ".repeat(end - whole.start()));
    }
    while let Some(council) = COUNCIL.find(&rest) {
        let range = council_start(&rest[..council.start()])..council.end();
        found.push((range.start, normalise(&rest[range.clone()])));
        rest.replace_range(range.clone(), &" ".repeat(range.len()));
    }
    found.sort();
    (found.into_iter().map(|(_, name)| name).collect(), rest)
}

/// Where the name begins that ends in "Council": back over capitalised words and what joins them, to the body before.
fn council_start(before: &str) -> usize {
    const JOINING: [&str; 10] = ["and", "&", "of", "upon", "on", "the", "with", "in", "under", "le"];
    const OTHER_BODY: [&str; 6] = ["Council", "Board", "ICB", "(ICB)", "Trust", "NHS"];
    let mut start = before.trim_end().len();
    for word in before.trim_end().rsplit(' ') {
        let bare = word.trim_end_matches([',', ';']);
        let of_name = bare.starts_with(char::is_uppercase) && !OTHER_BODY.contains(&bare) || JOINING.contains(&bare);
        if !of_name {
            break;
        }
        start = start.saturating_sub(word.len() + 1);
    }
    let name = before[start..].trim_start();
    before.len() - name.len() + JOINER.find(name).map_or(0, |j| j.end())
}

/// How much of a text that starts with an area's name is that name: the longest part before an "and" or comma that
/// the reference tables know, else the part before the first. Also whether they know it.
fn longest_area(text: &str, reference: &Reference) -> (usize, bool) {
    let mut ends: Vec<usize> = [" and ", ", ", " & ", " local authority"]
        .iter()
        .flat_map(|joint| text.match_indices(joint).map(|(i, _)| i))
        .collect();
    ends.push(text.len());
    ends.sort_unstable();
    match ends.iter().rev().find(|&&end| reference.resolve(&text[..end]).is_ok()) {
        Some(&end) => (end, true),
        None => (ends[0], false),
    }
}

/// The boards of a list of bodies from which the councils are gone.
fn boards(rest: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut start = 0;
    for end in BOARD.find_iter(rest) {
        let raw = &rest[start..end.end()];
        start = end.end();
        // Other bodies ("Orme Children's Trust") stand between councils and boards; blanks mark where a council was.
        let raw = raw.rsplit("  ").next().unwrap_or(raw);
        let raw = raw.rsplit_once("Trust").map_or(raw, |(_, after)| after);
        // "NHS" opens a board's name, unless it stands at its end ("Orme NHS Integrated Care Board").
        let opening = raw.match_indices("NHS ").map(|(i, _)| i).find(|i| raw.len() - i > end.len() + "NHS ".len());
        let raw = opening.map_or(raw, |i| &raw[i..]);
        let name = full_name(&raw[JOINER.find(raw).map_or(0, |j| j.end())..]);
        if !name.is_empty() {
            found.push(name);
        }
    }
    found
}

/// A board's name written out: "NHS" first, "Integrated Care Board" last, no abbreviation in brackets.
fn full_name(raw: &str) -> String {
    let plain = PARENTHESIS.replace_all(raw, "");
    let plain = BOARD.replace_all(&plain, "");
    let words: Vec<&str> =
        plain.split_whitespace().filter(|w| *w != "NHS").map(|w| if w == "&" { "and" } else { w }).collect();
    let place = words.join(" ");
    let place = place.trim_matches(|c: char| c == ',' || c.is_whitespace());
    if place.is_empty() {
        return String::new();
    }
    let nhs = if plain.split_whitespace().any(|w| w == "NHS") { "NHS " } else { "" };
    format!("{nhs}{place} Integrated Care Board")
}

/// What two spellings of one board's name have in common.
fn key(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty() && *w != "NHS" && *w != "and");
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

fn boards_named(stated: &[String], listed: &[String]) -> Vec<String> {
    let base = if stated.is_empty() || listed.len() > stated.len() { listed } else { stated };
    let mut names: Vec<String> = Vec::new();
    for name in base {
        let same: Vec<&String> = stated.iter().chain(listed).filter(|other| key(other) == key(name)).collect();
        let preferred = same.first().map_or(name, |first| *first);
        let nhs = same.iter().any(|n| n.starts_with("NHS "));
        let full = if nhs && !preferred.starts_with("NHS ") { format!("NHS {preferred}") } else { preferred.clone() };
        if !names.contains(&full) {
            names.push(full);
        }
    }
    names
}

/// The boards in a cell of the details table, where "Integrated Care Board" may be missing.
fn table_boards(text: &str) -> Vec<String> {
    let several = boards(text);
    if several.is_empty() && text.contains("NHS") {
        return vec![full_name(text)];
    }
    several
}

/// A name that says it is a council, without the article.
fn proper_council(name: &str) -> Option<String> {
    let bare = name.strip_prefix("The ").or_else(|| name.strip_prefix("the ")).unwrap_or(name).trim_end_matches('.');
    let proper = ["Council", "Borough of", "Corporation"].iter().any(|word| bare.contains(word));
    (proper && !PLAIN_AUTHORITY.is_match(bare)).then(|| bare.to_owned())
}

/// The first row below the headings of the details table.
#[derive(Debug, Default)]
struct Details {
    authorities: Vec<String>,
    boards: Vec<String>,
    evidence: BTreeMap<&'static str, Evidence>,
}

fn details(view: &View<'_>, parts: &Parts) -> Details {
    let blocks = parts.blocks(view, Part::Details);
    let mut details = Details::default();
    let heads: Vec<(usize, bool, &Block)> = blocks
        .iter()
        .enumerate()
        .filter_map(|(at, (_, block))| {
            let board = BOARD_HEAD.is_match(block.text.trim());
            (board || AUTHORITY_HEAD.is_match(block.text.trim())).then_some((at, board, *block))
        })
        .collect();
    let Some(last_head) = heads.last().map(|(at, ..)| *at) else { return details };
    let in_table = heads.iter().all(|(_, _, block)| block.column.is_some());
    let mut first_row = None;
    for (position, (index, block)) in blocks.iter().enumerate().skip(last_head + 1) {
        let board = if in_table {
            let row = (block.table, block.row);
            if row != *first_row.get_or_insert(row) {
                break;
            }
            heads.iter().rev().find(|(_, _, h)| h.column == block.column).map(|(_, board, _)| *board)
        } else {
            // Without a table, names come in the order of the headings: one line each.
            heads.get(position - last_head - 1).map(|(_, board, _)| *board)
        };
        let text = normalise(&block.text);
        let text = NAME_LABEL.replace(&text, "").into_owned();
        let Some(board) = board.or_else(|| BOARD.is_match(&text).then_some(true)) else { break };
        if NOT_A_NAME.is_match(&text) {
            continue;
        }
        let evidence = view.running(*index..*index + 1);
        let (field, names) = if board {
            ("health_bodies", &mut details.boards)
        } else {
            ("local_authorities", &mut details.authorities)
        };
        names.push(text);
        details.evidence.entry(field).or_insert_with(|| evidence.evidence(0..evidence.text.len()));
    }
    details
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn splits(subject: &str, councils_: &[&str], boards_: &[&str]) {
        let (found, rest) = councils(subject, Reference::bundled());
        assert_eq!(
            (found.as_slice(), boards(&rest).as_slice()),
            (
                &*councils_.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>(),
                &*boards_.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()
            ),
            "{subject}"
        );
    }

    #[test]
    fn councils_and_boards_are_told_apart_although_both_contain_and() {
        splits(
            "Orme County Council and NHS Orme, Venn and Tann Vale Integrated Care Board (ICB)",
            &["Orme County Council"],
            &["NHS Orme, Venn and Tann Vale Integrated Care Board"],
        );
        splits(
            "Orme and Venn Council, the NHS Tann ICB and Orme Children’s Trust",
            &["Orme and Venn Council"],
            &["NHS Tann Integrated Care Board"],
        );
        splits(
            "The London Borough of Orme and the Tann & Venn Integrated Care Board (ICB)",
            &["London Borough of Orme"],
            &["Tann and Venn Integrated Care Board"],
        );
        splits(
            "Orme, Penny and Lune Council, NHS Tann Integrated Care Board (ICB) and NHS Venn Integrated Care Board",
            &["Orme, Penny and Lune Council"],
            &["NHS Tann Integrated Care Board", "NHS Venn Integrated Care Board"],
        );
        splits(
            "Orme City Council, Lune Borough Council and the Herrow and Venn NHS Integrated Care Board",
            &["Orme City Council", "Lune Borough Council"],
            &["NHS Herrow and Venn Integrated Care Board"],
        );
        splits(
            "Stoke-under-Orme City Council and Venn ICB",
            &["Stoke-under-Orme City Council"],
            &["Venn Integrated Care Board"],
        );
        splits(
            "The London Borough of Orme local authority and Venn ICB",
            &["London Borough of Orme"],
            &["Venn Integrated Care Board"],
        );
    }

    #[test]
    fn a_board_is_named_once_and_with_nhs_if_any_place_says_so() {
        let names = |stated: &[&str], listed: &[&str]| {
            let owned = |list: &[&str]| list.iter().map(|s| full_name(s)).collect::<Vec<_>>();
            boards_named(&owned(stated), &owned(listed))
        };
        assert_eq!(names(&["Orme and Venn ICB"], &["NHS Orme & Venn"]), ["NHS Orme and Venn Integrated Care Board"]);
        assert_eq!(
            names(&["NHS Orme, Venn and Tann ICB"], &["Orme, Venn, and Tann ICB"]),
            ["NHS Orme, Venn and Tann Integrated Care Board"]
        );
        assert_eq!(names(&[], &["Orme ICB", "Venn ICB"]), ["Orme Integrated Care Board", "Venn Integrated Care Board"]);
    }
}
