//! Collects the passages of a letter in the order of the document and numbers them.

use std::collections::BTreeMap;

use super::sentences;
use super::view::Running;
use crate::domain::{Counts, Passage, Role, Section, Verdict};

/// A formal item, ready to be numbered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Item {
    /// The text; sub-bullets follow on lines of their own that start with "- ".
    pub text: String,
    /// The page on which it starts.
    pub page: u32,
    /// Number of sub-bullets.
    pub sub_items: u32,
    /// The bodies responsible, as printed.
    pub responsible: Option<String>,
    /// The verdict, where the item is a weakness or priority action restated.
    pub verdict: Option<Verdict>,
}

/// Passages so far.
#[derive(Debug, Default)]
pub struct Passages {
    list: Vec<Passage>,
    last_ordinal: BTreeMap<Role, u32>,
    last_paragraph: BTreeMap<Section, u32>,
}

impl Passages {
    /// Adds one paragraph or bullet, one passage for each sentence. Give the whole of it at once, page turns included,
    /// so that no sentence is cut: blocks of `text` are joined by spaces.
    pub fn paragraph(&mut self, role: Role, section: Section, text: &Running) {
        let paragraph = self.next_paragraph(section);
        let mut previous: Option<String> = None;
        for range in sentences::split(&text.text) {
            let sentence = text.evidence(range);
            if !sentence.quote.contains(char::is_alphanumeric) {
                continue;
            }
            let passage = Passage {
                role,
                section,
                ordinal: self.next_ordinal(role),
                paragraph,
                text: sentence.quote.clone(),
                page: sentence.page,
                sub_items: 0,
                responsible: None,
                verdict: None,
                previous: previous.replace(sentence.quote),
            };
            self.list.push(passage);
        }
    }

    /// Adds a formal item.
    pub fn item(&mut self, role: Role, section: Section, item: Item) {
        let passage = Passage {
            role,
            section,
            ordinal: self.next_ordinal(role),
            paragraph: self.next_paragraph(section),
            text: item.text,
            page: item.page,
            sub_items: item.sub_items,
            responsible: item.responsible,
            verdict: item.verdict,
            previous: None,
        };
        self.list.push(passage);
    }

    /// How many passages of this role there are so far.
    #[must_use]
    pub fn count(&self, role: Role) -> u32 {
        self.last_ordinal.get(&role).copied().unwrap_or(0)
    }

    /// How many bullets and paragraphs of this section there are so far.
    #[must_use]
    pub fn paragraphs(&self, section: Section) -> u32 {
        self.last_paragraph.get(&section).copied().unwrap_or(0)
    }

    /// The counts of formal items; bullets are left for the format to fill in.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            significant_weakness: self.count(Role::SignificantWeakness),
            priority_action: self.count(Role::PriorityAction),
            area_for_improvement: self.count(Role::AreaForImprovement),
            strength: self.count(Role::Strength),
            area_for_development: self.count(Role::AreaForDevelopment),
            ..Counts::default()
        }
    }

    /// All passages, in the order in which they were added.
    #[must_use]
    pub fn into_vec(self) -> Vec<Passage> {
        self.list
    }

    fn next_ordinal(&mut self, role: Role) -> u32 {
        let last = self.last_ordinal.entry(role).or_default();
        *last += 1;
        *last
    }

    fn next_paragraph(&mut self, section: Section) -> u32 {
        let last = self.last_paragraph.entry(section).or_default();
        *last += 1;
        *last
    }
}
