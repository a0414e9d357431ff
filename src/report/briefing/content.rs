//! What the briefing says, as blocks.

use super::Answers;
use super::block::{Block, Line, Span};
use crate::query::{History, Inspection, Item, PeerTheme, Peers, Quote};
use crate::view::briefing::{Advice, Briefing, question_themes, taken_up};
use crate::view::{pieces, words};

/// The whole document.
pub(super) fn blocks(answers: &Answers, advice: &Briefing) -> Vec<Block> {
    let own = &answers.own;
    let mut blocks = vec![
        Block::Title(format!("Inspection briefing: {}", own.area)),
        paragraph(format!(
            "Made on {} from the letters that sendlens holds. {}",
            words::date(answers.today),
            words::passed_note(answers.held_to)
        )),
    ];
    standing(answers, &mut blocks);
    found_here(own, &mut blocks);
    peers(answers, &mut blocks);
    questions(answers, advice, &mut blocks);
    sources(answers, &mut blocks);
    blocks
}

fn heading(level: u8, text: impl Into<String>) -> Block {
    Block::Heading(level, text.into())
}

fn paragraph(text: impl Into<String>) -> Block {
    Block::Paragraph(vec![Span::plain(text)])
}

fn cell(text: impl Into<String>) -> Line {
    vec![Span::plain(text)]
}

fn standing(answers: &Answers, blocks: &mut Vec<Block>) {
    let own = &answers.own;
    blocks.push(heading(1, format!("How {} stands", own.area)));
    let Some(row) = &own.standing else {
        let successors: Vec<&str> = own.successors.iter().map(|(_, name)| name.as_str()).collect();
        blocks.push(paragraph(format!("This area no longer exists. {} took its place.", words::list(&successors))));
        return;
    };
    let (.., standing) = pieces::standing_look(row.standing);
    let mut rows = vec![vec![cell("Latest outcome"), cell(standing)]];
    let mut fact = |name: &str, value: String| rows.push(vec![cell(name), cell(value)]);
    if let Some(day) = row.standing_since {
        let from = if row.standing_from == Some("register") { ", by the official register" } else { "" };
        fact("Inspected", format!("{}{from}", words::month_year(day)));
    }
    for (name, day) in [
        ("Monitoring inspection expected", row.monitoring_due),
        ("Full inspection expected", row.next_full_inspection_due),
    ] {
        if let Some(day) = day {
            let late = if day < answers.today { "; no later report is held here" } else { "" };
            fact(name, format!("about {}{late}", words::month_year(day)));
        }
    }
    if !own.predecessors.is_empty() {
        let names: Vec<&str> = own.predecessors.iter().map(|(_, name)| name.as_str()).collect();
        fact("Took over from", format!("{}; the letters about them are not in this briefing", words::list(&names)));
    }
    blocks.push(Block::Table { head: vec!["", ""], rows, widths: vec![1, 2] });
}

fn found_here(own: &History, blocks: &mut Vec<Block>) {
    blocks.push(heading(1, "What was found here, and what became of it"));
    if own.inspections.is_empty() {
        blocks.push(paragraph("No letter about this area is in the dataset."));
    }
    for inspection in own.inspections.iter().rev() {
        inspected(inspection, blocks);
    }
    if !own.not_held.is_empty() {
        blocks.push(paragraph("The official register also has, without a letter in this dataset:"));
        let gap = |gap: &crate::query::Gap| cell(format!("{} from {}", gap.what, words::date(gap.inspection_start)));
        blocks.push(Block::List(own.not_held.iter().map(gap).collect()));
    }
    if !own.recurrences.is_empty() {
        blocks.push(heading(2, "Flagged more than once"));
        let again = |theme: &crate::query::Recurrence| {
            let days: Vec<String> = theme.flagged_at.iter().map(|at| words::month_year(at.inspection_start)).collect();
            cell(format!("{}: {}", theme.label, words::list(&days)))
        };
        blocks.push(Block::List(own.recurrences.iter().map(again).collect()));
    }
}

