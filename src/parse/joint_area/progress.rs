//! The findings of a revisit: each weakness restated, its verdict, and what inspectors say about it.
//!
//! Letters restate the weaknesses in one of five forms, and keep to one: under a heading each, in a sentence each ("The
//! initial inspection found that ..."), as bullets each followed by paragraphs, in a table, or in two lists of what was
//! met and what was not, which may stand above the findings. The form is recognised first; then every weakness gets the
//! verdict that follows it.

use std::ops::Range;

use super::verdicts::{self, Overall};
use crate::domain::{Block, BlockKind, Role, Section, Verdict};
use crate::parse::passages::{Item, Passages};
use crate::parse::pattern::pattern;
use crate::parse::tidy::{ends_complete, starts_lower};
use crate::parse::view::{Running, View};
use crate::parse::{quote, sentences};

pattern! {
    /// Words with which a sentence restates what the first inspection found.
    RESTATES = r"(?i)\b(?:initial|first|original|previous|last|full|20\d\d)\s+(?:joint\s+)?(?:local\s+area\s+)?(?:SEND\s+)?inspection\b.{0,120}?\b(?:found|identified|determined|noted|reported|highlighted|concluded|raised|judged|showed|revealed|was|were|had|there)\b|^(?:at|during|in)\s+(?:the\s+time\s+of\s+)?(?:the\s+)?(?:initial|first|original|previous|last)\s+inspection\b|^in\s+\w*\s*20\d\d,?\s+inspectors\b|\binspectors\s+(?:identified|found|reported)\b.{0,60}\b(?:initial|first|original|previous|last)\s+inspection\b|\bwas\s+(?:identified\s+as\s+)?a\s+significant\s+weakness\s+(?:at|in|during)\b";
    /// The words before the weakness that a sentence restates.
    LEAD_IN = r"(?i)^(?:(?:at|during|in)\s+(?:the\s+time\s+of\s+)?(?:the|its|our)\s+(?:initial|first|original|previous|last)\s+(?:joint\s+)?(?:local\s+area\s+)?(?:SEND\s+)?inspection(?:\s+in\s+\w+\s+20\d\d)?,?\s+(?:the\s+)?(?:inspectors|inspection\s+team|it\s+was|there\s+(?:was|were)\s+found)|(?:the|its)\s+(?:initial|first|original|previous|last)\s+(?:joint\s+)?(?:local\s+area\s+)?(?:SEND\s+)?inspection(?:\s+(?:in|of)\s+\w*\s*20\d\d)?)\s+(?:also\s+)?(?:found|identified|noted|reported|determined|highlighted|concluded)\s+(?:that\s+)?(?:there\s+(?:was|were)\s+)?";
    OTHER_HEADING = r"(?i)^(?:next\s+steps|what\s+inspectors\s+found|(?:inspectors['’]?\s+)?findings|progress|verdicts?|overall\s+(?:findings|verdict|judg\w+)|conclusions?|summary|areas?\s+of\s+significant\s+weakness(?:es)?|significant\s+weaknesses|progress\s+(?:made\s+)?(?:in|on|against)\b.*|joint\s+(?:local\s+)?area\b.*|what\s+happens\s+next)\s*:?$";
    /// A label that numbers the weaknesses, by itself or before the weakness.
    LABEL = r"(?i)^(?:(?:(?:significant|serious)\s+)?(?:area\s+of\s+)?(?:(?:significant|serious)\s+)?weakness\s+(?:number\s+|no\.?\s*)?\d{1,2}\s*(?:[:.)–—-]\s*|$)|\d{1,2}\s*(?:[.:)]\s+|[.:)]?$))";
}

/// One thing of the findings: a weakness restated, or text about it.
enum Piece {
    Weakness(Item),
    Text(Running),
}

/// The findings in order.
#[derive(Default)]
pub struct Progress {
    pieces: Vec<Piece>,
    /// What stood where weaknesses stand and was left out, because no verdict follows it.
    unjudged: Vec<String>,
}

/// How a letter restates the weaknesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    TwoLists,
    Table,
    Headings,
    Sentences,
    Bullets,
}

