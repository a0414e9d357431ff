//! The structure tree of a tagged PDF: which marked content makes up which paragraph, list item or cell.

mod kind;
mod spans;

use std::collections::{BTreeMap, HashMap, HashSet};

use lopdf::{Dictionary, Object};

use self::kind::Kind;
use self::spans::SpansByMark;
use super::assemble::Piece;
use super::content::{MarkId, MarkKey, Shown};
use super::draft::{Draft, Place, Role};
use super::error::{ExtractError, Result, incomplete};
use super::pdf::{Lookup, Page, Pdf, Value};
use super::strays::bring_home;

/// What the structure tree made of the shown text.
pub(super) struct Walked {
    pub(super) drafts: Vec<Draft>,
    /// By mark: whether the tree refers to it.
    pub(super) reached: Vec<bool>,
    /// Marked content that is named and that no page shows, and all that is named.
    pub(super) lost_marks: u32,
    pub(super) marks: u32,
}

/// Columns further to the right are not followed down the rows.
const MAX_COLUMNS: u32 = 1_000;

enum Step<'w> {
    Enter { node: &'w Object, page: Option<u32>, depth: u32 },
    Leave(Leave),
}

struct Leave {
    kind: Kind,
    /// The element's own wording, and how many pieces its block had before it.
    actual: Option<(Box<str>, usize)>,
    /// What was open outside a cell.
    outside: Option<Outside>,
}

/// What a table cell hides from the blocks in it.
struct Outside {
    lists: u8,
    items: Vec<Item>,
    cell: Option<Place>,
}

struct Item {
    label: Vec<Piece>,
    /// The item's own text has begun.
    begun: bool,
}

#[derive(Default)]
struct TableState {
    number: u32,
    row: u32,
    column: u32,
    /// Columns that cells of rows above reach down into, with how many rows are left.
    spanned: BTreeMap<u32, u32>,
}

/// The root of the tree, if the document has structure.
pub(super) fn root<'p>(pdf: &'p Pdf) -> Option<&'p Dictionary> {
    pdf.dict(pdf.catalog()?, b"StructTreeRoot")
}

/// Walks the tree from its root.
pub(super) fn walk<'w>(pdf: &'w Pdf, root: &'w Dictionary, pages: &[Page], shown: &'w Shown) -> Result<Walked> {
    let mut walker = Walker {
        pdf,
        shown,
        role_map: pdf.dict(root, b"RoleMap"),
        pages: pages.iter().enumerate().map(|(i, page)| (page.number, i as u32)).collect(),
        spans: SpansByMark::new(shown),
        forms: forms_by_page(shown),
        reached: vec![false; shown.keys.len() + 2],
        drafts: Vec::new(),
        open: None,
        lists: 0,
        items: Vec::new(),
        tables: Vec::new(),
        cell: None,
        table_count: 0,
        in_label: 0,
        artifacts: 0,
        lost_marks: 0,
        marks: 0,
    };
    walker.run(root.find(b"K"))?;
    let Walker { mut drafts, reached, lost_marks, marks, .. } = walker;
    bring_home(shown, &mut drafts);
    Ok(Walked { drafts, reached, lost_marks, marks })
}

struct Walker<'w> {
    pdf: &'w Pdf<'w>,
    shown: &'w Shown,
    role_map: Option<&'w Dictionary>,
    pages: HashMap<u32, u32>,
    spans: SpansByMark,
    forms: HashMap<(u32, u32), MarkId>,
    reached: Vec<bool>,
    drafts: Vec<Draft>,
    open: Option<Draft>,
    lists: u8,
    items: Vec<Item>,
    tables: Vec<TableState>,
    /// The place of the innermost cell.
    cell: Option<Place>,
    table_count: u32,
    in_label: u32,
    artifacts: u32,
    lost_marks: u32,
    marks: u32,
}

impl<'w> Walker<'w> {
    fn run(&mut self, root: Option<&'w Object>) -> Result<()> {
        let mut seen = HashSet::new();
        let mut steps: Vec<Step> = root.map(|node| Step::Enter { node, page: None, depth: 0 }).into_iter().collect();
        while let Some(step) = steps.pop() {
            self.pdf.budget.element()?;
            match step {
                Step::Leave(leave) => self.leave(leave),
                Step::Enter { node, page, depth } => {
                    if let Some(number) = node.reference()
                        && !seen.insert(number)
                    {
                        continue;
                    }
                    match self.pdf.resolve(node) {
                        Object::Integer(mcid) => self.content(page, 0, *mcid),
                        Object::Array(kids) => push_kids(&mut steps, kids, page, depth),
                        Object::Dictionary(dict) => self.node(dict, page, depth, &mut steps)?,
                        Object::Null if node.reference().is_some() => {
                            return incomplete("part of its structure is missing");
                        }
                        _ => {}
                    }
                }
            }
        }
        self.flush();
        Ok(())
    }

