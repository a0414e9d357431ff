//! Documents that are no SEND letters, told apart by their own words.
//!
//! Provider pages mix programmes: joint targeted area inspections, inspections of children's services, visits. They
//! share addresses, phrases and the inspectorates' names with SEND letters, so each is known by its own title or
//! opening. What looks like a SEND letter although no format recognised it is *not* set aside: it fails, so that it is
//! seen and not lost.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::joint_area;
use super::pattern::pattern;
use super::view::View;
use crate::domain::{DocumentText, Evidence, SetAside, TextStatus};

/// What a document is called when nothing tells what else it is.
pub const NOT_A_LETTER: &str = "not a SEND inspection letter";

/// What is published around SEND inspections without being a letter of one, as `set_aside` calls it.
pub const IS_ABOUT_SEND: &[&str] = &["thematic report", "interim visit", "area's own statement or plan"];

pattern! {
    /// Words that only SEND letters have in their titles and openings.
    SEND_LETTER = r"(?is)\barea\s+SEND\s+(?:full\s+|monitoring\s+|re-?)?(?:inspection|visit|revisit)\b|\bjoint\s+(?:local\s+)?area\s+(?:SEND\s+|special\s+educational\s+needs.{0,40}?\s)(?:inspection|re-?visit)|\b(?:inspection|re-?visit)\s+of\s+(?:the\s+)?(?:local\s+)?(?:area.{0,40}\s)?special\s+educational\s+needs|\bimplementing\s+the\s+(?:disability|special\s+educational\s+needs).{0,60}?\breforms\b|\bsufficient\s+progress\b.{0,80}\bsignificant\s+weakness";
    INSPECTORATES = r"(?is)\bofsted\b.*\b(?:care\s+quality\s+commission|CQC)\b|\b(?:care\s+quality\s+commission|CQC)\b.*\bofsted\b";
    /// A title by which a document names itself as a SEND letter.
    OWN_TITLE = r"(?i)^(?:report\s+(?:of|on)\s+(?:the\s+)?)?(?:joint\s+(?:local\s+)?area\s+SEND\s+(?:inspection|re-?visit)|joint\s+(?:local\s+)?area\s+(?:inspection|re-?visit)\s+of\s+(?:SEND|special\s+educational\s+needs)|(?:local\s+)?area\s+SEND\s+(?:(?:full|monitoring)\s+)?(?:inspection|re-?visit|monitoring))\b.{2,100}$";
    ADDRESSED = r"(?im)^\s*dear\b|^\s*yours\s+(?:sincerely|faithfully)\b|\blocal\s+area\s+partnership\s+(?:report|details)\b|\barea\s+SEND\s+inspection\s+of\b";
}

/// A programme and the words of a title or opening that show it.
struct Programme {
    what: &'static str,
    pattern: Regex,
}

