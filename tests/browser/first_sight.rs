//! What an officer must be able to trust at first sight, on a wide screen and on a phone.

use serde_json::Value;

use super::support::browser::{Browser, keys};
use super::support::http::get;
use super::support::service::shared;
use super::{assert_quiet, letter_id, open, url};

/// Runs a test on a wide screen and on a phone.
fn on_both_screens(test: impl Fn(&Browser, u32)) {
    for width in [1280, 390] {
        let Some(browser) = open(width, 844) else { return };
        test(&browser, width);
        assert_quiet(&browser);
    }
}

/// Opens a page, unfolds everything on it, and gives the visible text of its main part.
fn open_and_read(browser: &Browser, path: &str) -> String {
    browser.goto(&url(path));
    browser.run("for (const d of document.querySelectorAll('details')) d.open = true");
    browser.text("main")
}

fn texts(browser: &Browser, css: &str) -> Vec<String> {
    let found = browser.run(&format!("return [...document.querySelectorAll({css:?})].map(e => e.innerText.trim())"));
    found.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn is_true(browser: &Browser, script: &str) -> bool {
    browser.run(script) == Value::Bool(true)
}

#[test]
fn a_passed_date_says_only_that_no_report_is_held_and_pages_agree_on_the_latest_inspection() {
    on_both_screens(|browser, _| {
        let past = open_and_read(browser, "/areas?expected=past&sort=due");
        assert!(past.contains("was expected about") && past.contains("; no report is held here"), "{past}");
        let mut latest = std::collections::BTreeSet::new();
        for path in ["/", "/areas/971", "/due", "/due?show=passed", "/compare?area=971&area=972", "/areas/971/briefing"]
        {
            let page = open_and_read(browser, path);
            assert!(!page.to_lowercase().contains("overdue"), "{path}: {page}");
            for text in [page, browser.text("footer")] {
                let days = text.split("Latest inspection held: ").skip(1);
                latest.extend(days.map(|rest| rest[..rest.find('.').unwrap()].to_owned()));
            }
        }
        assert_eq!(latest.len(), 1, "one definition, one date: {latest:?}");
    });
}

#[test]
fn few_areas_show_as_counts_and_a_year_of_few_letters_as_a_hollow_point_with_its_number() {
    on_both_screens(|browser, _| {
        browser.goto(&url("/areas/971?with=972&with=973"));
        let themes = browser.text("#peer-themes");
        assert!(themes.contains(" of 2") && !themes.contains('%'), "{themes}");
        assert!(is_true(browser, "return document.querySelector('#peer-themes svg') === null"));
        browser.click(&browser.link("Same region"));
        browser.wait_for("location.search.includes('basis=region')");

        open_and_read(browser, "/themes/leadership");
        let years = texts(browser, "#trend + figure .behind tbody td:nth-child(2)");
        let letters: Vec<u32> = years.iter().map(|of| of.rsplit(' ').next().unwrap().parse().unwrap()).collect();
        let few = letters.iter().filter(|letters| **letters < 5).count();
        assert!(few > 0, "the fixtures have a year of few letters: {years:?}");
        let count = |css: &str| browser.run(&format!("return document.querySelectorAll({css:?}).length"));
        assert_eq!(count("#trend + figure .dot.hollow"), few);
        let said = texts_of_svg(browser, "#trend + figure .axis-label.of");
        let label = |letters: &u32| format!("{letters} letter{}", if *letters == 1 { "" } else { "s" });
        assert_eq!(said, letters.iter().map(label).collect::<Vec<_>>());
        let joined = is_true(
            browser,
            "const hollow = [...document.querySelectorAll('#trend + figure .dot.hollow')].map(c => c.getAttribute('cx'));
             return [...document.querySelectorAll('#trend + figure line.trend')].some(l => hollow.includes(l.getAttribute('x1')) || hollow.includes(l.getAttribute('x2')))",
        );
        assert!(!joined, "no line joins a hollow point");
    });
}

fn texts_of_svg(browser: &Browser, css: &str) -> Vec<String> {
    let found = browser.run(&format!("return [...document.querySelectorAll({css:?})].map(e => e.textContent)"));
    found.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_theme_without_a_formal_item_may_show_as_criticised() {
    let peers = get(shared(), "/api/v1/areas/971/peers?basis=all").json();
    let themes = peers["themes"].as_array().unwrap();
    let theme = themes
        .iter()
        .find(|t| t["flagged_here"] == false && t["criticised_here"] == true && t["peers_flagged"] != 0)
        .expect("the fixtures criticise a theme outside formal items");
    let theme = theme["theme"].as_str().unwrap();
    on_both_screens(|browser, _| {
        browser.goto(&url("/areas/971?basis=all"));
        let criticised = browser.find(&format!("#peer-themes a[href*='theme={theme}&polarity']"));
        assert!(browser.text("#peer-themes").contains("No formal item in Thornwick, but criticised there"));
        browser.click(&criticised);
        browser.wait_for("location.pathname === '/findings'");
        assert!(
            texts(browser, ".chips li").iter().any(|chip| chip.contains("Weakness or Mixed")),
            "filters are in words"
        );
        assert!(!texts(browser, ".results blockquote").is_empty(), "the criticism is shown: {}", browser.url());

        let map = open_and_read(browser, &format!("/map?show={theme}"));
        assert!(map.contains("Criticised, but in no formal item"), "{map}");
        let row = texts(browser, "#table tbody tr").into_iter().find(|row| row.starts_with("Thornwick")).unwrap();
        assert!(row.contains("Criticised, but in no formal item"), "{row}");
    });
}

#[test]
fn areas_to_compare_with_are_added_one_by_one_and_the_order_is_explained() {
    on_both_screens(|browser, _| {
        browser.goto(&url("/areas/971?basis=list"));
        for code in ["972", "973"] {
            let field = browser.find("#with");
            browser.write(&field, code);
            browser.write(&field, keys::ENTER);
            browser.wait_for(&format!("location.search.includes('with={code}')"));
        }
        assert_eq!(texts(browser, ".chips li").len(), 2, "both are kept: {}", browser.url());
        assert_eq!(texts(browser, "#peers ~ .columns h4").len(), 2, "two areas have their formal items side by side");
        browser.goto(&url("/areas/971"));
        let page = browser.text("main");
        assert!(page.contains("Statistical neighbours: ") && page.contains("How close each neighbour is"), "{page}");
        assert!(page.contains("The theme that most of these areas were flagged for comes first."), "{page}");
        browser.click(&browser.link("Also flagged here"));
        browser.wait_for("location.search.includes('sort=here-too')");
        assert!(browser.text("main").contains("What this area was flagged for too comes first"));
    });
}

#[test]
fn a_briefing_asks_about_the_areas_own_items_first_and_prints_without_waste() {
    let own = get(shared(), "/api/v1/areas/971").json();
    let latest = own["inspections"].as_array().unwrap().iter().rev().find(|i| i["flagged"] != Value::Array(vec![]));
    let items = latest.unwrap()["items"].as_array().unwrap().iter();
    let mut expected: Vec<&str> = Vec::new();
    for theme in items.flat_map(|item| item["themes"].as_array().unwrap()) {
        let id = theme["id"].as_str().unwrap();
        if !expected.contains(&id) && expected.len() < 4 {
            expected.push(id);
        }
    }
    on_both_screens(|browser, _| {
        browser.goto(&url("/areas/971/briefing"));
        let asked = browser.run(
            "return [...document.querySelectorAll('section h3 a')].map(a => a.getAttribute('href').split('/').pop())",
        );
        assert_eq!(asked, serde_json::json!(expected), "the themes of the area's own items, in their order");
        let items = texts(browser, "li.in-full");
        assert!(items.iter().any(|item| item.contains('\n')), "sub-bullets are printed in full: {items:?}");
        let quotes = texts(browser, "tr.quoted");
        let distinct: std::collections::BTreeSet<&String> =
            quotes.iter().filter(|q| q.starts_with('\u{201c}')).collect();
        assert_eq!(distinct.len(), quotes.iter().filter(|q| q.starts_with('\u{201c}')).count(), "no quote twice");

        let headings = texts(browser, "h1, h2, h3, h4, thead tr");
        let (pdf, _) = browser.print();
        let sheets = pdf_extract::extract_text_from_mem_by_pages(&pdf).unwrap();
        for (number, sheet) in sheets.iter().enumerate() {
            let lines: Vec<String> = sheet
                .lines()
                .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
                .filter(|line| !line.is_empty() && !line.starts_with("Page "))
                .collect();
            let last = lines.last().expect("no sheet is empty");
            assert!(
                number + 1 == sheets.len() || !headings.contains(last),
                "sheet {number} ends with a heading: {last}"
            );
            assert!(lines.len() > 8, "sheet {number} is nearly empty: {lines:?}");
            assert!(sheet.contains("Open Government Licence"), "every sheet names its source: {sheet}");
        }
        assert!(!browser.prints_own_header_and_footer(), "the browser prints no header or footer of its own");
    });
}

#[test]
fn a_letter_begins_with_its_formal_items_and_findings_are_narrowed_by_year() {
    let letter = format!("/letters/{}", letter_id("area_send_full"));
    on_both_screens(|browser, _| {
        browser.goto(&url(&letter));
        assert!(browser.text("#part-1").contains("Areas for"));
        let facts = texts(browser, "dl.summary dt");
        assert!(facts.iter().any(|fact| fact == "Published"), "{facts:?}");
        browser.click(&browser.link("How to cite this"));
        browser.wait_for("location.hash === '#cite'");
        assert!(browser.text("#cite + div p").starts_with("Ofsted and Care Quality Commission ("));
        let original = browser.run("return document.querySelector('ul.actions a.button').href.startsWith('https://')");
        assert_eq!(original, Value::Bool(true), "the original at the inspectorate is one step away");

        browser.goto(&url("/findings"));
        let roles = texts(browser, ".results > li:first-child .meta span");
        assert!(roles.iter().any(|role| role.starts_with("Area for") || role == "Significant weakness"), "{roles:?}");
        browser.run("for (const d of document.querySelectorAll('.facets details')) d.open = true");
        browser.click(&browser.find(".facets a[href*='since=']"));
        browser.wait_for("location.search.includes('since=') && location.search.includes('until=')");
        assert_eq!(texts(browser, ".chips li").len(), 2);
    });
}

#[test]
fn six_areas_side_by_side_fit_on_any_screen() {
    on_both_screens(|browser, width| {
        open_and_read(browser, "/compare?area=971&area=972&area=973&area=974&area=975&area=976");
        let beyond = browser.run(&format!(
            "return [...document.querySelectorAll('main td, main th')].filter(c => c.offsetParent && getComputedStyle(c).position !== 'absolute' && c.closest('thead') === null)
             .map(c => [c.innerText, c.getBoundingClientRect().right]).filter(([, right]) => right > {width})"
        ));
        assert_eq!(beyond.as_array().unwrap().len(), 0, "{beyond}");
        let cells = texts(browser, "table[class] td").join(" ");
        assert!(cells.contains("flagged") && cells.contains("neither"), "{cells}");
    });
}

#[test]
fn tiles_show_short_names_on_any_screen_and_the_full_name_on_focus() {
    on_both_screens(|browser, _| {
        browser.goto(&url("/map"));
        let unnamed = browser.run(
            "return [...document.querySelectorAll('a.tile')].filter(tile => {
               const name = tile.querySelector('.tile-name'), box = name.getBoundingClientRect(), own = tile.querySelector('rect').getBoundingClientRect();
               return getComputedStyle(name).display === 'none' || !name.textContent || box.left < own.left - 1 || box.right > own.right + 1;
             }).map(tile => tile.textContent)",
        );
        assert_eq!(unnamed, serde_json::json!([]), "every tile shows its short name within itself");
        // Focus behaves as in the window in front.
        browser.devtools("Emulation.setFocusEmulationEnabled", &serde_json::json!({ "enabled": true }));
        browser.run("document.querySelector('a.tile[href=\"/areas/971\"]').focus()");
        browser.wait_for("document.querySelector('.tile-says').textContent.startsWith('Thornwick: ')");
        assert!(is_true(browser, "return document.querySelector('path.outline').getBBox().width > 0"), "London");
        browser.run("const s = document.querySelector('#framework'); s.value = '2023'; s.form.requestSubmit()");
        browser.wait_for("location.search.includes('framework=2023')");
        assert!(!browser.text("main ul.legend").contains("2016 framework"));
    });
}

