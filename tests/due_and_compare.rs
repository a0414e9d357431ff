//! Due dates with their calendars, and areas side by side, are the same on the command line, in the API and on pages.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use serde_json::Value;
use support::http::{get, get_with};
use support::program::{json, sendlens, stdout};
use support::service::{data, shared};

const TODAY: &str = "2026-01-15";

fn ask(arguments: &[&str]) -> Value {
    json(&sendlens(data()).args(arguments).args(["--format", "json", "--today", TODAY]).output().unwrap(), 0)
}

fn rows(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

#[test]
fn every_due_date_of_the_areas_is_listed_once_and_the_earliest_first() {
    let areas = ask(&["areas"]);
    let mut expected: Vec<(String, String, bool)> = Vec::new();
    for area in rows(&areas) {
        for day in ["monitoring_due", "next_full_inspection_due"] {
            if let Some(due) = area[day].as_str() {
                expected.push((due.to_owned(), area["area"].as_str().unwrap().to_owned(), due < TODAY));
            }
        }
    }
    expected.sort();
    let due = ask(&["due"]);
    let found: Vec<(String, String, bool)> = rows(&due)
        .iter()
        .map(|row| {
            (
                row["due"].as_str().unwrap().to_owned(),
                row["area"].as_str().unwrap().to_owned(),
                row["overdue"].as_bool().unwrap(),
            )
        })
        .collect();
    assert!(found.len() > 3, "the fixtures have due inspections");
    assert_eq!(found, expected);
    for row in rows(&due) {
        assert_eq!(row["month"], row["due"].as_str().unwrap()[..7], "{row}");
        let letter = json(
            &sendlens(data())
                .args(["letter", row["letter_id"].as_str().unwrap(), "--format", "json"])
                .output()
                .unwrap(),
            0,
        );
        assert_eq!(
            letter["letter"]["inspection_start"], row["inspection_start"],
            "the report that states when it is due"
        );
    }
    let overdue = ask(&["due", "--overdue"]);
    assert_eq!(rows(&overdue).len(), found.iter().filter(|(.., overdue)| *overdue).count());
}

#[test]
fn a_passed_date_comes_with_the_day_of_the_latest_inspection_held() {
    let letters = ask_letters();
    let held_to = letters.iter().filter_map(last_day).max().unwrap();
    assert!(rows(&ask(&["due"])).iter().all(|row| row["held_to"] == held_to.as_str()));
    let day: jiff::civil::Date = held_to.parse().unwrap();
    let day = day.strftime("%-d %B %Y");
    let note = format!("one may exist. Latest inspection held: {day}.");
    let late = ["--today", "2040-01-01"];
    for command in [vec!["due"], vec!["areas"], vec!["area", "971"], vec!["compare", "971", "972"]] {
        let output = sendlens(data()).args(&command).args(late).output().unwrap();
        let printed = format!("{}{}", stdout(&output, 0), String::from_utf8_lossy(&output.stderr));
        assert!(printed.contains(&note) && !printed.to_lowercase().contains("overdue"), "{command:?}: {printed}");
    }
    assert!(get(shared(), "/due").text().contains(&note));
}

fn ask_letters() -> Vec<Value> {
    let output = sendlens(data()).args(["letters", "--format", "json"]).output().unwrap();
    json(&output, 0).as_array().unwrap().clone()
}

fn last_day(letter: &Value) -> Option<String> {
    ["inspection_end", "inspection_start"].iter().find_map(|field| letter[field].as_str()).map(str::to_owned)
}

/// The properties of the events of a calendar, unfolded.
fn events(text: &str) -> Vec<Vec<String>> {
    let unfolded = text.replace("\r\n ", "");
    unfolded
        .split("BEGIN:VEVENT\r\n")
        .skip(1)
        .map(|event| event.split("END:VEVENT").next().unwrap().lines().map(str::to_owned).collect())
        .collect()
}

#[test]
fn calendars_hold_what_is_due_everywhere_in_a_region_or_in_an_area() {
    let due = ask(&["due"]);
    let first = &rows(&due)[0];
    let (area, region) = (first["la_code"].as_str().unwrap(), first["region"].as_str().unwrap());
    let slug = region.to_lowercase().replace(' ', "-");
    let count = |of: &str, is: &str| rows(&due).iter().filter(|row| row[of] == is).count();
    for (path, expected) in [
        ("/feeds/due.ics".to_owned(), rows(&due).len()),
        (format!("/feeds/regions/{slug}.ics"), count("region", region)),
        (format!("/feeds/areas/{area}.ics"), count("la_code", area)),
    ] {
        let answer = get_with(shared(), &path, &[("Host", "send.example")]);
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some("text/calendar; charset=utf-8")),
            "{path}"
        );
        let text = answer.text();
        assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"), "{text}");
        assert!(text.lines().all(|line| line.len() <= 75), "lines are folded");
        let events = events(&text);
        assert_eq!(events.len(), expected, "{path}");
        let uids: std::collections::BTreeSet<&String> =
            events.iter().map(|e| e.iter().find(|l| l.starts_with("UID:")).unwrap()).collect();
        assert_eq!(uids.len(), events.len(), "every event has an identifier of its own");
    }
    let day = first["due"].as_str().unwrap().replace('-', "");
    let event = &events(&get(shared(), &format!("/feeds/areas/{area}.ics")).text())[0];
    assert!(event.contains(&format!("DTSTART;VALUE=DATE:{day}")), "{event:?}");
    assert_eq!(get(shared(), "/feeds/regions/narnia.ics").status, 404);

    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("due.ics");
    let output =
        sendlens(data()).args(["due", "--today", TODAY, "--area", area, "--calendar"]).arg(&file).output().unwrap();
    assert!(output.status.success() && String::from_utf8_lossy(&output.stderr).contains("Latest inspection held: "));
    assert_eq!(events(&std::fs::read_to_string(file).unwrap()).len(), count("la_code", area));
}

