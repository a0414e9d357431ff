//! The blocks as one HTML file with its style inside.

use maud::{Markup, html};

use super::block::{Block, Line};
use crate::report::file::with_style;

pub(super) fn write(area: &str, blocks: &[Block]) -> String {
    let body = html! { main.wrap { @for block in blocks { (markup(block)) } } };
    with_style(&format!("Inspection briefing: {area}"), &body)
}

fn markup(block: &Block) -> Markup {
    html! {
        @match block {
            Block::Title(text) => { h1 { (text) } }
            Block::Heading(1, text) => { h2 { (text) } }
            Block::Heading(2, text) => { h3 { (text) } }
            Block::Heading(_, text) => { h4 { (text) } }
            Block::Paragraph(line) => { p { (spans(line)) } }
            Block::Quote(line) => { blockquote { p { (spans(line)) } } }
            Block::List(items) => { ul { @for item in items { li { (spans(item)) } } } }
            Block::Table { head, rows, .. } => {
                table {
                    @if head.iter().any(|title| !title.is_empty()) { thead { tr { @for title in head { th scope="col" { (title) } } } } }
                    tbody {
                        @for row in rows {
                            tr { @for (place, cell) in row.iter().enumerate() { @if place == 0 { th scope="row" { (spans(cell)) } } @else { td { (spans(cell)) } } } }
                        }
                    }
                }
            }
        }
    }
}

fn spans(line: &Line) -> Markup {
    html! {
        @for span in line {
            @if let Some(url) = &span.link { a href=(url) { (lines(&span.text)) } }
            @else if span.bold { strong { (lines(&span.text)) } }
            @else { (lines(&span.text)) }
        }
    }
}

fn lines(text: &str) -> Markup {
    html! { @for (place, line) in text.lines().enumerate() { @if place > 0 { br; } (line) } }
}
