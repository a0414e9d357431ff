//! Bullets and numbers of list items.

use super::assemble::Assembled;

fn is_bullet(c: char) -> bool {
    const BULLETS: &str = "•◦▪▫■□●○◼◻◾◽‣➢✓❖∙·";
    BULLETS.contains(c) || ('\u{e000}'..='\u{f8ff}').contains(&c)
}

/// Whether the text is a bullet or a number, and not words.
pub(super) fn is_label(text: &str) -> bool {
    text.chars().all(|c| is_bullet(c) || c == '\u{fffd}')
        || matches!(text, "-" | "–" | "—" | "o" | "*")
        || is_number(text)
}

/// A number, letter or Roman number as used to number list items: `1`, `2.`, `1.2`, `(a)`, `iv.`.
fn is_number(text: &str) -> bool {
    let core = text.trim_start_matches(['(', '[']).trim_end_matches([')', '.', ':', ']']);
    let is_decimal = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    if core.split('.').all(is_decimal) {
        return true;
    }
    let is_letter = core.len() == 1 && core.bytes().all(|b| b.is_ascii_alphabetic());
    let is_roman = (1..=6).contains(&core.len()) && core.bytes().all(|b| b"ivxIVX".contains(&b));
    // A bare letter is text, not a label.
    text.len() > core.len() && (is_letter || is_roman)
}

/// Takes a bullet off the beginning of a text.
pub(super) fn take_bullet(text: &mut Assembled) -> Option<String> {
    let mut chars = text.text.chars();
    let (first, second) = (chars.next()?, chars.next());
    let is_dash = matches!(first, '-' | '–' | '\u{fffd}') && second == Some(' ');
    if !is_bullet(first) && !is_dash {
        return None;
    }
    let rest = text.text[first.len_utf8()..].trim_start();
    text.cut_front(text.text.len() - rest.len());
    Some(first.to_string())
}

/// Takes a number with its point or bracket off the beginning of a text.
pub(super) fn take_number(text: &mut Assembled) -> Option<String> {
    let (first, rest) = text.text.split_once(' ')?;
    if !(is_number(first) && first.ends_with(['.', ')', ':', ']'])) {
        return None;
    }
    let label = first.to_owned();
    text.cut_front(text.text.len() - rest.len());
    Some(label)
}

/// The item number at the start of a line.
pub(super) fn number_of(text: &str) -> Option<u32> {
    let (label, _) = text.split_once(' ')?;
    label.trim_start_matches('(').strip_suffix(['.', ')'])?.parse().ok()
}

/// Whether a line begins with a bullet or number, as an item of a list does.
pub(super) fn starts_item(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let Some((label, rest)) = text.split_once(' ') else { return is_bullet(first) };
    let is_dash = matches!(label, "-" | "–" | "o" | "*" | "\u{fffd}");
    is_bullet(first)
        || is_dash
        || is_number(label) && label.ends_with(['.', ')']) && rest.starts_with(char::is_alphabetic)
}
