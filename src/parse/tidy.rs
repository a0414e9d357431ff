//! Brings blocks into the shape that letters are read from, whatever program made the PDF: bullets as list items,
//! nothing empty, and one block for what a page turn or a lost mark cut in two.

use super::pattern::pattern;
use super::sentences;
use crate::domain::{Block, BlockKind, DocumentText, PageBreak};

/// Marks that never occur inside a sentence: wherever one stands, a list item starts.
pub const BULLETS: &[char] =
    &['◼', '▪', '•', '●', '■', '◾', '▫', '◦', '○', '❖', '➢', '►', '▶', '‣', '∙', '\u{f0b7}', '\u{f0a7}'];

/// Marks that are bullets at the start of a text, with a space after them.
const DASHES: &[char] = &['-', '–', '—', '·', '*'];

/// The shortest text that can be running text cut off at a line's end, in bytes.
const MIN_RUNNING_TEXT_BYTES: usize = 60;

pattern! {
    /// A word that no sentence ends with.
    CUT_OFF = r"\b(?:of|the|to|an?|in|for|with|by|on|at|from|that|which|who|as|is|are|be|their|its|about|not|yet|than|between|across|through|NHS)$";
    /// The foot of a report's pages, where it stands once only and so cannot be known by being repeated.
    FOOTER = r"(?i)^(?:\d{1,2}\s+)?(?:area\s+SEND\s+)?(?:monitoring\s+)?inspection\s+report:\s[^\n]{3,140}(?:\d[^\n]{0,20}|local\s+area\s+partnership,?)$";
    /// Its second line: the days, or the rest of them.
    FOOTER_DAYS = r"(?i)^(?:\d{1,2}\s+)?(?:[\d –-]|\bto\b|\band\b|\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b)*\b20\d\d(?:\s+\d{1,2})?$";
}

/// The same document with its blocks tidied.
#[must_use]
pub fn tidy(text: &DocumentText) -> DocumentText {
    let mut blocks: Vec<Block> = Vec::with_capacity(text.blocks.len());
    let mut footer = false;
    for piece in text.blocks.iter().flat_map(split_at_bullets) {
        let is_days = footer && FOOTER_DAYS.is_match(piece.text.trim());
        footer = piece.page > 1 && (is_days || FOOTER.is_match(piece.text.trim()));
        if footer || !piece.text.chars().any(char::is_alphanumeric) || is_page_number(&piece, text.pages) {
            continue;
        }
        match blocks.last_mut() {
            Some(last) if is_cut_by_a_number(last, &piece) => {
                let label = piece.label.as_deref().unwrap_or_default();
                let text = format!("{label} {}", piece.text.trim_start());
                append(last, &Block { text, page_breaks: Vec::new(), ..piece });
            }
            Some(last) if runs_on(last, &piece) => append(last, &piece),
            _ => blocks.push(piece),
        }
    }
    DocumentText { blocks, quality: text.quality.clone(), ..*text }
}

/// Whether a block is nothing but the number of its page.
fn is_page_number(block: &Block, pages: u32) -> bool {
    let number = block.text.trim().trim_matches(|c: char| c == '-' || c == '–' || c.is_whitespace());
    let on = block.page.saturating_sub(1)..=block.page + 1;
    block.table.is_none() && number.parse::<u32>().is_ok_and(|n| n > 0 && n <= pages && on.contains(&n))
}

/// Whether the text ends as a sentence, heading or item does that has nothing more to say.
#[must_use]
pub fn ends_complete(text: &str) -> bool {
    let end = text.trim_end().trim_end_matches(['”', '’', '"', '\'', ')', ']']);
    end.ends_with(['.', '!', '?'])
}

/// Whether the first letter of a text is lower case.
#[must_use]
pub fn starts_lower(text: &str) -> bool {
    let start = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    start.starts_with(char::is_lowercase)
}

/// Whether a text stops at a word that no sentence ends with: something is missing after it.
#[must_use]
pub fn is_cut_off(text: &str) -> bool {
    CUT_OFF.is_match(text.trim_end())
}

/// Whether `next` is the rest of `last`: running text that stops without an end and goes on without a mark of its
/// own, over a page turn or in lower case.
fn runs_on(last: &Block, next: &Block) -> bool {
    let same_place = (last.table, last.row, last.column) == (next.table, next.row, next.column);
    let turned = last.page_breaks.last().map_or(last.page, |b| b.page) < next.page;
    let plain = match next.kind {
        BlockKind::Paragraph => true,
        BlockKind::TableCell => last.kind == next.kind,
        // An item without a mark in a list that has marks.
        BlockKind::ListItem => {
            turned && last.kind == next.kind && last.label.is_some() && next.label.is_none() && last.level == next.level
        }
        BlockKind::Heading => false,
    };
    let same_place = same_place || turned && layout_only(last) && layout_only(next);
    if !same_place || !plain || last.kind == BlockKind::Heading || ends_complete(&last.text) {
        return false;
    }
    if last.text.trim_end().ends_with(':') || last.text.len() < MIN_RUNNING_TEXT_BYTES {
        return false;
    }
    // A bullet that is a mere phrase has no stop; what begins with a capital after it is something else.
    let phrase = last.kind == BlockKind::ListItem && starts_lower(&last.text);
    let apart = last.bold != next.bold || is_quotation(&last.text);
    // A last word that the structure set apart, by itself or with what follows it: "passed to the Orme / ICB. Leaders ...".
    let last_word = next.kind == BlockKind::Paragraph
        && matches!(last.kind, BlockKind::Paragraph | BlockKind::ListItem)
        && !phrase
        && !next.bold
        && (begins_with_rest(&next.text) || is_cut_off(&last.text));
    starts_lower(&next.text)
        || last_word
        || (turned && !phrase && last.kind != BlockKind::TableCell && !apart && !next.bold)
}

