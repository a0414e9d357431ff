//! Readers take away sorted tables, CSV, charts and citations, and the address says which.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::Value;

use super::support::http::{Response, get};
use super::support::service::shared;

/// Pages with tables and charts, each with a state of its own.
const PAGES: [&str; 12] = [
    "/",
    "/about",
    "/areas",
    "/areas?region=London",
    "/areas/971?basis=all",
    "/areas/971?basis=type",
    "/areas/971?with=972&with=973",
    "/themes?measure=weakness",
    "/themes/leadership",
    "/compare?area=971&area=972&area=973",
    "/due",
    "/map?show=leadership",
];

fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// The addresses of links that have an attribute.
fn links(page: &str, marked: &str) -> Vec<String> {
    let link = Regex::new(&format!("<a [^>]*{marked}[^>]*>")).unwrap();
    let href = Regex::new(" href=\"([^\"]*)\"").unwrap();
    link.find_iter(page).map(|found| unescaped(&href.captures(found.as_str()).unwrap()[1])).collect()
}

/// The rows of a CSV response, without its byte order mark.
fn rows(response: &Response) -> Vec<Vec<String>> {
    let body = response.body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&response.body);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(body);
    reader.records().map(|row| row.unwrap().iter().map(ToOwned::to_owned).collect()).collect()
}

/// The order of the sorted table, and the values by which its rows are sorted, as they come on the page.
fn sorted_values(page: &str) -> Option<(String, Vec<Value>)> {
    let table =
        page.split("<table").skip(1).find(|table| table.split("</table>").next().unwrap().contains("aria-sort"))?;
    let table = table.split("</table>").next().unwrap();
    let heads: Vec<&str> = table.split("<th ").skip(1).collect();
    let column = heads.iter().position(|head| head.split('>').next().unwrap().contains("aria-sort")).unwrap();
    let order = heads[column].split("aria-sort=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let keys = Regex::new("data-keys=\"([^\"]*)\"").unwrap();
    let values = keys.captures_iter(table).map(|found| {
        let keys: Vec<Value> = serde_json::from_str(&unescaped(&found[1])).unwrap();
        keys[column].clone()
    });
    Some((order, values.collect()))
}

fn is_in_order(values: &[Value], order: &str) -> bool {
    let held: Vec<&Value> = values.iter().filter(|value| !value.is_null()).collect();
    let nulls_last = values.iter().skip(held.len()).all(Value::is_null);
    let pairs = held.windows(2).all(|pair| {
        let ordering = match (pair[0].as_f64(), pair[1].as_f64()) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            _ => pair[0].as_str().unwrap().cmp(pair[1].as_str().unwrap()),
        };
        if order == "descending" { ordering.is_ge() } else { ordering.is_le() }
    });
    nulls_last && pairs
}

#[test]
fn every_table_is_sorted_by_each_of_its_columns_through_the_address() {
    let mut sorted = 0;
    for path in PAGES {
        let page = get(shared(), path).text();
        let orders: BTreeSet<String> = links(&page, "class=\"sort\"").into_iter().collect();
        assert!(orders.len() >= 2, "{path} has {} orders", orders.len());
        for address in orders {
            let address = address.split('#').next().unwrap();
            let answer = get(shared(), address);
            assert_eq!(answer.status, 200, "{address}");
            let page = answer.text();
            assert!(!page.contains("This page does not use"), "{address}");
            let (order, values) = sorted_values(&page).unwrap_or_else(|| panic!("{address} sorts no table"));
            assert!(is_in_order(&values, &order), "{address} is {order}: {values:?}");
            // The same heading reverses the order.
            let (column, down) =
                address.split_once("sort=").map(|(_, s)| (s.trim_start_matches('-'), s.starts_with('-'))).unwrap();
            let reversed = format!("sort={}{column}", if down { "" } else { "-" });
            assert!(
                links(&page, "class=\"sort\"").iter().any(|link| link.split('#').next().unwrap().ends_with(&reversed))
            );
            sorted += 1;
        }
    }
    assert!(sorted > 40, "{sorted}");
}

#[test]
fn every_table_of_these_pages_can_be_sorted() {
    // A briefing to print keeps its order; the page of its area sorts the same table.
    for path in PAGES {
        let page = get(shared(), path).text();
        for table in page.split("<table").skip(1) {
            let class = table.split('>').next().unwrap();
            assert!(class.contains("sortable"), "{path} has a table that does not sort: <table{class}>");
        }
    }
}

