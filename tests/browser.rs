//! The site in a real browser: an officer's path, search, keyboard, phone, print, and accessibility checked with axe-core.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "browser/first_sight.rs"]
mod first_sight;
mod support;
#[path = "browser/walks.rs"]
mod walks;

use serde_json::Value;
use support::browser::{Browser, keys};
use support::http::get;
use support::service::shared;

fn url(path: &str) -> String {
    format!("http://{}{path}", shared())
}

/// Opens a browser on an empty page, and discards what it logged while it started.
fn open(width: u32, height: u32) -> Option<Browser> {
    let browser = Browser::open(width, height)?;
    browser.goto("about:blank");
    let _ = (browser.complaints(), browser.requests());
    Some(browser)
}

fn assert_quiet(browser: &Browser) {
    assert_eq!(browser.complaints(), Vec::<String>::new(), "the console is silent");
    let own = url("/");
    for request in browser.requests() {
        let local = ["data:", "about:", "blob:", "chrome"].iter().any(|scheme| request.starts_with(scheme));
        assert!(local || request.starts_with(&own), "a request to another host: {request}");
    }
}

/// The id of a letter of this kind.
fn letter_id(kind: &str) -> String {
    let letters = get(shared(), &format!("/api/v1/letters?kind={kind}&limit=1")).json();
    letters["items"][0]["id"].as_str().unwrap_or_else(|| panic!("the fixtures have a letter of kind {kind}")).to_owned()
}

#[test]
fn an_officer_finds_the_area_compares_it_reads_a_quote_and_downloads_the_figures() {
    walk_as_an_officer(1280);
}

#[test]
fn an_officer_does_the_same_on_a_phone() {
    walk_as_an_officer(390);
}

fn walk_as_an_officer(width: u32) {
    let Some(browser) = open(width, 900) else { return };
    browser.goto(&url("/"));
    browser.write(&browser.find("#area"), "Thornwick");
    browser.write(&browser.find("#area"), keys::ENTER);
    browser.wait_for("location.pathname === '/areas/971'");
    assert_eq!(browser.title(), "Thornwick \u{2013} sendlens");
    let own = browser.text("details[data-print-open][open] .finding");
    assert!(own.contains("page "), "the area's own items of its latest inspection stand open: {own}");
    let open =
        browser.run("return [...document.querySelectorAll('details[data-print-open][open]')].map(d => d.innerText)");
    assert!(
        open.to_string().contains("Area for priority action 1"),
        "formal items stand open, not judgements alone: {open}"
    );
    browser.click(&browser.link("All of England"));
    browser.wait_for("location.search === '?basis=all'");
    assert_eq!(browser.text(".switch [aria-current]:not(:empty)"), "All of England");
    let peers = get(shared(), "/api/v1/areas/971/peers?basis=all").json();
    let quoted =
        peers["themes"].as_array().unwrap().iter().find(|t| !t["quotes"].as_array().unwrap().is_empty()).unwrap();
    assert!(browser.run("return !document.querySelector('#peer-themes details').open") == Value::Bool(true));
    browser.click(&browser.find("#peer-themes summary"));
    browser.wait_for("document.querySelector('#peer-themes details').open");
    let shown = browser.text("#peer-themes details blockquote");
    assert!(!shown.is_empty() && quoted["quotes"].is_array());
    browser.click(&browser.find("#peer-themes blockquote a"));
    browser.wait_for("location.pathname.startsWith('/letters/') && location.hash.startsWith('#f-')");
    let target = browser.run("return document.querySelector(location.hash).innerText").as_str().unwrap().to_owned();
    let first_words: String = shown.chars().take(40).collect();
    assert!(target.contains(&first_words), "the quote stands where the link leads: {target}");
    let original = browser.run("return document.querySelector('ul.actions a.button[href^=http]').innerText");
    assert_eq!(
        original, "This area\u{2019}s reports at Ofsted",
        "the letter was ingested as a file and has no address of its own"
    );
    browser.back();
    browser.wait_for("location.pathname === '/areas/971'");
    browser.click(&browser.link("Download for Excel"));
    walks::wait_for_download(&browser, "sendlens-peers-971.xlsx");
    browser.click(&browser.link("Briefing to print"));
    browser.wait_for("location.pathname === '/areas/971/briefing'");
    browser.wait_for("!document.querySelector('button[data-print]').hidden");
    let (pdf, sheets) = browser.print();
    assert!((2..=4).contains(&sheets), "a briefing is two to four pages, not {sheets}");
    let printed = pdf_extract::extract_text_from_mem(&pdf).unwrap();
    let printed = printed.split_whitespace().collect::<Vec<_>>().join(" ");
    for sheet in 1..=sheets {
        assert!(printed.contains(&format!("Page {sheet} of {sheets}")), "pages are numbered: {printed}");
    }
    assert_quiet(&browser);
}