impl Progress {
    /// Reads the findings from `body`. Where they judge fewer weaknesses than lists in the paragraphs above them, `top`,
    /// those lists hold the weaknesses and the findings are text.
    #[must_use]
    pub fn read(view: &View<'_>, top: Range<usize>, body: Range<usize>, overall: Overall) -> Self {
        let mut progress = Self::default();
        match form(view, body.clone()) {
            Form::TwoLists => progress.two_lists(view, body.clone()),
            Form::Table => progress.table(view, body.clone()),
            form => {
                // Where one verdict holds for all, none may follow each; then every restatement begins a new weakness.
                let one_for_all =
                    overall.same_on_all.is_some() && !view.blocks()[body.clone()].iter().any(says_verdict);
                progress.one_by_one(view, body.clone(), form, one_for_all);
            }
        }
        let mut above = Self::default();
        above.two_lists(view, top);
        above.pieces.retain(|piece| matches!(piece, Piece::Weakness(_)));
        if above.pieces.len() > progress.verdicts().len() {
            let told = body.filter(|&index| !is_structural(&view.blocks()[index]));
            above.pieces.extend(told.map(|index| Piece::Text(view.running(index..index + 1))));
            return above;
        }
        if let Some(same) = overall.same_on_all {
            for piece in &mut progress.pieces {
                if let Piece::Weakness(item) = piece {
                    item.verdict.get_or_insert(same);
                }
            }
        }
        progress.drop_mere_headings(overall);
        progress
    }

    /// Headings over text without a verdict are no weaknesses, unless the letter counts more than have one.
    fn drop_mere_headings(&mut self, overall: Overall) {
        let judged = self.verdicts().len();
        let stated = overall.sufficient.zip(overall.insufficient).map(|(met, unmet)| met + unmet);
        let missing = stated.is_some_and(|n| usize::try_from(n).is_ok_and(|n| n > judged));
        if judged > 0 && !missing {
            for piece in std::mem::take(&mut self.pieces) {
                match piece {
                    Piece::Weakness(item) if item.verdict.is_none() => self.unjudged.push(item.text),
                    piece => self.pieces.push(piece),
                }
            }
        }
    }

    /// The verdicts on the weaknesses that have one, in order.
    #[must_use]
    pub fn verdicts(&self) -> Vec<Verdict> {
        let verdict = |piece: &Piece| match piece {
            Piece::Weakness(item) => item.verdict,
            Piece::Text(_) => None,
        };
        self.pieces.iter().filter_map(verdict).collect()
    }

    /// Headings and restated weaknesses that were left out, because no verdict follows them.
    #[must_use]
    pub fn unjudged(&self) -> &[String] {
        &self.unjudged
    }

    /// Hands everything over as passages, in order.
    pub fn add_to(self, passages: &mut Passages) {
        for piece in self.pieces {
            match piece {
                Piece::Weakness(item) => passages.item(Role::ProgressVerdict, Section::Progress, item),
                Piece::Text(text) => passages.paragraph(Role::Narrative, Section::Progress, &text),
            }
        }
    }

    fn weakness(&mut self, text: &str, page: u32, verdict: Option<Verdict>) {
        let whole = quote::normalise(text);
        let text = &whole[LABEL.find(&whole).map_or(0, |label| label.end())..];
        let lead = LEAD_IN.find(text).map_or(0, |lead| lead.end());
        let text = unquoted(text[lead..].trim()).to_owned();
        self.pieces.push(Piece::Weakness(Item { text, page, verdict, ..Item::default() }));
    }

    fn last_weakness(&mut self) -> Option<&mut Item> {
        self.pieces.iter_mut().rev().find_map(|piece| match piece {
            Piece::Weakness(item) => Some(item),
            Piece::Text(_) => None,
        })
    }

    fn two_lists(&mut self, view: &View<'_>, range: Range<usize>) {
        let mut verdict = None;
        for index in range {
            let block = &view.blocks()[index];
            if let Some(leads) = verdicts::on_list(&block.text) {
                verdict = Some(leads);
                continue;
            }
            match verdict {
                Some(_) if is_listed(block) => self.weakness(&block.text, block.page, verdict),
                _ if is_structural(block) => verdict = None,
                _ => {
                    // A paragraph below its list ends the list; what follows are findings.
                    verdict = None;
                    self.pieces.push(Piece::Text(view.running(index..index + 1)));
                }
            }
        }
    }

