//! An HTML file that needs no other: the style stands inside.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::view::STYLE;

/// The whole file of this body.
pub(super) fn with_style(title: &str, body: &Markup) -> String {
    let document = html! {
        (DOCTYPE)
        html lang="en-GB" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { (body) }
        }
    };
    document.into_string()
}