#[test]
fn a_search_is_narrowed_by_facets_and_the_back_button_undoes_it() {
    let Some(browser) = open(1280, 900) else { return };
    browser.goto(&url("/findings"));
    browser.write(&browser.find("#q"), "leaders");
    browser.write(&browser.find("#q"), keys::ENTER);
    browser.wait_for("location.search.includes('q=leaders') && document.querySelector('.results mark')");
    let count = "return document.querySelector('section[aria-label=Results] p strong').innerText";
    let all = browser.run(count);
    browser.click(&browser.find(".facets a[href*=polarity]"));
    browser.wait_for("document.querySelector('.chips')");
    let narrowed = browser.run(count);
    assert_ne!(all, narrowed);
    assert!(browser.url().contains("polarity="), "the address holds the state: {}", browser.url());
    browser.back();
    browser.wait_for("!document.querySelector('.chips')");
    assert_eq!(browser.run(count), all);
    assert_eq!(browser.run("return document.querySelector('#q').value"), "leaders");
    assert_quiet(&browser);
}

#[test]
fn everything_can_be_done_with_the_keyboard() {
    let Some(browser) = open(1280, 900) else { return };
    let focused = "return document.activeElement.innerText";
    browser.goto(&url("/"));
    browser.press(&[keys::TAB]);
    assert_eq!(browser.run(focused), "Skip to the main content");
    browser.press(&[keys::ENTER]);
    browser.wait_for("document.activeElement.id === 'main'");
    browser.press(&[keys::TAB]);
    assert_eq!(browser.run("return document.activeElement.id"), "area");
    browser.press(&["9", "7", "1", keys::ENTER]);
    browser.wait_for("location.pathname === '/areas/971'");
    // The focus can be seen wherever it goes.
    for _ in 0..12 {
        browser.press(&[keys::TAB]);
        let seen = browser.run("const s = getComputedStyle(document.activeElement); return s.outlineStyle !== 'none' || s.boxShadow !== 'none'");
        assert_eq!(seen, Value::Bool(true), "{}", browser.run(focused));
    }
    browser.goto(&url("/map"));
    browser.run("document.querySelector('a.tile').focus()");
    let first = browser.run("return document.activeElement.querySelector('title').textContent");
    browser.press(&[keys::RIGHT]);
    let second = browser.run("return document.activeElement.querySelector('title').textContent");
    assert!(second.is_string() && first != second, "arrow keys move between tiles: {first} {second}");
    browser.press(&[keys::ENTER]);
    browser.wait_for("location.pathname.startsWith('/areas/')");
    assert_quiet(&browser);
}

#[test]
fn nothing_is_cut_off_on_a_phone() {
    let Some(browser) = open(360, 740) else { return };
    let letter = format!("/letters/{}", letter_id("area_send_full"));
    for path in [
        "/",
        "/areas",
        "/areas/971?basis=all",
        "/areas/971?basis=list&with=972%3B973",
        "/areas/971/briefing",
        "/compare?area=971&area=972&area=973&area=974&area=975&area=976",
        "/due",
        "/themes",
        "/themes/leadership",
        "/findings",
        "/findings?q=leaders",
        "/letters",
        &letter,
        "/map",
        "/about",
        "/about/codebook",
        "/api",
    ] {
        browser.goto(&url(path));
        browser.run("for (const d of document.querySelectorAll('details')) d.open = true");
        let wide = browser.run("return document.documentElement.scrollWidth");
        assert!(wide.as_u64().unwrap() <= 360, "{path} is {wide} pixels wide");
    }
    assert_quiet(&browser);
}

#[test]
fn the_map_fits_a_phone_and_a_tap_shows_the_full_name_first() {
    let Some(browser) = open(390, 844) else { return };
    let touch = serde_json::json!({ "enabled": true, "maxTouchPoints": 1 });
    browser.devtools("Emulation.setTouchEmulationEnabled", &touch);
    browser.goto(&url("/map"));
    let edges = browser.run(
        "const box = document.querySelector('svg.tilemap').getBoundingClientRect(); return box.left >= 0 && box.right <= 390",
    );
    assert_eq!(edges, Value::Bool(true), "the whole map is on the screen");
    assert_eq!(browser.run("return document.querySelector('#table').open"), Value::Bool(false), "the table is folded");
    let tap = || {
        let place = browser.run(
            "const tile = document.querySelector('a.tile[href=\"/areas/971\"]'); tile.scrollIntoView({ block: 'center' });
             const box = tile.getBoundingClientRect(); return [box.left + box.width / 2, box.top + box.height / 2]",
        );
        let point = serde_json::json!([{ "x": place[0], "y": place[1] }]);
        browser
            .devtools("Input.dispatchTouchEvent", &serde_json::json!({ "type": "touchStart", "touchPoints": point }));
        browser.devtools("Input.dispatchTouchEvent", &serde_json::json!({ "type": "touchEnd", "touchPoints": [] }));
    };
    tap();
    browser.wait_for("document.querySelector('.tile-says').textContent.startsWith('Thornwick: ')");
    assert!(browser.url().ends_with("/map"), "the first tap stays on the map");
    tap();
    browser.wait_for("location.pathname === '/areas/971'");
    assert_quiet(&browser);
}

