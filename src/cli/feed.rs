//! Changes as an Atom feed, a file that a web server can offer and people subscribe to.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::query::{Change, ChangeRow};

/// The feed of these changes, in the order given, with the themes that each letter flags by their names. The
/// same changes give the same bytes.
pub fn atom(changes: &[ChangeRow], labels: &BTreeMap<String, String>) -> String {
    let updated = changes.first().map_or_else(|| "1970-01-01T00:00:00Z".to_owned(), |newest| moment(&newest.at));
    let mut feed = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n\
         <title>SEND inspection letters: what is new</title>\n<id>urn:sendlens:changes</id>\n\
         <updated>{updated}</updated>\n<author><name>sendlens</name></author>\n\
         <rights>Documents: Ofsted and Care Quality Commission, Open Government Licence v3.0</rights>\n"
    );
    for change in changes {
        entry(&mut feed, change, labels);
    }
    feed.push_str("</feed>\n");
    feed
}

fn entry(feed: &mut String, row: &ChangeRow, labels: &BTreeMap<String, String>) {
    let what = match row.change {
        Change::New => "new",
        Change::Revised => "revised",
        Change::Republished => "published again",
        Change::SameText => "saved again, same text",
        Change::Vanished => "no longer listed",
        Change::Failed => "failed",
    };
    let (at, area) = (moment(&row.at), row.area.as_deref().unwrap_or("Document"));
    let title = row.title.as_deref().or(row.kind.as_deref()).unwrap_or("publication");
    let outcome = row.outcome.as_deref().map(|outcome| outcome.replace('_', " "));
    let named = |theme: &String| labels.get(theme).unwrap_or(theme).clone();
    let flagged: Vec<String> = row.flagged.iter().map(named).collect();
    let flagged = (!flagged.is_empty()).then(|| format!("flagged for: {}", flagged.join("; ")));
    let facts = [row.letter_id.as_deref(), outcome.as_deref(), flagged.as_deref(), row.reason.as_deref()];
    let facts = facts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    // Writing to a string cannot fail.
    _ = write!(
        feed,
        "<entry>\n<title>{}</title>\n<id>urn:sendlens:change:{}:{}:{}</id>\n<updated>{at}</updated>\n",
        escape(&format!("{area}: {title} ({what})")),
        escape(&at),
        escape(what).replace([' ', ','], "-"),
        escape(&row.address).replace(' ', "%20"),
    );
    if row.address.starts_with("http") {
        _ = writeln!(feed, "<link href=\"{}\"/>", escape(&row.address));
    }
    for theme in &row.flagged {
        _ = writeln!(feed, "<category term=\"{}\" label=\"{}\"/>", escape(theme), escape(&named(theme)));
    }
    _ = write!(feed, "<summary>{}</summary>\n</entry>\n", escape(&facts));
}

/// A day is given as its first moment, as Atom has no days.
fn moment(at: &str) -> String {
    if at.contains('T') { at.to_owned() } else { format!("{at}T00:00:00Z") }
}

/// Text as XML: characters with a meaning there are escaped, and characters that it cannot hold are left out.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_carries_each_change_and_escapes_what_sites_write() {
        let row = ChangeRow {
            at: "2026-03-01".to_owned(),
            change: Change::Vanished,
            status: "letter".to_owned(),
            letter_id: Some("971-2018-12-10-revisit".to_owned()),
            kind: None,
            area: Some("A & B".to_owned()),
            outcome: Some("wsoa_required".to_owned()),
            flagged: vec!["waiting-times".to_owned(), "own-theme".to_owned()],
            source: "ofsted_reports".to_owned(),
            title: Some("<b>Revisit\u{7}".to_owned()),
            address: "https://files.example/v1/file/1?a=b&c=d".to_owned(),
            reason: None,
        };
        let labels = BTreeMap::from([("waiting-times".to_owned(), "Waits & delays".to_owned())]);
        let feed = atom(&[row], &labels);
        assert!(feed.contains("<title>A &amp; B: &lt;b&gt;Revisit  (no longer listed)</title>"), "{feed}");
        assert!(feed.contains("<link href=\"https://files.example/v1/file/1?a=b&amp;c=d\"/>"));
        assert!(feed.contains("<updated>2026-03-01T00:00:00Z</updated>"));
        assert!(feed.contains("wsoa required · flagged for: Waits &amp; delays; own-theme</summary>"), "{feed}");
        assert!(feed.contains("<category term=\"waiting-times\" label=\"Waits &amp; delays\"/>"), "{feed}");
        assert_eq!(feed.matches("<entry>").count(), 1);
    }
}
