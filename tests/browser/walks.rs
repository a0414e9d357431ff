//! Readers take something away: a comparison, a sorted table, a chart, a citation, a calendar.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::support::browser::Browser;
use super::support::http::get;
use super::support::service::shared;
use super::{assert_quiet, letter_id, open, url};

/// Waits until a download is complete, and gives its bytes.
pub fn wait_for_download(browser: &Browser, name: &str) -> Vec<u8> {
    let path: PathBuf = browser.downloads.path().join(name);
    let end = Instant::now() + Duration::from_secs(20);
    while !path.is_file() {
        assert!(
            Instant::now() < end,
            "{name} did not arrive; there are {:?}",
            std::fs::read_dir(browser.downloads.path()).unwrap()
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    std::fs::read(path).unwrap()
}

/// The texts of the first cells of a table.
fn first_cells(browser: &Browser, table: &str) -> Vec<String> {
    let script =
        format!("return [...document.querySelectorAll('{table} tbody th')].map(cell => cell.innerText.trim())");
    browser.run(&script).as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_analyst_compares_three_areas_and_keeps_the_address() {
    for width in [1280, 390] {
        let Some(browser) = open(width, 900) else { return };
        browser.goto(&url("/areas"));
        browser.click(&browser.link("Compare areas side by side"));
        browser.wait_for("location.pathname === '/compare'");
        for (place, name) in [(1, "Thornwick"), (2, "972"), (3, "Saltmere")] {
            browser.write(&browser.find(&format!("#area-{place}")), name);
        }
        browser.click(&browser.find("form[action='/compare'] button"));
        browser.wait_for("document.querySelector('#standing + table')");
        assert_eq!(first_cells(&browser, "#standing + table").len(), 3);
        let flagged = first_cells(&browser, "#themes ~ .table-frame table");
        assert!(flagged.len() > 2, "{flagged:?}");
        // The heading of the second area sorts by it: themes that it was flagged for come first.
        browser.click(&browser.find("#themes ~ .table-frame th:nth-child(3) a.sort"));
        browser.wait_for("location.search.includes('sort=area-')");
        let cells = browser.run("return [...document.querySelectorAll('#themes ~ .table-frame tbody td:nth-child(3)')].map(c => c.innerText.includes('\u{2691}'))");
        let cells: Vec<bool> = cells.as_array().unwrap().iter().map(|c| c.as_bool().unwrap()).collect();
        assert!(cells.is_sorted_by(|a, b| a >= b) && cells.contains(&true), "{cells:?}");
        browser.click(&browser.find("#themes ~ .table-frame summary"));
        assert!(!browser.text("#themes ~ .table-frame details[open] blockquote").is_empty());
        let address = browser.url();
        browser.goto("about:blank");
        browser.goto(&address);
        assert_eq!(first_cells(&browser, "#standing + table").len(), 3, "the address keeps the areas");
        browser.click(&browser.link("Download as CSV"));
        let csv = wait_for_download(&browser, "sendlens-compare.csv");
        assert!(csv.starts_with("\u{feff}theme,label,la_code,area,flagged,".as_bytes()));
        assert_quiet(&browser);
    }
}

#[test]
fn a_table_is_sorted_by_its_headings_with_and_without_script_and_on_a_phone() {
    for (width, script) in [(1280, true), (1280, false), (360, true)] {
        let Some(browser) = open(width, 900) else { return };
        let disabled = serde_json::json!({ "value": !script });
        browser.goto(&url("/areas"));
        let before = first_cells(&browser, "table.sortable");
        browser.devtools("Emulation.setScriptExecutionDisabled", &disabled);
        browser.click(&browser.find("table.sortable th:nth-child(4) a.sort"));
        browser.wait_for_address("/areas?sort=-letters#standings");
        browser.devtools("Emulation.setScriptExecutionDisabled", &serde_json::json!({ "value": false }));
        let counts = browser.run("return [...document.querySelectorAll('table.sortable tbody tr')].map(row => JSON.parse(row.dataset.keys)[3])");
        let counts: Vec<u64> = counts.as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect();
        assert!(counts.is_sorted_by(|a, b| a >= b) && counts[0] > 1, "{counts:?}");
        assert_eq!(
            browser.run("return document.querySelector('th[aria-sort]').getAttribute('aria-sort')"),
            "descending"
        );
        browser.click(&browser.find("table.sortable th:nth-child(1) a.sort"));
        browser.wait_for_address("/areas?sort=name#standings");
        assert_eq!(first_cells(&browser, "table.sortable"), before);
        assert_quiet(&browser);
    }
}

#[test]
fn a_chart_is_taken_away_as_a_picture_as_a_drawing_and_as_figures() {
    let Some(browser) = open(1280, 900) else { return };
    for (page, name) in [
        ("/", "outcomes"),
        ("/themes/leadership", "themes-leadership-years"),
        ("/map", "map"),
        ("/areas/971?basis=all", "areas-971-peers"),
    ] {
        browser.goto(&url(page));
        browser.click(&browser.find(&format!("ul:has(a[data-svg={name}]) button[data-png]")));
        let picture = wait_for_download(&browser, &format!("sendlens-{name}.png"));
        assert_eq!(&picture[..8], b"\x89PNG\r\n\x1a\n", "{name}");
        let size = |at: usize| u32::from_be_bytes(picture[at..at + 4].try_into().unwrap());
        assert!(size(16) > 1000 && size(20) > 500 && picture.len() > 10_000, "{name}: {} by {}", size(16), size(20));
    }
    // The picture shows the drawing with its colours: it is not one plain sheet.
    browser.goto(&url("/"));
    let colours = browser.run_async(
        "const done = arguments[0]; const image = new Image();
         image.onload = () => { const c = document.createElement('canvas'); c.width = image.naturalWidth; c.height = image.naturalHeight;
           const p = c.getContext('2d'); p.drawImage(image, 0, 0); const d = p.getImageData(0, 0, c.width, c.height).data;
           const seen = new Set(); for (let i = 0; i < d.length; i += 4) seen.add([d[i], d[i + 1], d[i + 2]].join()); done(seen.has('29,95,148') && seen.has('255,255,255')); };
         image.onerror = () => done(false); image.src = document.querySelector('a[data-svg=outcomes]').href;",
    );
    assert_eq!(colours, true, "typically positive outcomes have their blue, on white");
    browser.click(&browser.find("a[data-svg=outcomes]"));
    assert!(wait_for_download(&browser, "sendlens-outcomes.svg").starts_with(b"<?xml"));
    browser.click(&browser.find("a[href='/outcomes.csv']"));
    assert!(
        wait_for_download(&browser, "sendlens-outcomes.csv").starts_with("\u{feff}year,outcome,inspections".as_bytes())
    );
    assert_quiet(&browser);
}

#[test]
fn citations_of_a_finding_a_letter_and_a_chart_are_copied() {
    let Some(browser) = open(1280, 900) else { return };
    let origin = serde_json::json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
    browser.devtools("Browser.grantPermissions", &origin);
    let clipboard = |browser: &Browser, button: &str| {
        browser.click(&browser.find(button));
        browser.wait_for("[...document.querySelectorAll('[role=status]')].some(s => s.textContent === 'Copied')");
        let read =
            "const done = arguments[0]; navigator.clipboard.readText().then(done).catch(e => done('failed: ' + e))";
        browser.run_async(read).as_str().unwrap().to_owned()
    };
    let id = letter_id("area_send_full");
    browser.goto(&url(&format!("/letters/{id}")));
    let copied = clipboard(&browser, "[data-cite-letter] button");
    assert!(copied.ends_with(&format!("Read by sendlens: {id}.")), "{copied}");
    browser.goto(&url(&format!("/letters/{id}")));
    browser.click(&browser.find(".finding details[data-cite] summary"));
    browser.wait_for("document.querySelector('.finding .citation')");
    let finding = browser.run("return document.querySelector('.finding').id.slice(2)").as_str().unwrap().to_owned();
    let words = browser.run("return document.querySelector('.finding p').textContent").as_str().unwrap().to_owned();
    let copied = clipboard(&browser, ".finding .citation button");
    assert!(
        copied.contains(&format!("\u{201c}{words}\u{201d}")) && copied.ends_with(&format!(": {id}.{finding}.")),
        "{copied}"
    );
    let entry = clipboard(&browser, ".finding .citation pre + button");
    assert!(entry.starts_with(&format!("@misc{{sendlens-{id}.{finding},")) && entry.contains(", page "), "{entry}");
    assert!(!entry[1..].contains('@'), "no placeholder is left: {entry}");
    browser.goto(&url("/themes/leadership"));
    browser.click(&browser.find(".figure details.cite summary"));
    let copied = clipboard(&browser, ".figure .citation button");
    assert!(copied.starts_with("sendlens (2026) ") && copied.ends_with(&url("/themes/leadership")), "{copied}");
    assert_quiet(&browser);
}

#[test]
fn a_director_subscribes_to_a_calendar() {
    let Some(browser) = open(390, 844) else { return };
    browser.goto(&url("/"));
    browser.click(&browser.link("Inspections by due date, with calendars"));
    browser.wait_for("location.pathname === '/due'");
    let feeds = browser.run("return [...document.querySelectorAll('a[href$=\".ics\"]')].map(a => a.href)");
    let feeds: Vec<&str> = feeds.as_array().unwrap().iter().map(|href| href.as_str().unwrap()).collect();
    assert!(feeds.len() > 5, "one for all and one for each region: {feeds:?}");
    browser.goto(&url("/areas/971"));
    let own = browser.run("return document.querySelector('main a[href$=\".ics\"]').href");
    let mut events = 0;
    for feed in feeds.into_iter().chain(own.as_str()) {
        let path = feed.strip_prefix(&url("")).unwrap_or_else(|| panic!("{feed} is of this site"));
        let answer = get(shared(), path);
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some("text/calendar; charset=utf-8")),
            "{feed}"
        );
        events += count_valid_events(&answer.text()).unwrap_or_else(|problem| panic!("{feed}: {problem}"));
    }
    assert!(events > 10, "{events}");
    assert_quiet(&browser);
}

/// Counts the events of a calendar that is valid by RFC 5545: lines end with CRLF and have at most 75 octets, there is
/// one calendar with version and product, and each event has an identifier, a time stamp and a whole day.
fn count_valid_events(text: &str) -> Result<usize, String> {
    let lines: Vec<&str> = text.split("\r\n").collect();
    if let Some(long) = lines.iter().find(|line| line.len() > 75 || line.contains('\n')) {
        return Err(format!("a line is too long or has a wrong line ending: {long}"));
    }
    let unfolded = text.replace("\r\n ", "");
    let lines: Vec<&str> = unfolded.split("\r\n").collect();
    if lines.first() != Some(&"BEGIN:VCALENDAR")
        || lines.iter().rev().find(|line| !line.is_empty()) != Some(&"END:VCALENDAR")
    {
        return Err("it is not a calendar".to_owned());
    }
    for needed in ["VERSION:2.0", "PRODID:"] {
        if !lines.iter().any(|line| line.starts_with(needed)) {
            return Err(format!("it has no {needed}"));
        }
    }
    let events: Vec<&str> = unfolded.split("BEGIN:VEVENT\r\n").skip(1).collect();
    let mut identifiers = std::collections::BTreeSet::new();
    for event in &events {
        let event = event.split("END:VEVENT\r\n").next().unwrap_or_default();
        for needed in ["UID:", "DTSTAMP:", "DTSTART;VALUE=DATE:", "SUMMARY:"] {
            if event.lines().filter(|line| line.starts_with(needed)).count() != 1 {
                return Err(format!("an event must have exactly one {needed} {event}"));
            }
        }
        let uid = event.lines().find(|line| line.starts_with("UID:")).unwrap_or_default();
        if !identifiers.insert(uid.to_owned()) {
            return Err(format!("two events have the identifier {uid}"));
        }
    }
    Ok(events.len())
}
