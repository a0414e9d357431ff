//! Bullets as formal items: one item for each bullet, with the sub-bullets and paragraphs that belong to it.

use crate::domain::{Block, BlockKind};
use crate::parse::passages::Item;
use crate::parse::quote::normalise;
use crate::parse::tidy::{ends_complete, starts_lower};

/// The items of a list. Where nothing is marked as a bullet, each paragraph is an item; a text that ends in a colon
/// above its list only leads in. A paragraph among bullets is a bullet that lost its mark, unless `explained` says that
/// bullets have paragraphs: then it is one of the bullet before it.
#[must_use]
pub fn items(blocks: &[&Block], explained: bool) -> Vec<Item> {
    let outermost = blocks.iter().filter(|b| b.kind == BlockKind::ListItem).map(|b| b.level).min();
    let mut items: Vec<Item> = Vec::new();
    // Whether the last item announced a list of its own.
    let mut announced = false;
    for (position, block) in blocks.iter().enumerate() {
        let text = normalise(&block.text);
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
            (Some(last), Some(_)) if belongs(last, &text) => {
                last.text.push(if last.sub_items > 0 { '\n' } else { ' ' });
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

/// Whether an unmarked text is the rest of the bullet before it. Bullets that are mere phrases have no full stop, so
/// a missing stop alone says nothing about them.
fn belongs(last: &Item, text: &str) -> bool {
    starts_lower(text) || (!ends_complete(&last.text) && !starts_lower(&last.text) && !last.text.ends_with(';'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(kind: BlockKind, level: u8, text: &str) -> Block {
        Block {
            page: 3,
            kind,
            level,
            table: None,
            row: None,
            column: None,
            text: text.to_owned(),
            label: None,
            size: 12.0,
            bold: false,
            page_breaks: vec![],
        }
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