#[test]
fn rows_of_areas_are_short_on_a_phone_and_initials_jump_to_them() {
    let Some(browser) = open(390, 844) else { return };
    browser.goto(&url("/areas"));
    let tallest = browser
        .run("return Math.max(...[...document.querySelectorAll('table.brief tbody tr')].map(row => row.offsetHeight))");
    assert!(tallest.as_u64().unwrap() <= 160, "a row is {tallest} pixels high");
    browser.click(&browser.find(".jumps a[href='#areas-T']"));
    browser.wait_for("location.hash === '#areas-T'");
    let top = browser.run("return document.querySelector('#areas-T').getBoundingClientRect().top");
    assert!(top.as_f64().unwrap() < 844.0, "the area is on the screen: {top}");
    assert!(browser.text("#areas-T th").starts_with('T'));
    assert_quiet(&browser);
}

#[test]
fn pages_work_without_script() {
    let Some(browser) = open(1280, 900) else { return };
    browser.devtools("Emulation.setScriptExecutionDisabled", &serde_json::json!({ "value": true }));
    browser.goto(&url("/areas/971?basis=all"));
    browser.click(&browser.find("#peer-themes summary"));
    assert!(!browser.text("#peer-themes details blockquote").is_empty(), "quotes open without script");
    browser.goto(&url("/map"));
    browser.click(&browser.find("option[value=leadership]"));
    browser.click(&browser.find("main form button"));
    browser.wait_for_address("/map?show=leadership&framework=");
}

#[test]
fn axe_finds_no_violation_on_any_page() {
    let Some(browser) = open(1280, 900) else { return };
    let axe = include_str!("browser/axe.min.js");
    let mut paths: Vec<String> = [
        "/",
        "/areas",
        "/areas?area=Thornwik",
        "/areas/971?basis=all",
        "/areas/971?basis=list",
        "/areas/971?basis=list&with=Calderbrok",
        "/areas/979",
        "/areas/971/briefing",
        "/compare?area=971&area=972&area=973&area=974&area=975&area=976",
        "/due",
        "/themes",
        "/themes/leadership",
        "/findings",
        "/findings?q=leaders&polarity=weakness",
        "/findings?q=%22",
        "/letters",
        "/letters?kind=other",
        "/map",
        "/map?show=leadership",
        "/map?framework=2023",
        "/areas?sort=due&expected=past",
        "/due?sort=-area",
        "/areas/971?with=972&with=973",
        "/areas/971?basis=type&sort=most-unusual",
        "/about",
        "/about/codebook",
        "/api",
        "/nothing",
    ]
    .map(String::from)
    .to_vec();
    for kind in ["area_send_full", "outcome_letter", "revisit_letter", "area_send_monitoring"] {
        paths.push(format!("/letters/{}", letter_id(kind)));
    }
    let mut found = Vec::new();
    for (width, height, scheme) in [(1280, 900, "light"), (360, 740, "light"), (1280, 900, "dark")] {
        let media = serde_json::json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        browser.devtools("Emulation.setEmulatedMedia", &media);
        let size = serde_json::json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        browser.devtools("Emulation.setDeviceMetricsOverride", &size);
        for path in &paths {
            browser.goto(&url(path));
            browser.run("for (const d of document.querySelectorAll('details')) d.open = true");
            browser.run(axe);
            let answer = browser.run_async(
                "const done = arguments[0]; axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
                 .then(r => done(r.violations.map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' | ' + n.failureSummary.slice(0, 200)).join(' ;; '))))
                 .catch(e => done(['axe failed: ' + e]))",
            );
            found.extend(
                answer
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|v| format!("{path} at {width}, {scheme}: {}", v.as_str().unwrap())),
            );
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// Makes the pictures of the tour in docs/using.md: `cargo test --test browser -- --ignored tour`.
#[test]
#[ignore = "writes files of the project; run it when pages change"]
fn tour() {
    let Some(browser) = open(1280, 860) else { return };
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/tour");
    std::fs::create_dir_all(&folder).unwrap();
    let letter = format!("/letters/{}", letter_id("area_send_full"));
    let pages = [
        ("home", "/"),
        ("area", "/areas/971?basis=all#peers"),
        ("briefing", "/areas/971/briefing"),
        ("theme", "/themes/leadership"),
        ("findings", "/findings?q=leaders"),
        ("letter", letter.as_str()),
        ("map", "/map"),
        ("compare", "/compare?area=971&area=972&area=973#themes"),
        ("due", "/due"),
    ];
    for (size, width, height) in [("desktop", 1280, 860), ("phone", 360, 740)] {
        let metrics = serde_json::json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        browser.devtools("Emulation.setDeviceMetricsOverride", &metrics);
        for (name, path) in pages {
            browser.goto(&url(path));
            std::fs::write(folder.join(format!("{name}-{size}.png")), browser.screenshot(false)).unwrap();
        }
    }
}