/// Whether the first sentence of a text has a word or two and a stop, which no sentence has of its own.
fn begins_with_rest(text: &str) -> bool {
    let first = sentences::split(text).into_iter().next().unwrap_or(0..0);
    ends_complete(&text[first.clone()]) && text[first].split_whitespace().count() < 3
}

/// Whether a text is a quotation from its first mark to its last.
fn is_quotation(text: &str) -> bool {
    let text = text.trim();
    text.starts_with(['‘', '“', '"']) && text.ends_with(['’', '”', '"'])
}

/// Whether what seems to be a numbered item is the rest of a sentence that had a number at the beginning of a line ("aged
/// 5 to / 18. Support ..."): the number neither begins a list nor goes on with one.
fn is_cut_by_a_number(last: &Block, next: &Block) -> bool {
    let number = |b: &Block| b.label.as_deref().and_then(|label| label.strip_suffix('.')?.parse::<u32>().ok());
    let same_place = (last.table, last.row, last.column) == (next.table, next.row, next.column);
    let open = last.text.len() >= MIN_RUNNING_TEXT_BYTES
        && !ends_complete(&last.text)
        && !last.text.trim_end().ends_with([':', ';', ','])
        && matches!(last.kind, BlockKind::ListItem | BlockKind::Paragraph);
    same_place
        && open
        && next.kind == BlockKind::ListItem
        && number(next).is_some_and(|n| n > 1)
        && number(last).is_none()
}

/// Whether a block lies outside tables or in a first column: pages that are laid out with tables have all text there.
fn layout_only(block: &Block) -> bool {
    block.kind != BlockKind::TableCell && block.column.is_none_or(|c| c == 1)
}

fn append(last: &mut Block, next: &Block) {
    let base = last.text.trim_end().len();
    last.text.truncate(base);
    last.text.push(' ');
    let base = last.text.len();
    let page = last.page_breaks.last().map_or(last.page, |b| b.page);
    if next.page != page {
        last.page_breaks.push(PageBreak { offset: base, page: next.page });
    }
    last.page_breaks.extend(next.page_breaks.iter().map(|b| PageBreak { offset: base + b.offset, page: b.page }));
    last.text.push_str(next.text.trim());
}

/// One block for each bullet that stands inside a block's text.
fn split_at_bullets(block: &Block) -> Vec<Block> {
    if block.kind == BlockKind::Heading {
        return vec![block.clone()];
    }
    let mut starts: Vec<usize> = block.text.match_indices(BULLETS).map(|(i, _)| i).collect();
    let opening = block.text.trim_start();
    let dash = opening.starts_with(DASHES) && opening.chars().nth(1).is_some_and(char::is_whitespace);
    if dash {
        starts.insert(0, block.text.len() - opening.len());
    }
    if starts.is_empty() {
        return vec![block.clone()];
    }
    let mut pieces = Vec::with_capacity(starts.len() + 1);
    if starts[0] > 0 {
        pieces.push(part(block, 0..starts[0], None));
    }
    for (index, &start) in starts.iter().enumerate() {
        let end = starts.get(index + 1).copied().unwrap_or(block.text.len());
        let mark = block.text[start..].chars().next();
        pieces.push(part(block, start + mark.map_or(0, char::len_utf8)..end, mark));
    }
    pieces
}

