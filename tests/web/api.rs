//! The answers of the API are what its description says, lists are paged, and mistakes are refused with a reason.

use super::schema;
use super::support::http::{get, get_with, send};
use super::support::service::shared;

/// Requests to an endpoint, with parameters to which it has an answer.
fn examples(path: &str) -> Vec<String> {
    let at = shared();
    let letters = get(at, "/api/v1/letters?limit=1000").json();
    let letter_ids = letters["items"].as_array().unwrap().iter().map(|l| l["id"].as_str().unwrap().to_owned());
    let finding = get(at, "/api/v1/findings?limit=1").json()["items"][0]["id"].as_str().unwrap().to_owned();
    let own = path.trim_end_matches(".csv").trim_start_matches("/api/v1");
    match own {
        "/areas/{area}" => (970..=988).map(|code| format!("/api/v1/areas/{code}")).collect(),
        "/areas/{area}/peers" => ["neighbours", "region", "type", "all", "list&with=972,973"]
            .map(|basis| format!("/api/v1/areas/971/peers?basis={basis}"))
            .to_vec(),
        "/letters/{id}" => letter_ids.map(|id| format!("/api/v1/letters/{id}")).collect(),
        "/letters" => {
            vec![path.to_owned(), format!("{path}?kind=all&limit=1000"), format!("{path}?framework=2023&offset=2")]
        }
        "/findings/{id}" => vec![format!("/api/v1/findings/{finding}")],
        "/findings" => vec![format!("{path}?limit=1000"), format!("{path}?role=area_for_improvement&theme=leadership")],
        "/search" => vec![format!("{path}?q=leaders"), format!("{path}?q=%22health+services%22&framework=2023,2016")],
        "/themes" => [
            "",
            "?by=year",
            "?by=region",
            "?by=la_type&framework=2023",
            "?by=outcome&limit=5&offset=3",
            "?by=framework",
            "?by=framework&standardise=la_type",
        ]
        .map(|query| format!("{path}{query}"))
        .to_vec(),
        "/changes" => vec![path.to_owned(), format!("{path}?since=2000-01-01")],
        "/recurring" => {
            vec![path.to_owned(), format!("{path}?theme=leadership"), format!("{path}?framework=2016&limit=1")]
        }
        "/compare" => {
            ["971&area=972&area=973", "971,979&framework=2023"].map(|of| format!("{path}?area={of}")).to_vec()
        }
        "/due" => vec![path.to_owned(), format!("{path}?region=South%20West&limit=2")],
        "/areas" | "/codebook" | "/status" => vec![path.to_owned()],
        other => panic!("{other} has no example here"),
    }
}

#[test]
fn every_answer_of_the_api_is_what_its_description_says() {
    let at = shared();
    let document = get(at, "/api/v1/openapi.json").json();
    assert_eq!(document["openapi"], "3.1.0");
    let schemas = &document["components"]["schemas"];
    let mut complaints = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let ok = &item["get"]["responses"]["200"]["content"];
        for example in examples(path) {
            let answer = get(at, &example);
            assert_eq!(answer.status, 200, "{example}: {}", answer.text());
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{example}");
            if path.ends_with(".csv") {
                assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8"), "{example}");
                let mut reader = csv::Reader::from_reader(answer.body.as_slice());
                let columns = reader.headers().unwrap().len();
                assert!(reader.records().all(|row| row.unwrap().len() == columns), "{example}");
                continue;
            }
            assert_eq!(answer.header("content-type"), Some("application/json"), "{example}");
            complaints.extend(schema::problems(&answer.json(), &ok["application/json"]["schema"], schemas, &example));
        }
    }
    complaints.truncate(20);
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[test]
fn lists_are_paged_without_gap_or_overlap() {
    let at = shared();
    for path in ["/api/v1/letters", "/api/v1/findings", "/api/v1/areas", "/api/v1/search?q=leaders", "/api/v1/themes"] {
        let joined = |query: &str| format!("{path}{}{query}", if path.contains('?') { '&' } else { '?' });
        let whole = get(at, &joined("limit=1000")).json();
        let all = whole["items"].as_array().unwrap();
        let mut pages = Vec::new();
        for offset in (0..30).step_by(7) {
            pages.extend(
                get(at, &joined(&format!("limit=7&offset={offset}"))).json()["items"].as_array().unwrap().clone(),
            );
        }
        let expected: Vec<_> = all.iter().take(35).cloned().collect();
        assert_eq!(pages, expected, "{path}");
        assert_eq!(whole["total"].as_u64().unwrap().min(1000), all.len() as u64, "{path}");
    }
}

#[test]
fn a_misspelt_parameter_is_an_error_and_preflights_are_answered() {
    let at = shared();
    let wrong = get(at, "/api/v1/letters?reigon=London");
    assert_eq!(wrong.status, 400);
    assert_eq!(get(at, "/api/v1/changes?since=").status, 400, "a filter without a value must not widen the answer");
    assert!(wrong.json()["detail"].as_str().unwrap().starts_with("Unknown parameter \"reigon\""), "{}", wrong.text());
    assert_eq!(get(at, "/api/v1/letters?area=Nowhereshire").status, 400);
    assert_eq!(get(at, "/api/v1/areas/Nowhereshire").status, 404);
    assert_eq!(get(at, "/api/v1/findings?theme=identificaton").status, 400);
    let preflight = send(
        at,
        "OPTIONS",
        "/api/v1/letters",
        &[("Origin", "https://example.org"), ("Access-Control-Request-Method", "GET")],
        b"",
    );
    assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (204, Some("*")));
}

#[test]
fn csv_is_chosen_by_suffix_or_accept_header_and_no_cell_is_a_formula() {
    let at = shared();
    let by_suffix = get(at, "/api/v1/findings.csv?limit=1000");
    let by_accept =
        get_with(at, "/api/v1/findings?limit=1000", &[("Accept", "text/csv;q=0.9, application/json;q=0.5")]);
    assert_eq!(by_suffix.body, by_accept.body);
    for record in csv::Reader::from_reader(by_suffix.body.as_slice()).records() {
        assert!(record.unwrap().iter().all(|cell| !cell.starts_with(['=', '+', '-', '@'])));
    }
}