#[test]
fn mistakes_are_explained_in_plain_words() {
    on_both_screens(|browser, _| {
        let month = open_and_read(browser, "/findings?since=2024-13-01");
        assert!(month.contains("There is no month 13; write 2024-12-01."), "{month}");
        assert!(
            is_true(browser, "return document.querySelector('nav [aria-current]') === null"),
            "no menu item is marked as current"
        );
        for path in [
            "/",
            "/about",
            "/about/codebook",
            "/findings",
            "/themes",
            "/themes/leadership",
            "/map",
            "/areas",
            "/areas/971",
            "/areas/971/briefing",
            "/due",
            "/letters",
        ] {
            let page = open_and_read(browser, &format!("{path}?reigon=London"));
            assert!(page.contains("This page does not use \u{201c}reigon\u{201d} from its address."), "{path}: {page}");
        }
        let compare = open_and_read(browser, "/compare?area=971&area=972&reigon=London");
        assert!(compare.contains("does not use \u{201c}reigon\u{201d}"), "{compare}");
        let unknown = open_and_read(browser, "/areas?area=Thorn");
        assert!(unknown.contains("Thornwick (971)") && unknown.contains("See all areas"), "{unknown}");
        let none = open_and_read(browser, "/findings?q=zzzz+waiting");
        assert!(none.contains("Look under a theme: Waiting times") && !none.contains("Remove a filter"), "{none}");
        let complaints = browser.complaints();
        assert!(
            complaints.iter().all(|line| line.contains("status of 40")),
            "only wrong addresses are complained about: {complaints:?}"
        );
    });
}

