//! A formal item of an area, as its history and the comparison of two areas show it.

use maud::{Markup, html};

use super::super::components;
use crate::codebook::Codebook;
use crate::domain::JoinedBy;
use crate::query::Item;
use crate::view::words;

/// A formal item with what later inspections said of it.
pub(super) fn formal_item(item: &Item, codebook: &Codebook) -> Markup {
    let finding = &item.finding;
    html! {
        div class={ "finding " (components::tone(finding).to_string()) } {
            p { (finding.text) }
            div.meta {
                span { (words::role(finding.role)) " " (finding.ordinal) }
                a href=(components::finding_href(&finding.letter_id, &finding.id)) { "page " (finding.page) span.visually-hidden { " of the letter, item " (finding.ordinal) } }
                (components::theme_tags(finding, codebook))
            }
            @if let Some(verdict) = finding.verdict { p { strong { (words::verdict(verdict)) } } }
            @for later in &item.followed_up {
                p {
                    strong { @match later.verdict { Some(v) => { (words::verdict(v)) } None => { "Taken up again" } } }
                    " at the inspection of " (words::month_year(later.inspection_start)) ": "
                    a href=(components::finding_href(&later.letter_id, &later.finding_id)) { "what it says" span.visually-hidden { " of item " (finding.ordinal) } }
                    @if later.joined_by == JoinedBy::Position { span.soft { " (matched by its place in the list)" } }
                }
            }
        }
    }
}