    fn node(&mut self, dict: &'w Dictionary, page: Option<u32>, depth: u32, steps: &mut Vec<Step<'w>>) -> Result<()> {
        let limit = self.pdf.budget.limits.structure_depth;
        if depth > limit {
            return Err(ExtractError::Limit { what: "depth of structure elements", limit: u64::from(limit) });
        }
        let page = match dict.find(b"Pg").and_then(Value::reference) {
            Some(number) => self.pages.get(&number).copied().or(page),
            None => page,
        };
        match dict.name(b"Type") {
            Some(b"MCR") => {
                let form = dict.find(b"Stm").and_then(Value::reference).unwrap_or(0);
                if let Some(mcid) = dict.int(b"MCID") {
                    self.content(page, form, mcid);
                }
                return Ok(());
            }
            Some(b"OBJR") => return Ok(()),
            _ => {}
        }
        let kind = self.kind(dict);
        let actual = match kind {
            Kind::Inline | Kind::Block | Kind::Heading(_) => {
                let text = self.pdf.value(dict, b"ActualText").bytes();
                text.map(|bytes| super::content::text_string(bytes).into_boxed_str())
            }
            _ => None,
        };
        let outside = self.enter(kind, dict);
        let before = self.open.as_ref().map_or(0, |open| open.pieces.len());
        steps.push(Step::Leave(Leave { kind, actual: actual.map(|text| (text, before)), outside }));
        match dict.find(b"K") {
            Some(Object::Array(kids)) => push_kids(steps, kids, page, depth),
            Some(node) => steps.push(Step::Enter { node, page, depth: depth + 1 }),
            None => {}
        }
        Ok(())
    }

    /// What an element is, through the document's own names for roles.
    fn kind(&self, dict: &Dictionary) -> Kind {
        let mut role = self.pdf.value(dict, b"S").name().unwrap_or_default();
        for _ in 0..8 {
            match self.role_map.and_then(|map| map.name(role)) {
                Some(mapped) if Kind::of(role) == Kind::Group => role = mapped,
                _ => break,
            }
        }
        Kind::of(role)
    }

    fn enter(&mut self, kind: Kind, dict: &Dictionary) -> Option<Outside> {
        if kind != Kind::Inline
            && kind != Kind::Label
            && kind != Kind::Artifact
            && !(kind == Kind::Block && self.in_label > 0)
        {
            self.flush();
        }
        match kind {
            Kind::Group | Kind::Inline | Kind::Body => {}
            Kind::Block if self.in_label > 0 => {}
            Kind::Block => self.begin(None),
            Kind::Heading(level) => self.begin(Some(level)),
            Kind::List => self.lists = self.lists.saturating_add(1),
            Kind::Item => self.items.push(Item { label: Vec::new(), begun: false }),
            Kind::Label => self.in_label += 1,
            Kind::Artifact => self.artifacts += 1,
            Kind::Table => {
                self.table_count += 1;
                self.tables.push(TableState { number: self.table_count, ..TableState::default() });
            }
            Kind::Row => {
                if let Some(table) = self.tables.last_mut() {
                    table.row += 1;
                    table.column = 0;
                    table.spanned.retain(|_, rows| {
                        *rows -= 1;
                        *rows > 0
                    });
                }
            }
            Kind::Cell => return Some(self.enter_cell(dict)),
        }
        None
    }

    fn enter_cell(&mut self, dict: &Dictionary) -> Outside {
        let (columns, rows) = self.cell_spans(dict);
        let mut place = None;
        if let Some(table) = self.tables.last_mut() {
            table.column += 1;
            while table.spanned.contains_key(&table.column) {
                table.column += 1;
            }
            place = Some(Place { table: table.number, row: table.row.max(1), column: table.column });
            for column in table.column..table.column + columns {
                if rows > 1 && column <= MAX_COLUMNS {
                    // The count falls by one at the start of each row.
                    table.spanned.insert(column, rows);
                }
            }
            table.column += columns - 1;
        }
        let outside = Outside { lists: self.lists, items: std::mem::take(&mut self.items), cell: self.cell.take() };
        self.lists = 0;
        self.cell = place;
        outside
    }

    /// How many columns and rows a cell takes.
    fn cell_spans(&self, dict: &Dictionary) -> (u32, u32) {
        let owners = match self.pdf.value(dict, b"A") {
            Object::Array(owners) => owners,
            one => std::slice::from_ref(one),
        };
        let mut spans = (1, 1);
        for owner in owners.iter().take(16).filter_map(|owner| self.pdf.resolve(owner).dict()) {
            let span = |key| owner.int(key).map(|span: i64| span.clamp(1, 100) as u32);
            spans = (span(b"ColSpan").unwrap_or(spans.0), span(b"RowSpan").unwrap_or(spans.1));
        }
        spans
    }