#[test]
fn an_unknown_order_is_refused_with_the_known_ones() {
    for (path, known) in [
        ("/areas?sort=size", "name, outcome, inspected, letters, due"),
        ("/themes?sort=size", "theme, letters, share"),
        ("/themes/leadership?sort=share", "year, year-letters"),
        ("/compare?area=971&area=972&sort=size", "area, standing, letters, due, theme, area-971"),
        ("/due?sort=size", "area, region, what, date, outcome, stated, in-region"),
        ("/map?sort=-size", "area, region, shown"),
        ("/areas/971?sort=size", "most-flagged, here-too, most-unusual, theme, areas"),
        ("/?sort=size", "year"),
        ("/about?sort=size", "kind, letters, areas, texts, number, micro"),
    ] {
        let answer = get(shared(), path);
        assert_eq!(answer.status, 400, "{path}");
        assert!(answer.text().contains(known), "{path}: {}", answer.text());
    }
}

#[test]
fn a_file_has_the_order_of_the_page_it_is_downloaded_from() {
    let page = get(shared(), "/themes?sort=theme").text();
    let csv = links(&page, "").into_iter().find(|href| href.starts_with("/themes.csv")).unwrap();
    let rows = rows(&get(shared(), &csv));
    let labels: Vec<String> = rows.iter().skip(1).map(|row| row[1].to_lowercase()).collect();
    assert!(labels.len() > 20 && labels.is_sorted(), "{labels:?}");
}

#[test]
fn every_csv_of_a_page_begins_with_a_byte_order_mark_and_none_has_a_formula() {
    let mut files = BTreeSet::new();
    for path in PAGES.into_iter().chain(["/letters", "/letters?kind=other", "/findings?q=leaders", "/about"]) {
        let page = get(shared(), path).text();
        let of_page: Vec<String> =
            links(&page, "").into_iter().filter(|href| href.split('?').next().unwrap().ends_with(".csv")).collect();
        assert!(!of_page.is_empty(), "{path} has no table to download");
        files.extend(of_page);
    }
    assert!(files.len() > 15, "{files:?}");
    for file in files {
        assert!(!file.starts_with("/api/"), "{file} is for programs");
        let answer = get(shared(), &file);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/csv; charset=utf-8")), "{file}");
        assert!(answer.body.starts_with("\u{feff}".as_bytes()), "{file} begins with a byte order mark");
        let rows = rows(&answer);
        assert!(rows.len() > 1 || file.contains("kind=other"), "{file}");
        for cell in rows.iter().flatten() {
            let formula = cell.starts_with(['=', '+', '@', '\t', '\r'])
                || (cell.starts_with('-') && cell.parse::<f64>().is_err());
            assert!(!formula, "{file}: {cell}");
        }
    }
    let api = get(shared(), "/api/v1/areas.csv");
    assert!(!api.body.starts_with("\u{feff}".as_bytes()), "programs get no byte order mark");
}

#[test]
fn a_list_is_downloaded_whole() {
    let total = get(shared(), "/api/v1/letters?limit=1").json()["total"].as_u64().unwrap();
    assert_eq!(rows(&get(shared(), "/letters.csv")).len() as u64, total + 1);
    let due = get(shared(), "/api/v1/due?limit=1").json()["total"].as_u64().unwrap();
    assert_eq!(rows(&get(shared(), "/due.csv")).len() as u64, due + 1);
    assert_eq!(get(shared(), "/letters.xlsx").status, 200);
}

#[test]
fn every_chart_is_an_svg_of_its_own_with_its_data_and_a_citation() {
    let mut charts = BTreeSet::new();
    for path in PAGES {
        let page = get(shared(), path).text();
        let of_page = links(&page, "data-svg");
        let drawn =
            page.contains("class=\"chart\"") || page.contains("class=\"tilemap\"") || page.contains("class=\"bar\"");
        assert_eq!(drawn, !of_page.is_empty(), "{path} has a chart that cannot be downloaded");
        assert_eq!(
            page.matches("data-png hidden").count(),
            of_page.len(),
            "{path}: each chart has a hidden button for a picture"
        );
        assert_eq!(page.matches("<summary>Cite this chart").count(), of_page.len(), "{path}");
        charts.extend(of_page);
    }
    assert!(charts.len() >= 7, "{charts:?}");
    let tag = Regex::new("<[^>]*>").unwrap();
    for chart in charts {
        let answer = get(shared(), &chart);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("image/svg+xml")), "{chart}");
        assert!(answer.header("content-disposition").unwrap().contains(".svg"), "{chart}");
        let text = answer.text();
        assert!(text.starts_with("<?xml") && text.contains("xmlns=\"http://www.w3.org/2000/svg\""), "{chart}");
        assert!(!text.contains("var(--") && !text.contains("href="), "{chart} needs nothing else");
        let said = tag.replace_all(&text, " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("Counted by sendlens from letters"), "{chart} says where it comes from: {said}");
        let data = get(shared(), &chart.replacen(".svg", ".csv", 1));
        assert_eq!(data.status, 200, "{chart}");
    }
}