#[test]
fn pages_use_the_words_of_the_field() {
    let letter = format!("/letters/{}", letter_id("revisit_letter"));
    on_both_screens(|browser, _| {
        let mut all = String::new();
        for path in [
            "/",
            "/areas",
            "/areas/971?basis=all",
            "/areas/971",
            "/areas/971/briefing",
            "/compare?area=971&area=972",
            "/due",
            "/themes",
            "/themes/missing-education",
            "/findings",
            "/map",
            "/about",
            &letter,
        ] {
            all.push_str(&open_and_read(browser, path));
        }
        for words in [
            "What similar areas were flagged for",
            "Not counted: we hold no report for",
            "Latest outcome",
            "View as a table",
            "lso flagged in",
            "Previous findings and progress",
            "areas past their expected inspection date, with no later report held",
            "Children missing education",
            "Strengths inspectors reported",
            "Progress judgements not matched to a weakness",
            "Previous inspection",
        ] {
            assert!(all.contains(words), "no page says \u{201c}{words}\u{201d}");
        }
        for words in ["in scope", "Out of education", "The numbers", "too few to rank", "Not flagged", "Standing"] {
            assert!(!all.contains(words), "a page says \u{201c}{words}\u{201d}");
        }
        browser.goto(&url("/about"));
        let method = browser.text("#method ~ p strong");
        assert!(method.contains("in 10 theme codes of report sentences that patterns alone gave"), "{method}");
        for path in ["/", "/areas/971"] {
            browser.goto(&url(path));
            assert!(
                browser.text("footer").contains("coded with patterns alone"),
                "{path} does not say what coded the letters"
            );
        }
    });
}

#[test]
fn the_dataset_can_be_downloaded_and_pages_are_dark_where_the_reader_prefers_it() {
    on_both_screens(|browser, _| {
        browser.goto(&url("/about#downloads"));
        browser.click(&browser.link("The whole dataset for Excel"));
        let file = browser.downloads.path().join("sendlens-dataset.xlsx");
        let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while !file.is_file() {
            assert!(std::time::Instant::now() < end, "the download did not arrive");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        let brightness = || {
            let colour = browser.run("return getComputedStyle(document.body).backgroundColor");
            let parts =
                colour.as_str().unwrap().split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse::<u32>().ok());
            parts.take(3).sum::<u32>()
        };
        assert!(brightness() > 600);
        let dark = serde_json::json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
        browser.devtools("Emulation.setEmulatedMedia", &dark);
        assert!(brightness() < 150);
    });
}