    /// Each row of a table that holds a verdict: the weakness in its first column, what is said of it beside it.
    fn table(&mut self, view: &View<'_>, range: Range<usize>) {
        let blocks = view.blocks();
        let mut index = range.start;
        while index < range.end {
            let place = (blocks[index].table, blocks[index].row);
            let end = (index..range.end).find(|&i| (blocks[i].table, blocks[i].row) != place).unwrap_or(range.end);
            let row = index..end;
            index = end;
            let judged = place.0.is_some() && blocks[row.clone()].iter().any(judged_beside);
            if !judged {
                let first: Vec<&Block> = blocks[row.clone()].iter().filter(|b| !beside(b)).collect();
                let restates = place.0.is_some() && !first.iter().any(|b| is_structural(b));
                if restates && blocks[row.clone()].iter().any(beside) {
                    self.unjudged.extend(first.iter().map(|b| b.text.clone()));
                }
                // The row of the columns' names is not said of any weakness.
                let names = |b: &Block| place.0.is_some() && (b.bold || b.kind == BlockKind::Heading);
                let told = row.filter(|&i| !is_structural(&blocks[i]) && !names(&blocks[i]));
                self.pieces.extend(told.map(|i| Piece::Text(view.running(i..i + 1))));
                continue;
            }
            let first: Vec<&Block> = blocks[row.clone()].iter().filter(|b| !beside(b)).collect();
            let text: Vec<&str> = first.iter().map(|b| b.text.as_str()).collect();
            self.weakness(&text.join(" "), first.first().map_or(blocks[row.start].page, |b| b.page), None);
            for i in row.filter(|&i| beside(&blocks[i])) {
                self.judge(&blocks[i].text);
                self.pieces.push(Piece::Text(view.running(i..i + 1)));
            }
        }
    }

    /// Gives the last weakness the first verdict on one weakness that a text holds.
    fn judge(&mut self, text: &str) {
        if let Some(verdict) = verdicts::in_cell(text)
            && let Some(item) = self.last_weakness().filter(|item| item.verdict.is_none())
        {
            item.verdict = Some(verdict);
        }
        for sentence in sentences::split(text) {
            if let Some(verdict) = verdicts::on_one(&text[sentence])
                && let Some(item) = self.last_weakness().filter(|item| item.verdict.is_none())
            {
                item.verdict = Some(verdict);
            }
        }
    }

    fn one_by_one(&mut self, view: &View<'_>, range: Range<usize>, form: Form, one_for_all: bool) {
        // Whether a heading has only given the number of the weakness that follows.
        let mut counted = false;
        // Bullets of the main findings may speak of the first inspection, too, without restating a weakness.
        let beside_bullets =
            range.clone().any(|index| restates(&view.blocks()[index]) && !is_bullet(&view.blocks()[index]));
        for index in range {
            let block = &view.blocks()[index];
            if is_structural(block) {
                continue;
            }
            if is_bare_label(block) {
                counted = form == Form::Headings;
                continue;
            }
            let open = !one_for_all && self.last_weakness().is_some_and(|item| item.verdict.is_none());
            let text = view.running(index..index + 1);
            let mut rest = 0;
            let announced = std::mem::take(&mut counted);
            match form {
                Form::Headings if is_heading(view, index) => {
                    if starts_lower(&block.text)
                        && let Some(Piece::Weakness(wrapped)) = self.pieces.last_mut()
                    {
                        wrapped.text = format!("{} {}", wrapped.text, quote::normalise(&block.text));
                        continue;
                    }
                    self.weakness(&block.text, block.page, None);
                    continue;
                }
                Form::Headings if announced => rest = self.sentence(&text),
                Form::Sentences if open && (is_quoted(block) || LEAD_IN.is_match(&text.text)) => {
                    let open = self.last_weakness().map(|item| item.text.clone());
                    self.unjudged.extend(open);
                }
                Form::Sentences if !open && is_quoted(block) => rest = self.quoted(&text),
                Form::Sentences if !open && RESTATES.is_match(&text.text) && !(beside_bullets && is_bullet(block)) => {
                    rest = self.sentence(&text);
                }
                // Whole sentences in bullets are findings, unless a verdict follows to show that they are weaknesses.
                Form::Bullets
                    if !open && block.kind == BlockKind::ListItem && !(one_for_all && ends_complete(&block.text)) =>
                {
                    rest = self.sentence(&text);
                }
                _ => {}
            }
            let tail = text.text[rest..].trim();
            if tail.is_empty() {
                continue;
            }
            self.judge(&text.text[rest..]);
            let tail_block =
                Block { page: block.page_at(rest), text: tail.to_owned(), page_breaks: vec![], ..block.clone() };
            let mut piece = Running::default();
            piece.push(index, if rest == 0 { block } else { &tail_block });
            self.pieces.push(Piece::Text(piece));
        }
    }

