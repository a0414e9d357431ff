//! `update` run as a program against a site on loopback: what is new, what is not, and what is missing.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use std::borrow::Cow;
use std::collections::BTreeSet;

use sendlens::demo::{self, Site};
use support::site::{Home, LiveSite, counts, entry, outcome};

#[test]
fn the_bundled_site_serves_every_fixture_letter_that_it_lists() {
    let site = Site::bundled();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/letters");
    for file in std::fs::read_dir(folder).unwrap().map(|item| item.unwrap().path()) {
        if file.extension().is_some_and(|extension| extension == "pdf") {
            let name = file.file_stem().unwrap().to_str().unwrap();
            assert_eq!(demo::letter(name), Some(std::fs::read(&file).unwrap().as_slice()), "{name} is not carried");
        }
    }
    let numbers: BTreeSet<u32> = site.areas.iter().flat_map(|area| &area.entries).map(|entry| entry.number).collect();
    let entries = site.areas.iter().map(|area| area.entries.len()).sum::<usize>();
    assert_eq!(numbers.len(), entries, "each number is used once");
    assert!(site.files.keys().all(|number| numbers.contains(number)));
    assert!(site.files.len() >= 20);
}

#[test]
fn the_first_run_stores_all_the_second_nothing_the_third_exactly_what_changed() {
    let site = LiveSite::start(Site::bundled());
    let home = Home::new(&site.server.url("/"));
    let bundled = Site::bundled();
    let entries = bundled.areas.iter().map(|area| area.entries.len()).sum::<usize>() as u64;
    let files = bundled.files.len() as u64;

    let (code, first) = home.update(&[]);
    assert_eq!(code, 0, "{first:#}");
    let [stored, unchanged, revised, set_aside, failed] = counts(&first);
    assert_eq!((unchanged, revised, failed), (0, 0, 0), "{first:#}");
    assert_eq!(stored + set_aside, entries);
    assert!(stored >= 20);
    assert_eq!(site.files_asked().len() as u64, files, "documents of other programmes are told by their titles");
    assert_eq!(outcome(&first, "/v1/file/50102"), ("set_aside".to_owned(), "title".to_owned()));
    assert_eq!(first["sources"][0]["areas"], bundled.areas.len());
    assert_eq!(first["sources"][0]["stated"], bundled.areas.len());

    site.server.forget();
    let (code, second) = home.update(&[]);
    assert_eq!(code, 0, "{second:#}");
    assert_eq!(counts(&second), [0, files, 0, entries - files, 0]);
    assert_eq!(site.files_asked(), Vec::<String>::new());
    assert_eq!(second["hosts"]["127.0.0.1"]["not_modified"], bundled.areas.len() + 3, "pages are asked conditionally");

    // One new letter, one letter published anew under another number, one publication gone.
    site.change(|site| {
        let new = site.files.remove(&50239).unwrap();
        site.files.insert(50300, Cow::Owned([new.as_ref(), b"\n% again\n%%EOF\n"].concat()));
        let area = site.areas.iter_mut().find(|area| area.name == "North Norvale").unwrap();
        area.entries[0] = entry(50300, "Area SEND monitoring inspection", "2025-08-20");
        let area = site.areas.iter_mut().find(|area| area.name == "Thornwick").unwrap();
        area.entries.retain(|entry| entry.number != 50145);
    });
    let third_new = demo::letter("2018-calderbrook-focused-visit").unwrap();
    site.change(|site| {
        site.files.insert(50301, Cow::Borrowed(third_new));
        let area = site.areas.iter_mut().find(|area| area.name == "Calderbrook").unwrap();
        area.entries.insert(0, entry(50301, "Monitoring visit", "2025-08-21"));
    });
    site.server.forget();
    let (code, third) = home.update(&[]);
    assert_eq!(code, 0, "{third:#}");
    assert_eq!(site.files_asked(), ["/v1/file/50301", "/v1/file/50300"]);
    assert_eq!(outcome(&third, "/50300").0, "revised", "{third:#}");
    assert_eq!(outcome(&third, "/50301").0, "set_aside", "the document itself decides what it is");
    let gone: Vec<(&str, Option<&str>)> = third["vanished"]
        .as_array()
        .unwrap()
        .iter()
        .map(|gone| (gone["key"].as_str().unwrap(), gone["replaced_by"].as_str()))
        .collect();
    assert_eq!(gone, [("50145", None), ("50239", Some("50300"))]);
    let letters = home.run(&["letters", "--format", "json"]).json();
    let ids: Vec<&str> = letters.as_array().unwrap().iter().map(|letter| letter["id"].as_str().unwrap()).collect();
    assert!(ids.contains(&"971-2018-12-10-revisit"), "what vanished is kept: {ids:?}");
    let renewed = letters.as_array().unwrap().iter().find(|l| l["id"] == "980-2025-06-10-monitoring").unwrap();
    assert!(renewed["url"].as_str().unwrap().ends_with("/50300"), "the new publication is shown");

    site.server.forget();
    let (code, fourth) = home.update(&[]);
    assert_eq!(code, 0);
    assert_eq!(fourth["vanished"].as_array().unwrap().len(), 0, "told once");
    assert_eq!(site.files_asked(), Vec::<String>::new());
}
