//! Bullets as formal items: one item for each bullet, with the sub-bullets and paragraphs that belong to it.

use crate::domain::{Block, BlockKind};
use crate::parse::passages::Item;
use crate::parse::pattern::pattern;
use crate::parse::quote::normalise;
use crate::parse::tidy::{ends_complete, is_cut_off, starts_lower};

pattern! {
    /// Words that open a sentence which goes on with the one before it.
    LEANS_BACK = r"^(?:However|Nevertheless|Nonetheless|Consequently|Therefore|Furthermore|Moreover|Similarly|As\s+a\s+(?:result|consequence)|Because\s+of\s+this|For\s+(?:example|instance)|In\s+(?:addition|particular|turn)|Too\s+often|This|These|Those|They|Their|Such)\b";
}

/// The items of a list. Where nothing is marked as a bullet, each paragraph is an item; a text that ends in a colon
/// above its list only introduces it. A paragraph among bullets is a bullet that lost its mark, unless `explained` says
/// that bullets have paragraphs: then it is one of the bullet before it.
#[must_use]
pub fn items(blocks: &[&Block], explained: bool) -> Vec<Item> {
    let outermost = blocks.iter().filter(|b| b.kind == BlockKind::ListItem).map(|b| b.level).min();
    let mut items: Vec<Item> = Vec::new();
    // Whether the last item announced a list of its own.
    let mut announced = false;
    let mut before: Option<&Block> = None;
    for (position, block) in blocks.iter().enumerate() {
        let text = normalise(&block.text);
        let next = blocks.get(position + 1).copied();
        let (rest, goes_on_in_prose) = before
            .replace(block)
            .map_or((false, false), |last| (goes_on(last, block, next), goes_on_in_prose(last, block)));
        let leads_in = text.ends_with(':') && blocks.get(position + 1).is_some_and(|b| b.kind == BlockKind::ListItem);
        match (items.last_mut(), outermost) {
            (Some(last), Some(outermost))
                if block.kind == BlockKind::ListItem
                    && (block.level > outermost || (announced && starts_lower(&text))) =>
            {
                // Once the announced list is set deeper, a bullet of the outer level is an item again.
                announced &= block.level == outermost;
                last.text.push_str("\n- ");
                last.text.push_str(&text);
                last.sub_items += 1;
                continue;
            }
            (Some(_), Some(_)) if block.kind == BlockKind::ListItem => {}
            (None, Some(_)) if block.kind != BlockKind::ListItem && leads_in => continue,
            (Some(last), Some(_)) if rest && !explained || belongs(last, &text) => {
                last.text.push(if last.sub_items > 0 { '\n' } else { ' ' });
                last.text.push_str(&text);
                continue;
            }
            (Some(last), None) if goes_on_in_prose => {
                last.text.push(' ');
                last.text.push_str(&text);
                continue;
            }
            (Some(last), Some(_)) if explained && block.kind != BlockKind::ListItem => {
                last.text.push('\n');
                last.text.push_str(&text);
                continue;
            }
            _ => {}
        }
        announced = text.ends_with(':');
        items.push(Item { text, page: block.page, ..Item::default() });
    }
    items
}

/// Whether the page was turned between two blocks.
#[must_use]
pub fn page_turned(last: &Block, block: &Block) -> bool {
    last.page_breaks.last().map_or(last.page, |b| b.page) < block.page
}

/// Whether a paragraph goes on with the one before it where no bullets are printed, as the words of the two show.
fn goes_on_in_prose(last: &Block, block: &Block) -> bool {
    is_cut_off(&last.text) || ends_complete(&last.text) && LEANS_BACK.is_match(&block.text)
}

/// Whether an unmarked paragraph goes on with the printed bullet before it: it opens a page, depends on what was said,
/// or stands between two bullets.
#[must_use]
pub fn goes_on(last: &Block, block: &Block, next: Option<&Block>) -> bool {
    let turned = page_turned(last, block);
    let printed = last.kind == BlockKind::ListItem && last.label.is_some();
    let between = next.is_some_and(|n| n.kind == BlockKind::ListItem && n.label == last.label);
    printed
        && block.kind == BlockKind::Paragraph
        && !block.bold
        && ends_complete(&block.text)
        && (turned || between || LEANS_BACK.is_match(&block.text))
}

/// Whether an unmarked text is the rest of the bullet before it. Bullets that are mere phrases have no full stop, so
/// a missing stop alone says nothing about them.
fn belongs(last: &Item, text: &str) -> bool {
    starts_lower(text) || (!ends_complete(&last.text) && !starts_lower(&last.text) && !last.text.ends_with(';'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(kind: BlockKind, level: u8, text: &str) -> Block {
        Block { page: 3, kind, level, ..Block::plain(text) }
    }

    fn texts(blocks: &[Block]) -> Vec<(String, u32)> {
        items(&blocks.iter().collect::<Vec<_>>(), false).into_iter().map(|i| (i.text, i.sub_items)).collect()
    }

    #[test]
    fn phrases_without_stops_stay_apart() {
        use BlockKind::ListItem;
        let found = texts(&[
            block(ListItem, 1, "the lack of a plan"),
            block(ListItem, 1, "weak oversight;"),
            block(ListItem, 1, "too few places."),
        ]);
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn sub_bullets_and_rests_belong_to_their_bullet() {
        use BlockKind::{ListItem, Paragraph};
        let found = texts(&[
            block(Paragraph, 0, "Inspectors found the following:"),
            block(ListItem, 1, "Leaders should:"),
            block(ListItem, 2, "plan; and"),
            block(ListItem, 2, "act."),
            block(ListItem, 1, "Reviews of plans"),
            block(Paragraph, 0, "are late."),
        ]);
        assert_eq!(
            found,
            [("Leaders should:\n- plan; and\n- act.".to_owned(), 2), ("Reviews of plans are late.".to_owned(), 0)]
        );
    }

    #[test]
    fn paragraphs_among_bullets_explain_them_where_that_is_so() {
        use BlockKind::{ListItem, Paragraph};
        let blocks = [
            block(ListItem, 1, "the lack of a plan"),
            block(Paragraph, 0, "Children wait."),
            block(ListItem, 1, "late reviews"),
        ];
        assert_eq!(texts(&blocks).len(), 3);
        let explained = items(&blocks.iter().collect::<Vec<_>>(), true);
        assert_eq!(explained.len(), 2);
        assert_eq!(explained[0].text, "the lack of a plan\nChildren wait.");
    }

    #[test]
    fn without_marks_each_paragraph_is_an_item() {
        use BlockKind::Paragraph;
        let found = texts(&[block(Paragraph, 0, "Plans are good."), block(Paragraph, 0, "Staff are skilled.")]);
        assert_eq!(found.len(), 2);
    }
}