fn inspected(inspection: &Inspection, blocks: &mut Vec<Block>) {
    let letter = &inspection.letter;
    blocks.push(heading(2, format!("{}, {}", words::kind(letter.kind), pieces::inspection_days(letter))));
    let outcome = letter.outcome.map_or("The conclusion could not be read", words::outcome);
    blocks.push(Block::Paragraph(vec![Span::bold("Conclusion: "), Span::plain(format!("{outcome}."))]));
    let items: Vec<&Item> = inspection.items.iter().collect();
    if items.is_empty() {
        return;
    }
    let rows = items.iter().map(|item| {
        let finding = &item.finding;
        let number = format!("{} {}", words::role(finding.role), finding.ordinal);
        let page = Span::linked(finding.page.to_string(), at_page(finding.url.as_deref(), finding.page));
        vec![cell(number), cell(finding.text.as_str()), vec![page], became(item)]
    });
    blocks.push(Block::Table {
        head: vec!["Item", "In the words of the letter", "Page", "What became of it"],
        rows: rows.collect(),
        widths: vec![4, 10, 2, 5],
    });
}

/// What later inspections said of an item; a verdict says it of an earlier one itself.
fn became(item: &Item) -> Line {
    if let Some(verdict) = item.finding.verdict {
        return vec![Span::bold(words::verdict(verdict))];
    }
    let told = item.followed_up.iter().map(|later| {
        let verdict = later.verdict.map_or("Taken up again", words::verdict);
        format!("{verdict}, {} (page {})", words::month_year(later.inspection_start), later.page)
    });
    let told: Vec<String> = told.collect();
    cell(if told.is_empty() { "No later letter here says".to_owned() } else { told.join("\n") })
}

/// The address of a page of the original document.
fn at_page(url: Option<&str>, page: u32) -> Option<String> {
    url.map(|url| format!("{url}#page={page}"))
}

fn peers(answers: &Answers, blocks: &mut Vec<Block>) {
    let comparison = &answers.comparison;
    blocks.push(heading(1, "What areas like it were flagged for"));
    let names: Vec<&str> = comparison.peers.iter().map(|p| p.area.as_str()).collect();
    let who = match names.len() {
        0 => "we hold no report for any of them".to_owned(),
        1..=20 => words::list(&names),
        many => words::count(many, "area", "areas"),
    };
    blocks.push(paragraph(format!("{}: {who}. {}", words::basis(&answers.basis), comparison.scope.sentence())));
    if !comparison.without_letter.is_empty() {
        let count = words::count(comparison.without_letter.len(), "area", "areas");
        blocks.push(paragraph(format!("Not counted: we hold no report for {count} of those.")));
    }
    let themes = taken_up(comparison);
    if themes.is_empty() {
        blocks.push(paragraph("None of these areas has been flagged in a letter that is in the dataset."));
        return;
    }
    blocks.push(flagged(comparison, &themes));
    let adjusted = themes.iter().map(|theme| &theme.adjusted);
    blocks.extend(
        pieces::corrected_sentence(adjusted, "areas").filter(|_| !comparison.too_few_for_shares()).map(paragraph),
    );
    blocks.push(heading(2, "In the words of the inspectors"));
    for theme in themes.iter().filter(|t| !t.quotes.is_empty()) {
        blocks.push(heading(3, theme.label.as_str()));
        blocks.extend(theme.quotes.iter().map(quote));
    }
}

/// The themes with the figures that the page shows: no shares of too few areas, no England beside itself.
fn flagged(comparison: &Peers, themes: &[&PeerTheme]) -> Block {
    let (shares, nation) = (!comparison.too_few_for_shares(), comparison.beside_england());
    let columns = [
        (true, "Theme", 7),
        (true, "Areas flagged", 3),
        (shares, "Share (95% interval)", 6),
        (nation, "England", 3),
        (true, "Here", 4),
    ];
    let row = |theme: &PeerTheme| {
        let here = match theme.flagged_here {
            Some(true) => "flagged",
            Some(false) if theme.criticised_here == Some(true) => "criticised, but in no formal item",
            Some(false) => "neither flagged nor criticised",
            None => "no letter",
        };
        let note = if nation && theme.small { " (small sample)" } else { "" };
        let cells = [
            format!("{}{note}", theme.label),
            format!("{} of {}", theme.peers_flagged, theme.of_peers),
            share(theme),
            theme.national_share.map_or_else(|| "\u{2013}".to_owned(), words::percent),
            here.to_owned(),
        ];
        cells.into_iter().zip(&columns).filter(|(_, (shown, ..))| *shown).map(|(text, _)| cell(text)).collect()
    };
    let shown = columns.iter().filter(|(shown, ..)| *shown);
    Block::Table {
        head: shown.clone().map(|(_, title, _)| *title).collect(),
        rows: themes.iter().map(|theme| row(theme)).collect(),
        widths: shown.map(|(.., width)| *width).collect(),
    }
}

