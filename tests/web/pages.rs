//! What pages say, in which order, and what readers can download from them.

use super::support::http::get;
use super::support::service::shared;

/// The part of a page from one text to another.
fn part_between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let start = page.find(from).unwrap_or_else(|| panic!("no {from} in {page}"));
    let rest = &page[start..];
    &rest[..rest.find(to).unwrap_or(rest.len())]
}

#[test]
fn a_passed_date_says_only_that_no_report_is_held() {
    let past = get(shared(), "/areas?expected=past&sort=due").text();
    assert!(past.contains("was expected about") && past.contains("; no report is held here"), "{past}");
    for path in ["/", "/areas", "/areas/971", "/areas/971/briefing", "/due", "/compare?area=971&area=972"] {
        let page = get(shared(), path).text();
        assert!(!page.to_lowercase().contains("overdue"), "{path}: {page}");
        assert!(page.contains("Latest inspection held: ") && page.contains("Latest publication held: "), "{path}");
    }
}

#[test]
fn figures_of_the_home_page_say_what_they_count_and_agree_with_the_pages_they_link_to() {
    let home = get(shared(), "/").text();
    let due = get(shared(), "/api/v1/due?limit=1000").json();
    let passed: Vec<&str> = due["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["overdue"] == true)
        .map(|row| row["la_code"].as_str().unwrap())
        .collect();
    let areas: std::collections::BTreeSet<&str> = passed.iter().copied().collect();
    assert!(passed.len() > areas.len() || passed.len() > 1, "the fixtures have days that have passed: {passed:?}");
    assert!(home.contains(&format!("</a> ({} inspections)</dt><dd>{}</dd>", passed.len(), areas.len())), "{home}");
    let page = get(shared(), "/due").text();
    assert!(page.contains(&format!("held: {} inspections in {} areas", passed.len(), areas.len())), "{page}");
    let letters = get(shared(), "/api/v1/letters?limit=1").json()["total"].as_u64().unwrap();
    let caption = part_between(&home, "<figcaption>", "</figcaption>");
    let numbers: Vec<u64> = caption.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
    assert_eq!(numbers.iter().sum::<u64>(), letters, "inspections and the other letters are all letters: {caption}");
}

#[test]
fn few_peers_are_shown_with_counts_and_wider_choices_but_no_percentages() {
    let page = get(shared(), "/areas/971?with=972&with=973").text();
    let themes = part_between(&page, "id=\"peer-themes\"", "</main>");
    assert!(themes.contains(" of 2<") && !themes.contains('%') && !themes.contains("<svg"), "{themes}");
    assert!(page.contains("too few for percentages") && page.contains("basis=region#peers"), "{page}");
    let all = get(shared(), "/areas/971?basis=all").text();
    assert!(part_between(&all, "id=\"peer-themes\"", "</main>").contains('%'));
}

#[test]
fn every_named_area_is_compared_with_and_two_areas_have_their_items_side_by_side() {
    let page = get(shared(), "/areas/971?with=972&with=973").text();
    for code in ["972", "973"] {
        let own = get(shared(), &format!("/api/v1/areas/{code}")).json();
        let name = own["area"].as_str().unwrap();
        assert!(part_between(&page, "Formal items side by side", "Compared with").contains(name), "{name}");
        assert!(page.contains(&format!("name=\"with\" value=\"{code}\"")), "the field keeps {name}");
    }
}

#[test]
fn england_is_not_compared_with_itself() {
    let all = get(shared(), "/areas/971?basis=all").text();
    assert!(!all.contains("Difference from England"));
    let type_of_area = get(shared(), "/areas/971?basis=type").text();
    let order = |query: &str| {
        let page = get(shared(), &format!("/areas/971?basis=all{query}")).text();
        let counts = part_between(&page, "id=\"peer-themes\"", "</main>").split("data-label=\"Areas flagged\">");
        counts.skip(1).map(|rest| rest[..rest.find(" of ").unwrap()].parse().unwrap()).collect::<Vec<u32>>()
    };
    let counts = order("");
    assert!(counts.len() > 3 && counts.is_sorted_by(|a, b| a >= b), "most flagged first: {counts:?}");
    assert!(type_of_area.contains("comes first."), "the order is explained");
    for (sort, first) in [("here-too", "What this area was flagged for too"), ("most-flagged", "The theme that most")] {
        let page = get(shared(), &format!("/areas/971?basis=all&sort={sort}")).text();
        assert!(page.contains(first), "{sort}");
    }
    assert_eq!(get(shared(), "/areas/971?sort=nonsense").status, 400);
}

#[test]
fn mistakes_in_an_address_are_explained_with_what_to_write() {
    let month = get(shared(), "/findings?since=2024-13-01");
    assert_eq!(month.status, 400);
    assert!(month.text().contains("There is no month 13; write 2024-12-01."), "{}", month.text());
    assert!(!month.text().contains("aria-current"), "no part of the site is marked as the current one");
    for path in ["/findings?reigon=London", "/themes?reigon=London", "/map?reigon=London", "/areas?reigon=London"] {
        let page = get(shared(), path).text();
        assert!(page.contains("This page does not use \u{201c}reigon\u{201d} from its address."), "{path}");
    }
    let part = get(shared(), "/areas?area=Thorn");
    assert_eq!(part.status, 404);
    assert!(part.text().contains("href=\"/areas/971\"") && part.text().contains("See all areas"));
}

#[test]
fn a_search_without_hits_suggests_themes_and_only_filters_that_are_set() {
    let page = get(shared(), "/findings?q=zzzz+waiting").text();
    assert!(page.contains("/findings?theme=waiting-times") && !page.contains("Remove a filter"), "{page}");
    let filtered = get(shared(), "/findings?q=zzzz&region=London").text();
    assert!(filtered.contains("Remove a filter") && filtered.contains("href=\"/findings?q=zzzz\""), "{filtered}");
}

#[test]
fn findings_and_letters_begin_with_formal_items() {
    let page = get(shared(), "/findings").text();
    let first = part_between(&page, "<ul class=\"results\">", "</li>");
    let roles = ["Significant weakness", "Area for priority action", "Area for improvement", "Area for development"];
    assert!(roles.iter().any(|role| first.contains(role)), "{first}");
    assert!(page.contains("<summary>Year of inspection</summary>") && page.contains("since=2023-01-01"));
    let letters = get(shared(), "/api/v1/letters?kind=area_send_full&limit=1").json();
    let letter = get(shared(), &format!("/letters/{}", letters["items"][0]["id"].as_str().unwrap())).text();
    assert!(part_between(&letter, "id=\"part-1\"", "</h3>").contains("Areas for"), "{letter}");
    assert!(letter.contains("aria-label=\"Contents\"") && letter.contains("href=\"#part-2\""));
    assert!(part_between(&letter, "id=\"cite\"", "</main>").contains("Ofsted and Care Quality Commission ("));
    let judged = get(shared(), "/letters/971-2024-11-26-monitoring").text();
    assert!(part_between(&judged, "id=\"part-1\"", "</h3>").contains("Progress judgements"), "{judged}");
    let sufficient = part_between(&judged, "finding strength", "</div></div>");
    assert!(sufficient.contains("Sufficient progress") && !sufficient.contains("Weakness"), "{sufficient}");
}

#[test]
fn readers_see_no_advice_for_coders_and_no_ids_of_themes() {
    let themes = get(shared(), "/api/v1/codebook?limit=100").json();
    let ids: Vec<&str> = themes["items"].as_array().unwrap().iter().map(|t| t["id"].as_str().unwrap()).collect();
    let mut pages: Vec<String> = ids.iter().map(|id| format!("/themes/{id}")).collect();
    pages.push("/about/codebook".into());
    for path in &pages {
        let page = get(shared(), path).text();
        assert!(!page.contains("code together"), "{path}");
        for id in ids.iter().filter(|id| id.contains('-')) {
            assert!(!page.contains(&format!("({id})")), "{path}: {id}");
        }
    }
    let waiting = get(shared(), "/themes/waiting-times").text();
    assert!(waiting.contains("Found under another theme") && !waiting.contains("<dt>Includes</dt>"));
}

#[test]
fn the_method_begins_with_the_measured_agreement_and_terms_are_explained() {
    let page = get(shared(), "/about").text();
    assert!(part_between(&page, "id=\"method\"", "id=\"coverage\"").contains("in 10 theme codes"), "{page}");
    for word in ["WSOA", "AP", "EOTAS", "ICB", "Feed"] {
        assert!(part_between(&page, "id=\"glossary\"", "</dl>").contains(&format!("<dt>{word}</dt>")), "{word}");
    }
}

#[test]
fn the_whole_dataset_is_one_archive_or_one_workbook_with_its_dictionary() {
    let total = get(shared(), "/api/v1/letters?limit=1").json()["total"].as_u64().unwrap();
    let zip = get(shared(), "/dataset.zip");
    assert!(zip.header("content-disposition").unwrap().contains("sendlens-dataset.zip"));
    assert_eq!(zip.body, get(shared(), "/dataset.zip").body, "the same dataset gives the same bytes");
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip.body)).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert!(names.contains(&"DICTIONARY.md".to_owned()), "{names:?}");
    let rows = csv::Reader::from_reader(archive.by_name("letters.csv").unwrap()).records().count() as u64;
    assert!(rows >= total, "{rows} of {total}");
    let workbook = get(shared(), "/dataset.xlsx");
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(workbook.body)).unwrap();
    let about = calamine::Reader::worksheet_range(&mut book, "about").unwrap();
    let explained = about.rows().any(|row| row[0] == calamine::Data::String("letters: inspection_start".into()));
    assert!(explained, "the workbook explains its columns: {about:?}");
}