fn part(block: &Block, range: std::ops::Range<usize>, mark: Option<char>) -> Block {
    let raw = &block.text[range.clone()];
    let start = range.start + (raw.len() - raw.trim_start().len());
    let breaks = block.page_breaks.iter().filter(|b| b.offset > start && b.offset < range.end);
    Block {
        page: block.page_at(start),
        kind: if mark.is_some() { BlockKind::ListItem } else { block.kind },
        level: if mark.is_some() { block.level.max(1) } else { block.level },
        label: mark.map_or_else(|| block.label.clone(), |m| Some(m.to_string())),
        text: raw.trim().to_owned(),
        page_breaks: breaks.map(|b| PageBreak { offset: b.offset - start, page: b.page }).collect(),
        ..block.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Method, TextStatus};

    fn block(page: u32, kind: BlockKind, text: &str) -> Block {
        Block { page, kind, ..Block::plain(text) }
    }

    fn tidied(blocks: Vec<Block>) -> Vec<(BlockKind, String)> {
        let text = DocumentText { pages: 9, method: Method::Layout, status: TextStatus::Good, blocks, quality: vec![] };
        tidy(&text).blocks.into_iter().map(|b| (b.kind, b.text)).collect()
    }

    const LONG: &str = "Leaders have put in place a system that helps schools and settings to find needs early and";

    #[test]
    fn marks_become_list_items_wherever_they_stand() {
        let found = tidied(vec![
            block(1, BlockKind::Paragraph, "Strengths ◼ One team. ◼ Two teams."),
            block(1, BlockKind::Paragraph, "- a dashed item"),
            block(1, BlockKind::Paragraph, "well-being - at last"),
            block(1, BlockKind::Paragraph, "▪ "),
        ]);
        let items: Vec<_> = found.iter().filter(|b| b.0 == BlockKind::ListItem).map(|b| b.1.as_str()).collect();
        assert_eq!(items, ["One team.", "Two teams.", "a dashed item"]);
        assert_eq!(found.len(), 5);
    }

    #[test]
    fn a_number_at_the_beginning_of_a_line_is_no_label_within_a_sentence() {
        let item =
            |label: &str, text: &str| Block { label: Some(label.to_owned()), ..block(2, BlockKind::ListItem, text) };
        let cut = "Waits for assessments have fallen but remain too long for children who are aged 5 to";
        let found = tidied(vec![item("•", cut), item("18.", "Support is better.")]);
        assert_eq!(found, [(BlockKind::ListItem, format!("{cut} 18. Support is better."))]);
        assert_eq!(tidied(vec![item("1.", cut), item("2.", "Support is better.")]).len(), 2, "a list goes on");
        assert_eq!(tidied(vec![item("•", cut), item("1.", "Support is better.")]).len(), 2, "a list begins");
    }

    #[test]
    fn a_footer_that_stands_once_is_not_text() {
        let foot = "Inspection report: Orme Local Area Partnership, 3 to 7 February 2025 2";
        let found = tidied(vec![block(2, BlockKind::Paragraph, LONG), block(2, BlockKind::Paragraph, foot)]);
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn page_numbers_are_not_text() {
        let found = tidied(vec![
            block(2, BlockKind::Paragraph, "Plans are late."),
            block(2, BlockKind::Paragraph, "2"),
            block(4, BlockKind::Paragraph, "- 4 -"),
            block(4, BlockKind::Paragraph, "2024"),
        ]);
        assert_eq!(found.iter().map(|b| b.1.as_str()).collect::<Vec<_>>(), ["Plans are late.", "2024"]);
    }

    #[test]
    fn what_a_page_turn_cut_is_joined_and_knows_its_pages() {
        let text = DocumentText {
            pages: 3,
            method: Method::Layout,
            status: TextStatus::Good,
            blocks: vec![
                block(2, BlockKind::ListItem, LONG),
                block(3, BlockKind::Paragraph, "NHS partners act on it."),
            ],
            quality: vec![],
        };
        let joined = tidy(&text).blocks;
        assert_eq!(joined.len(), 1);
        assert_eq!(joined[0].text, format!("{LONG} NHS partners act on it."));
        assert_eq!((joined[0].page_at(5), joined[0].page_at(LONG.len() + 3)), (2, 3));
    }

    #[test]
    fn a_line_set_apart_that_begins_with_the_last_word_is_the_rest() {
        let (named, paid) = (format!("{LONG} the Orme"), format!("{LONG} are paid by"));
        for (first, second) in [(&named, "ICB. Leaders act on it."), (&paid, "NHS England and others.")] {
            let blocks = vec![block(1, BlockKind::Paragraph, first), block(1, BlockKind::Paragraph, second)];
            assert_eq!(tidied(blocks), [(BlockKind::Paragraph, format!("{first} {second}"))]);
        }
    }

    #[test]
    fn what_is_complete_or_marked_is_not_joined() {
        let whole = format!("{LONG} so on.");
        for (first, second) in [
            (block(2, BlockKind::ListItem, &whole), block(3, BlockKind::Paragraph, "the next begins in lower case.")),
            (block(2, BlockKind::ListItem, LONG), block(3, BlockKind::ListItem, "the lack of a plan")),
            (
                block(2, BlockKind::ListItem, &LONG.replace("Leaders", "leaders")),
                block(3, BlockKind::Paragraph, "Yours sincerely"),
            ),
            (block(2, BlockKind::Heading, LONG), block(3, BlockKind::Paragraph, "the text below")),
            (
                block(2, BlockKind::Paragraph, &LONG.replace(" and", " soon")),
                block(2, BlockKind::Paragraph, "Another sentence begins."),
            ),
            (block(2, BlockKind::Paragraph, "Dear Ms Orme"), block(3, BlockKind::Paragraph, "Area of Orme")),
        ] {
            assert_eq!(tidied(vec![first, second]).len(), 2);
        }
    }
}