/// The more particular first.
static PROGRAMMES: LazyLock<Vec<Programme>> = LazyLock::new(|| {
    [
        ("joint targeted area inspection", r"joint\s+targeted\s+(?:area\s+)?inspections?|\bJTAI\b|joint\s+inspection\s+of\s+(?:the\s+)?(?:multi-?agency|(?:early\s+)?response)|multi-agency\s+response\s+to"),
        ("thematic report", r"\bthematic\s+(?:\w+\s+){0,2}(?:reports?|reviews?|visits?|inspections?)\b|\bone-off\s+thematic\b"),
        ("interim visit", r"\b(?:SEND\s+)?interim\s+visits?\b"),
        ("area's own statement or plan", r"\A\W*(?:\S+\s+){0,12}?(?:written\s+statement\s+of\s+action|priority\s+action\s+plan|accelerated\s+progress\s+plan)\b"),
        ("focused visit to children's services", r"\bfocus(?:s)?ed\s+visits?\s+(?:to|of|in)\b|\bfindings\s+of\s+(?:a|the|this)\s+focus(?:s)?ed\s+visit\b"),
        ("monitoring visit to children's services", r"\bmonitoring\s+visits?\s+(?:to|of|in)\b(?:\s+\S+){0,8}?\s+children.s\s+(?:social\s+care\s+)?services|\bmonitoring\s+visit\s+(?:to|of)\b(?:\s+\S+){0,8}?\s+(?:local\s+authority|council)"),
        ("assurance visit to children's services", r"\bassurance\s+visits?\s+(?:to|of|in)\b"),
        ("inspection of children's services", r"\b(?:re-?)?inspection\s+of\s+(?:\S+\s+){0,12}?children(?:.s)?\s+(?:social\s+care\s+)?services|\b(?:re-?)?inspection\s+of\s+(?:\S+\s+){0,6}?services\s+for\s+children\s+in\s+need|\binspection\s+of\s+(?:\S+\s+){0,4}?arrangements\s+for\s+the\s+protection\s+of\s+children|\b(?:safeguarding|looked\s+after\s+children)(?:\s+and\s+(?:looked\s+after\s+children|safeguarding))?(?:\s+services)?\s+inspection|\binspection\s+of\s+(?:\S+\s+){0,4}?safeguarding|\bsingle\s+inspection\s+framework|\breview\s+of\s+the\s+effectiveness\s+of\s+the\s+local\s+safeguarding\s+children\s+board|\bprovision\s+of\s+safeguarding\s+services|\binspection\s+of\s+(?:\S+\s+){0,6}?(?:adoption|fostering)\b|\bannual\s+(?:unannounced\s+)?(?:assessment|inspection)\s+of\s+(?:\S+\s+){0,6}?(?:children.s\s+services|contact)|\bunannounced\s+inspection\s+of\s+contact"),
        ("joint area review", r"\bjoint\s+area\s+review\s+(?:of|report)\b"),
        ("inspection of a school, college or provider", r"\binspection\s+of\s+(?:\S+\s+){0,8}?(?:school|academy|college|nursery|sixth\s+form|children.s\s+home|agency)\b|\bschool\s+inspection\b|\binspection\s+report\s+for\b"),
        ("inspection of local authority arrangements for schools", r"\b(?:school\s+improvement|schools)\s+(?:\S+\s+){0,4}?arrangements\b"),
    ]
    .into_iter()
    .map(|(what, pattern)| {
        #[expect(clippy::expect_used, reason = "constant patterns: a test reads a document through all of them")]
        let pattern = Regex::new(&format!("(?im){pattern}")).expect("valid pattern");
        Programme { what, pattern }
    })
    .collect()
});

/// What a document is that no format recognised; `None` where it may be a SEND letter after all, or cannot be read well
/// enough to say that it is not.
pub(super) fn set_aside(text: &DocumentText, view: &View<'_>) -> Option<SetAside> {
    if looks_like_a_letter(view) {
        return None;
    }
    if let Some((what, evidence)) = programme(view) {
        return Some(SetAside { what: what.to_owned(), evidence });
    }
    if own_title(view) {
        return None;
    }
    let first = view.running(view.first_pages(1));
    let words: Vec<&str> = first.text.split_whitespace().take(20).collect();
    if text.status != TextStatus::Good || words.is_empty() {
        return None;
    }
    let evidence = Evidence { page: first.page_at(0), quote: words.join(" ") };
    Some(SetAside { what: NOT_A_LETTER.to_owned(), evidence })
}

/// The programme that is named first: titles come before what a document says of earlier inspections and visits.
fn programme(view: &View<'_>) -> Option<(&'static str, Evidence)> {
    let text = view.running(top(view));
    let found = PROGRAMMES.iter().filter_map(|p| Some((p.what, p.pattern.find(&text.text)?)));
    // Of programmes named in the same place, the one that is asked first.
    let (what, place) = found.min_by_key(|(_, place)| place.start())?;
    Some((what, text.evidence(place.range())))
}

/// The title and the opening: what stands on the first page, or on two where the first is a mere cover.
fn top(view: &View<'_>) -> Range<usize> {
    const MAX_COVER_BYTES: usize = 900;
    let first = view.first_pages(1);
    if view.running(first.clone()).text.len() < MAX_COVER_BYTES { view.first_pages(2) } else { first }
}

/// Whether a document has the marks of a SEND letter, so that failing to recognise it must not pass unseen.
fn looks_like_a_letter(view: &View<'_>) -> bool {
    let send = view.find(&SEND_LETTER, view.first_pages(2));
    send.is_some()
        && programme(view).is_none()
        && view.find(&INSPECTORATES, view.all()).is_some()
        && (view.find(&ADDRESSED, view.all()).is_some() || has_main_findings(view))
}

/// Whether a line of the first page is a title by which the document names itself as a SEND letter.
fn own_title(view: &View<'_>) -> bool {
    view.first_pages(1).any(|index| OWN_TITLE.is_match(view.blocks()[index].text.trim()))
}

fn has_main_findings(view: &View<'_>) -> bool {
    view.blocks().iter().any(|b| joint_area::is_main_findings(b.text.trim()))
}