#[test]
fn the_data_of_a_chart_are_the_figures_of_its_page() {
    let by_year = rows(&get(shared(), "/themes/leadership/years.csv?framework=2023"));
    let api = get(shared(), "/api/v1/themes?theme=leadership&by=year&framework=2023").json();
    let place = |name: &str| by_year[0].iter().position(|column| column == name).unwrap();
    let items: Vec<&Value> = api["items"].as_array().unwrap().iter().filter(|row| row["value"].is_string()).collect();
    assert!(items.len() > 1 && by_year.len() == items.len() + 1);
    for (row, item) in by_year.iter().skip(1).zip(items) {
        assert_eq!(row[place("value")], item["value"].as_str().unwrap());
        for name in ["letters", "of_letters", "share", "low", "high", "adjusted_share"] {
            let held = row[place(name)].parse::<f64>().ok();
            // CSV and JSON may differ in the last digit of a number.
            let same = match (held, item[name].as_f64()) {
                (Some(csv), Some(json)) => (csv - json).abs() < 1e-12,
                (csv, json) => csv == json,
            };
            assert!(same, "{name} of {}: {held:?} and {}", item["value"], item[name]);
        }
    }
    // Standardised shares are the same too.
    for (name, by) in [("years", "year"), ("regions", "region")] {
        let mixed = rows(&get(shared(), &format!("/themes/leadership/{name}.csv?standardise=la_type")));
        let api = get(shared(), &format!("/api/v1/themes?theme=leadership&by={by}&standardise=la_type")).json();
        let items = api["items"].as_array().unwrap().iter().filter(|row| row["value"].is_string());
        let expected: Vec<Option<f64>> = items.map(|row| row["standardised_share"].as_f64()).collect();
        let at = mixed[0].iter().position(|column| column == "standardised_share").unwrap();
        assert_eq!(mixed.iter().skip(1).map(|row| row[at].parse::<f64>().ok()).collect::<Vec<_>>(), expected, "{name}");
    }
    assert_eq!(get(shared(), "/themes/leadership/years.csv?standardise=size").status, 400);
    let outcomes = rows(&get(shared(), "/outcomes.csv"));
    let counted: u64 = outcomes.iter().skip(1).map(|row| row[2].parse::<u64>().unwrap()).sum();
    let of =
        |kind: &str| get(shared(), &format!("/api/v1/letters?kind={kind}&limit=1")).json()["total"].as_u64().unwrap();
    assert_eq!(counted, of("outcome_letter") + of("area_send_full"));
    assert_eq!(get(shared(), "/themes/leadership/months.svg").status, 404);
}

#[test]
fn a_letter_is_cited_in_a_sentence_and_for_bibtex() {
    let letters = get(shared(), "/api/v1/letters?kind=area_send_full&area=971&limit=1").json();
    let id = letters["items"][0]["id"].as_str().unwrap();
    let page = get(shared(), &format!("/letters/{id}")).text();
    let cited = &page[page.find("data-cite-letter").unwrap()..];
    assert!(
        cited.contains(
            "(no date of publication known) Full inspection report: Thornwick, inspection of 15 to 19 May 2023"
        ),
        "{cited}"
    );
    assert!(cited.contains(&format!("Read by sendlens: {id}.")) && cited.contains(&format!("@misc{{sendlens-{id},")));
    assert!(
        cited.contains("author = {{Ofsted} and {Care Quality Commission}}")
            && cited.contains("title = {Full inspection report: Thornwick}")
    );
    assert!(page.contains("page @page@: \u{201c}@quote@\u{201d}"), "the script fills page and words of a finding in");
}
