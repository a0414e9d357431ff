//! What a sub-heading of a section announces, by its words.
//!
//! Letters head the two lists of a section in many ways ("Strengths" and "Areas for development", "What is working well"
//! and "What needs to improve"). What is praised is never taken for what is criticised: wording that says both or
//! neither announces nothing, and what stands below it is read as plain text.

use crate::domain::{Block, BlockKind, Role};
use crate::parse::pattern::pattern;
use crate::parse::tidy::ends_complete;

pattern! {
    /// A whole line that is one of the usual headings, whether or not it is set apart.
    USUAL_STRENGTHS = r"(?i)^(?:(?:areas?\s+of|key|main)\s+)?strengths?(?:\s+of\s+the\s+(?:local\s+)?area)?\s*[:–-]?$";
    USUAL_DEVELOPMENT = r"(?i)^(?:key\s+|main\s+)?areas?\s+(?:for|of|requiring|needing|in\s+need\s+of)\s+(?:further\s+)?(?:development|improvement|weakness|concern)s?\s*[:–-]?$|^areas?\s+that\s+(?:need|require)\s+(?:further\s+)?(?:development|improvement|developing|improving)\s*[:–-]?$|^areas?\s+to\s+(?:develop|improve)(?:\s+further)?\s*[:–-]?$|^weaknesses\s*[:–-]?$";
    PRAISES = r"(?i)\bstrengths?\b|\b(?:work\w*|go\w*|done|do\w*)\s+well\b|\bgood\b|\bpositives?\b|\bsuccess\w*\b|\bachievements?\b";
    CRITICISES = r"(?i)\bdevelop\w*|\bimprov\w*|\bweak\w*|\bconcerns?\b|\bbetter\b|\bchallenges?\b|\bshortcomings?\b|\bnot\s+(?:working|going|done)\s+well\b|\bless\s+well\b";
    /// Praise denied.
    NEGATED = r"(?i)\b(?:not|less)\s+\w*\s*(?:well|good|strong)\b";
}

/// What a sub-heading announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Announces {
    /// Strengths, or areas for development.
    Items(Role),
    /// Nothing that its words tell.
    Nothing,
}

/// The longest sub-heading, in bytes.
const MAX_SUBHEADING_BYTES: usize = 90;

/// What the block announces, where it is a sub-heading at all.
#[must_use]
pub fn announces(blocks: &[Block], index: usize) -> Option<Announces> {
    let block = blocks.get(index).filter(|b| b.kind != BlockKind::ListItem)?;
    let text = block.text.trim();
    if let Some(role) = usual(text) {
        return Some(Announces::Items(role));
    }
    if text.len() > MAX_SUBHEADING_BYTES || ends_complete(text) || !is_set_apart(blocks, index) {
        return None;
    }
    let criticises = CRITICISES.is_match(text);
    let praises = PRAISES.is_match(text) && !NEGATED.is_match(text);
    Some(match (praises, criticises) {
        (true, false) => Announces::Items(Role::Strength),
        (false, true) => Announces::Items(Role::AreaForDevelopment),
        _ => Announces::Nothing,
    })
}

/// What a line announces that is one of the usual headings and nothing else.
#[must_use]
pub fn usual(text: &str) -> Option<Role> {
    if USUAL_STRENGTHS.is_match(text) {
        return Some(Role::Strength);
    }
    USUAL_DEVELOPMENT.is_match(text).then_some(Role::AreaForDevelopment)
}

/// Whether a block is set apart as a heading is: marked, bold, or a phrase between bullets that are whole sentences.
fn is_set_apart(blocks: &[Block], index: usize) -> bool {
    let block = &blocks[index];
    let sentence = |b: &Block| b.kind == BlockKind::ListItem && ends_complete(&b.text);
    let before = index.checked_sub(1).and_then(|at| blocks.get(at)).is_some_and(sentence);
    let between = before && blocks.get(index + 1).is_some_and(sentence) && block.text.starts_with(char::is_uppercase);
    block.kind == BlockKind::Heading || block.bold || between
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heading(text: &str) -> Option<Announces> {
        let block = Block { bold: true, ..Block::plain(text) };
        announces(&[block], 0)
    }

    #[test]
    fn words_tell_praise_from_criticism() {
        for text in ["Strengths", "KEY STRENGTHS:", "What is working well", "Good practice", "What leaders do well"] {
            assert_eq!(heading(text), Some(Announces::Items(Role::Strength)), "{text}");
        }
        for text in [
            "Areas for development",
            "Areas for improvement",
            "Areas of weakness",
            "What needs to improve",
            "What needs to be better",
            "Areas of concern",
            "What is not working well",
        ] {
            assert_eq!(heading(text), Some(Announces::Items(Role::AreaForDevelopment)), "{text}");
        }
        for text in ["Other matters", "Early years", "Strengths and weaknesses"] {
            assert_eq!(heading(text), Some(Announces::Nothing), "{text}");
        }
        assert_eq!(heading("Plans have improved."), None);
    }
}