/// The share with its interval, and the one corrected for the program's errors where that says something else.
fn share(theme: &PeerTheme) -> String {
    let corrected = pieces::corrected(&theme.adjusted, theme.share).map(|share| format!("\ncorrected: {share}"));
    format!("{}{}", pieces::share_text(theme.share), corrected.unwrap_or_default())
}

fn quote(quote: &Quote) -> Block {
    let place = format!("{}, page {}", quote.area, quote.page);
    Block::Quote(vec![
        Span::plain(format!("\u{201c}{}\u{201d} ", quote.text)),
        Span::linked(place, at_page(quote.url.as_deref(), quote.page)),
        Span::plain(format!(" (letter {})", quote.letter_id)),
    ])
}

fn questions(answers: &Answers, advice: &Briefing, blocks: &mut Vec<Block>) {
    blocks.push(heading(1, "Questions to be able to answer"));
    blocks.push(paragraph(
        "Written by sendlens from the published focus of the inspections; these are not the inspectorate\u{2019}s words.",
    ));
    advise("At any inspection", &advice.general, blocks);
    for theme in question_themes(&answers.own, &answers.comparison.themes) {
        if let Some(found) = advice.theme(theme.id) {
            advise(theme.label, found, blocks);
        }
    }
}

fn advise(title: &str, advice: &Advice, blocks: &mut Vec<Block>) {
    let list = |items: &[String]| Block::List(items.iter().map(cell).collect());
    blocks.push(heading(2, title));
    blocks.push(list(&advice.questions));
    blocks.push(heading(3, format!("Evidence that inspectors look for: {}", lower_first(title))));
    blocks.push(list(&advice.evidence));
}

/// The title within a sentence; an abbreviation keeps its capitals.
fn lower_first(title: &str) -> String {
    let mut letters = title.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => title.to_owned(),
    }
}

fn sources(answers: &Answers, blocks: &mut Vec<Block>) {
    blocks.push(heading(1, "Sources and cautions"));
    let letters = answers.own.inspections.iter().map(|inspection| {
        let letter = &inspection.letter;
        let place = letter.url.clone().or_else(|| letter.file.clone()).unwrap_or_else(|| letter.sha256.clone());
        vec![
            Span::plain(format!("{} {}: ", words::kind(letter.kind), letter.id)),
            Span::linked(place, letter.url.clone()),
        ]
    });
    blocks.push(Block::List(letters.collect()));
    blocks.push(Block::List(
        [
            "Themes are assigned by a program and may be wrong. Check each quote in its letter before you rely on it.",
            "Shares count areas, never sentences. An interval that is wide says that little is known.",
            "What is not in a letter held here is not in this briefing; a newer letter may have been published since.",
            "Letters and reports: Ofsted and the Care Quality Commission, Crown copyright, Open Government Licence v3.0. \
             sendlens is not a service of either.",
        ]
        .map(cell)
        .to_vec(),
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{Adjusted, stats::Share};

    #[test]
    fn a_title_within_a_sentence_keeps_its_abbreviations() {
        assert_eq!(
            ["At any inspection", "EHC plan quality", "A place"].map(lower_first),
            ["at any inspection", "EHC plan quality", "a place"]
        );
    }

    #[test]
    fn a_share_that_the_correction_changes_stands_with_its_corrected_one() {
        let mut theme = PeerTheme {
            theme: "a".to_owned(),
            label: "A".to_owned(),
            peers_flagged: 4,
            of_peers: 10,
            share: Share::of(4, 10),
            adjusted: Adjusted {
                adjusted_share: Some(0.33),
                adjusted_low: Some(0.1),
                adjusted_high: Some(0.6),
                error_basis: Some(40),
                not_adjusted: None,
            },
            national_flagged: 4,
            of_areas: 10,
            national_share: Some(0.4),
            difference: None,
            difference_low: None,
            difference_high: None,
            stands_out: None,
            flagged_here: None,
            criticised_here: None,
            small: false,
            quotes: Vec::new(),
        };
        assert_eq!(share(&theme), "40% (17% to 69%)\ncorrected: 33% (10% to 60%)");
        theme.adjusted = Adjusted::default();
        assert_eq!(share(&theme), "40% (17% to 69%)");
    }
}