    /// Takes a whole block as the weakness quoted.
    fn quoted(&mut self, text: &Running) -> usize {
        let evidence = text.evidence(0..text.text.len());
        self.weakness(&evidence.quote, evidence.page, None);
        text.text.len()
    }

    /// Takes the first sentence of a block as the weakness restated; gives where the rest begins.
    fn sentence(&mut self, text: &Running) -> usize {
        let first = sentences::split(&text.text).into_iter().next().unwrap_or(0..text.text.len());
        let evidence = text.evidence(first.clone());
        self.weakness(&evidence.quote, evidence.page, None);
        first.end
    }
}

/// Marks of a quotation.
const QUOTES: &[char] = &['‘', '’', '“', '”', '"', '\''];

/// Whether a block is a quotation and nothing else: the weakness in the words of the first letter.
fn is_quoted(block: &Block) -> bool {
    let text = block.text.trim();
    let inner = unquoted(text);
    inner.len() < text.len() && inner.split_whitespace().count() > 3
}

/// A text that is one quotation without its marks; any other as it is.
fn unquoted(text: &str) -> &str {
    let inner = text.trim_matches(QUOTES);
    let whole = text.starts_with(QUOTES) && text.ends_with(QUOTES) && !inner.contains(['‘', '“', '”', '"']);
    if whole { inner } else { text }
}

fn is_bullet(block: &Block) -> bool {
    block.kind == BlockKind::ListItem
}

/// Whether a block restates a weakness of the first letter, in its own words or in a sentence about them.
fn restates(block: &Block) -> bool {
    RESTATES.is_match(&block.text) || is_quoted(block)
}

/// Whether a block stands beside the first column of a table.
fn beside(block: &Block) -> bool {
    block.table.is_some() && block.column.is_some_and(|column| column > 1)
}

/// Whether a block beside the first column holds the verdict on the weakness of its row.
fn judged_beside(block: &Block) -> bool {
    beside(block) && (verdicts::in_cell(&block.text).is_some() || says_verdict(block))
}

/// Whether a block holds the verdict on one weakness.
fn says_verdict(block: &Block) -> bool {
    sentences::split(&block.text).into_iter().any(|sentence| verdicts::on_one(&block.text[sentence]).is_some())
}

fn form(view: &View<'_>, range: Range<usize>) -> Form {
    let blocks = &view.blocks()[range.clone()];
    let leads = |b: &Block| b.kind != BlockKind::ListItem && verdicts::on_list(&b.text).is_some();
    if blocks.windows(2).any(|pair| leads(&pair[0]) && is_listed(&pair[1])) {
        return Form::TwoLists;
    }
    if blocks.iter().any(judged_beside) {
        return Form::Table;
    }
    let headings = range.clone().filter(|&i| is_heading(view, i) && !is_structural(&view.blocks()[i])).count();
    let restating = blocks.iter().filter(|b| restates(b)).count();
    // One heading says nothing of several weaknesses.
    if headings > 1 || headings == 1 && restating < 2 {
        return Form::Headings;
    }
    if restating > 0 { Form::Sentences } else { Form::Bullets }
}

/// Whether a block is an entry of a list of weaknesses: a bullet, or a phrase that lost its mark.
fn is_listed(block: &Block) -> bool {
    block.kind == BlockKind::ListItem || starts_lower(&block.text)
}

/// A heading that belongs to the letter's frame, not to a weakness.
fn is_structural(block: &Block) -> bool {
    let text = block.text.trim();
    block.kind != BlockKind::ListItem && (OTHER_HEADING.is_match(text) || super::is_main_findings(text))
}

/// Whether a block says only which weakness follows: "Weakness 2".
fn is_bare_label(block: &Block) -> bool {
    let text = block.text.trim();
    LABEL.find(text).is_some_and(|label| label.end() == text.len())
}

/// Whether a block heads what follows: marked or bold, or a phrase without a stop above full sentences.
fn is_heading(view: &View<'_>, index: usize) -> bool {
    const MAX_HEADING_BYTES: usize = 400;
    let block = &view.blocks()[index];
    let text = block.text.trim();
    if text.len() > MAX_HEADING_BYTES || verdicts::on_one(text).is_some() {
        return false;
    }
    if block.kind == BlockKind::Heading || block.bold {
        return true;
    }
    let next = view.blocks().get(index + 1);
    let above_sentences = next.is_some_and(|n| n.kind == BlockKind::Paragraph && ends_complete(&n.text));
    !ends_complete(text) && !text.ends_with([':', ';', ',']) && above_sentences
}