    fn leave(&mut self, leave: Leave) {
        if let (Some((text, before)), Some(open)) = (leave.actual, self.open.as_mut()) {
            let replaced = open.pieces.get_mut(before..).unwrap_or_default();
            let mut text = Some(text);
            // The label was added when the block began; the wording does not belong to it.
            for piece in replaced.iter_mut().filter(|piece| !piece.label) {
                piece.instead = Some(text.take().unwrap_or_default());
            }
        }
        match leave.kind {
            Kind::Inline => return,
            Kind::Label => {
                self.in_label = self.in_label.saturating_sub(1);
                return;
            }
            Kind::Artifact => {
                self.artifacts = self.artifacts.saturating_sub(1);
                return;
            }
            Kind::Block if self.in_label > 0 => return,
            _ => {}
        }
        self.flush();
        match leave.kind {
            Kind::List => self.lists = self.lists.saturating_sub(1),
            Kind::Item => self.end_item(),
            Kind::Table => drop(self.tables.pop()),
            Kind::Cell => {
                if let Some(outside) = leave.outside {
                    (self.lists, self.items, self.cell) = (outside.lists, outside.items, outside.cell);
                }
            }
            _ => {}
        }
    }

    /// A label without a body may still be text.
    fn end_item(&mut self) {
        let Some(item) = self.items.pop() else { return };
        if !item.begun && !item.label.is_empty() {
            let role = Role::Item(self.lists.max(1));
            self.drafts.push(Draft { role, cell: self.cell, pieces: item.label });
        }
    }

    /// Opens a block.
    fn begin(&mut self, heading: Option<u8>) {
        self.flush();
        let (role, pieces) = match (heading, self.items.last_mut()) {
            (Some(level), _) => (Role::Heading(level), Vec::new()),
            (None, Some(item)) if !item.begun => (Role::Item(self.lists.max(1)), std::mem::take(&mut item.label)),
            _ => (Role::Paragraph, Vec::new()),
        };
        self.open = Some(Draft { role, cell: self.cell, pieces });
    }

    /// Closes the open block. One without text leaves the item's beginning to the next.
    fn flush(&mut self) {
        let Some(open) = self.open.take() else { return };
        let has_text = open.pieces.iter().filter(|piece| !piece.label).any(|piece| {
            self.shown.spans.get(piece.span as usize).is_some_and(|span| !self.shown.text_of(span).trim().is_empty())
        });
        match (&open.role, self.items.last_mut()) {
            (Role::Item(_), Some(item)) if has_text => item.begun = true,
            (Role::Item(_), Some(item)) => {
                item.label = open.pieces.into_iter().filter(|piece| piece.label).collect();
                return;
            }
            _ => {}
        }
        if has_text {
            self.drafts.push(open);
        }
    }

    /// Marked content of the open element.
    fn content(&mut self, page: Option<u32>, form: u32, mcid: i64) {
        let (Some(page), Ok(mcid)) = (page, u32::try_from(mcid)) else { return };
        let mark = self.shown.mark(MarkKey { page, form, mcid });
        // Some writers leave out that the content lies in a form.
        let mark = mark.or_else(|| self.forms.get(&(page, mcid)).copied().filter(|_| form == 0));
        self.marks += 1;
        let Some(mark) = mark else {
            self.lost_marks += 1;
            return;
        };
        if std::mem::replace(&mut self.reached[mark.0 as usize], true) || self.artifacts > 0 {
            return;
        }
        let in_label = self.in_label > 0 && !self.items.is_empty();
        if !in_label && self.open.is_none() {
            self.begin(None);
        }
        let target = match (self.items.last_mut(), self.open.as_mut()) {
            (Some(item), _) if in_label => &mut item.label,
            (_, Some(open)) => &mut open.pieces,
            _ => return,
        };
        target.extend(self.spans.of(mark).iter().map(|&span| Piece { label: in_label, ..Piece::of(span) }));
    }
}

fn push_kids<'w>(steps: &mut Vec<Step<'w>>, kids: &'w [Object], page: Option<u32>, depth: u32) {
    steps.extend(kids.iter().rev().map(|node| Step::Enter { node, page, depth: depth + 1 }));
}

/// Marks inside forms, by page and number, for references that do not name the form.
fn forms_by_page(shown: &Shown) -> HashMap<(u32, u32), MarkId> {
    let mut forms = HashMap::new();
    for key in shown.keys.iter().filter(|key| key.form != 0) {
        if let Some(mark) = shown.mark(*key) {
            forms.entry((key.page, key.mcid)).or_insert(mark);
        }
    }
    forms
}
