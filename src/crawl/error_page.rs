//! Error pages that come with status 200, as applications and firewalls send them.
//!
//! They are known by their title or first heading alone, and only by wordings that no page of a source has: a page that
//! merely has another form is for its source to judge.

use super::html::squeeze;

/// How titles of error pages begin, in lower case.
const TITLES: &[&str] = &[
    "slim application error",
    "application error",
    "just a moment",
    "attention required",
    "access denied",
    "access to this page has been denied",
    "request rejected",
    "request blocked",
    "the request could not be satisfied",
    "the requested url was rejected",
    "pardon our interruption",
    "checking your browser",
    "please wait while we check",
    "service unavailable",
    "service temporarily unavailable",
    "502 bad gateway",
    "503 service",
    "504 gateway",
    "403 forbidden",
    "429 too many requests",
    "internal server error",
    "sorry, there is a problem with the service",
];

/// How much of a body is looked at, in bytes: titles and first headings stand at the beginning.
const BEGINNING_BYTES: usize = 32 << 10;

/// The title of an error page, if the bytes are one.
pub(crate) fn error_page(bytes: &[u8]) -> Option<String> {
    let beginning = bytes.get(..BEGINNING_BYTES).unwrap_or(bytes);
    if beginning.trim_ascii_start().first() != Some(&b'<') && !beginning.starts_with(b"\xef\xbb\xbf<") {
        return None;
    }
    let text = String::from_utf8_lossy(beginning);
    // Lower-casing ASCII alone keeps every place where it is.
    let lower = text.to_ascii_lowercase();
    ["title", "h1"].iter().find_map(|tag| {
        let words = squeeze(&inside(&text, &lower, tag)?);
        TITLES.iter().any(|title| words.to_ascii_lowercase().starts_with(title)).then_some(words)
    })
}

/// The words of the first element with this tag, without tags in it.
fn inside(text: &str, lower: &str, tag: &str) -> Option<String> {
    let start = lower.match_indices(&format!("<{tag}")).find_map(|(at, found)| {
        let rest = lower.get(at + found.len()..)?;
        let opens = rest.starts_with(['>', ' ', '\n', '\t']);
        rest.find('>').filter(|_| opens).map(|close| at + found.len() + close + 1)
    })?;
    let end = start + lower.get(start..)?.find(&format!("</{tag}"))?;
    let mut words = String::new();
    let mut within_tag = false;
    for c in text.get(start..end)?.chars() {
        match c {
            '<' => within_tag = true,
            '>' => within_tag = false,
            c if !within_tag => words.push(c),
            _ => {}
        }
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_pages_are_known_by_title_or_heading() {
        for (page, says) in [
            ("<!DOCTYPE html><html><head><title>Just a moment...</title>", "Just a moment..."),
            ("<html><head><title>Slim Application Error</title><body><h1>Error</h1>", "Slim Application Error"),
            ("\n<HTML><body><h1 class=x>\n Slim <b>Application</b>\n Error</h1>", "Slim Application Error"),
        ] {
            assert_eq!(error_page(page.as_bytes()).as_deref(), Some(says));
        }
    }

    #[test]
    fn other_pages_and_documents_are_none() {
        for page in [
            "<!DOCTYPE html><title>Access and Denied Road Council</title><h1>Thornwick</h1>",
            "<header>just a moment</header><h1>Search results</h1>",
            "<h1>Page not found</h1>",
            "<title>unfinished",
            "%PDF-1.7 <title>Just a moment...</title>",
            "User-agent: *",
            "",
        ] {
            assert_eq!(error_page(page.as_bytes()), None, "{page}");
        }
    }
}