#[test]
fn areas_are_sorted_filtered_and_downloaded() {
    let all = get(shared(), "/api/v1/areas?limit=1000").json();
    let failing = all["items"].as_array().unwrap().iter().filter(|a| a["standing"] == "widespread_failings").count();
    let csv = get(shared(), "/areas.csv?standing=widespread_failings&sort=due");
    let mut reader = csv::Reader::from_reader(csv.body.as_slice());
    let due: Vec<String> = reader
        .records()
        .map(|row| {
            let row = row.unwrap();
            let dates = [&row[8], &row[9]].map(ToOwned::to_owned);
            dates.into_iter().filter(|day| !day.is_empty()).min().unwrap_or_else(|| "9999".to_owned())
        })
        .collect();
    assert_eq!(due.len(), failing);
    assert!(failing > 1 && due.is_sorted(), "the next expected inspection comes first: {due:?}");
    let page = get(shared(), "/areas").text();
    assert!(
        page.contains("href=\"#areas-T\"") && page.contains("id=\"areas-T\""),
        "links lead to the areas of an initial"
    );
    assert_eq!(get(shared(), "/areas.xlsx").status, 200);
}

#[test]
fn the_map_can_show_the_2023_framework_alone_and_surrounds_london() {
    let both = get(shared(), "/map").text();
    assert!(both.contains("Written statement required") && both.contains("class=\"outline\" d=\"M"), "{both}");
    let new = get(shared(), "/map?framework=2023").text();
    assert!(!new.contains("(2016 framework)") && !new.contains("Written statement required"), "{new}");
    assert!(new.contains("(2023 framework)"));
    assert_eq!(get(shared(), "/map?framework=2016").status, 400);
}

#[test]
fn pages_warn_of_groups_that_differ_and_can_standardise_them() {
    let both = "their formal items differ";
    for path in ["/themes", "/themes/waiting-times", "/areas/971?basis=all"] {
        assert!(get(shared(), path).text().contains(both), "{path}");
    }
    for path in ["/themes?framework=2023", "/areas/971?basis=all&framework=2023"] {
        assert!(!get(shared(), path).text().contains(both), "{path}");
    }
    let plain = get(shared(), "/themes/waiting-times").text();
    assert!(plain.contains("as if all groups had the same mix") && !plain.contains("same mix: "));
    let mixed = get(shared(), "/themes/waiting-times?standardise=la_type").text();
    assert!(mixed.contains("same mix: "), "{mixed}");
    assert!(mixed.contains("same mix: none, it has no letters of: "), "a year lacks a type of area");
    assert_eq!(get(shared(), "/themes/waiting-times?standardise=year").status, 400);
    let strengths = get(shared(), "/themes?measure=strength").text();
    assert!(strengths.contains("one sentence at least clearly praises it"), "{strengths}");
}