#[test]
fn a_comparison_agrees_with_the_history_of_each_area() {
    let codes = ["971", "972", "973"];
    let comparison = ask(&["compare", "Thornwick", "972", "973"]);
    assert_eq!(get(shared(), "/api/v1/compare?area=971&area=972,973").json(), comparison);
    let mut flagged: Vec<std::collections::BTreeSet<String>> = Vec::new();
    for (place, code) in codes.iter().enumerate() {
        let history = ask(&["area", code]);
        let area = &comparison["areas"][place];
        assert_eq!((&area["la_code"], &area["standing"]), (&history["la_code"], &history["standing"]));
        let letters = history["inspections"].as_array().unwrap();
        assert_eq!(area["letters"].as_array().unwrap().len(), letters.len());
        let themes = letters.iter().flat_map(|i| i["flagged"].as_array().unwrap());
        flagged.push(themes.map(|theme| theme.as_str().unwrap().to_owned()).collect());
    }
    let themes = comparison["themes"].as_array().unwrap();
    let all: std::collections::BTreeSet<&String> = flagged.iter().flatten().collect();
    assert_eq!(themes.len(), all.len(), "every theme that one of the areas was flagged for, and no other");
    for theme in themes {
        let id = theme["theme"].as_str().unwrap();
        let mut quotes = theme["quotes"].as_array().unwrap().iter();
        for (place, own) in flagged.iter().enumerate() {
            assert_eq!(theme["flagged"][place] == true, own.contains(id), "{id} in {}", codes[place]);
            if own.contains(id) {
                let quote = quotes.next().unwrap();
                let shown = json(
                    &sendlens(data())
                        .args(["show", quote["finding_id"].as_str().unwrap(), "--format", "json"])
                        .output()
                        .unwrap(),
                    0,
                );
                assert_eq!((&shown["finding"]["text"], &shown["finding"]["page"]), (&quote["text"], &quote["page"]));
                assert_eq!(shown["finding"]["la_code"], codes[place], "the quote is of the area's own letter");
            }
        }
        let shared_by_all = flagged.iter().all(|own| own.contains(id));
        assert_eq!(comparison["shared"].as_array().unwrap().iter().any(|s| s == id), shared_by_all, "{id}");
        let only: Vec<usize> = (0..3).filter(|place| flagged[*place].contains(id)).collect();
        for place in 0..3 {
            let alone = comparison["areas"][place]["alone_in"].as_array().unwrap().iter().any(|s| s == id);
            assert_eq!(alone, only == [place], "{id} in {}", codes[place]);
        }
    }
}

#[test]
fn too_few_too_many_or_repeated_areas_are_refused_with_advice() {
    for areas in [vec!["971"], vec!["971", "Thornwick"], vec!["971", "972", "973", "974", "975", "976", "977"]] {
        let output = sendlens(data()).arg("compare").args(&areas).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{areas:?}");
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(message.contains("name two to six different areas"), "{message}");
        let query: Vec<String> = areas.iter().map(|area| format!("area={area}")).collect();
        assert_eq!(get(shared(), &format!("/api/v1/compare?{}", query.join("&"))).status, 400);
        let page = get(shared(), &format!("/compare?{}", query.join("&")));
        assert!(page.status == 200 && page.text().contains("ame two to six different areas"), "{}", page.text());
    }
}

#[test]
fn csv_and_the_page_show_the_same_comparison() {
    let output = sendlens(data()).args(["compare", "971", "972", "--format", "csv"]).output().unwrap();
    let text = stdout(&output, 0);
    let comparison = ask(&["compare", "971", "972"]);
    let themes = comparison["themes"].as_array().unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(reader.records().count(), themes.len() * 2, "one row for each theme and area");
    let page = get(shared(), "/compare?area=971&area=972").text();
    for theme in themes {
        assert!(page.contains(&format!("href=\"/themes/{}\"", theme["theme"].as_str().unwrap())));
        for quote in theme["quotes"].as_array().unwrap() {
            let anchor = quote["finding_id"].as_str().unwrap().rsplit('.').next().unwrap();
            assert!(page.contains(&format!("#f-{anchor}")), "the quote leads to its finding");
        }
    }
}
