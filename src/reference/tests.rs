#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;

use jiff::civil::{Date, date};

use super::Reference;
use crate::domain::AreaStatus;

fn code(name: &str) -> String {
    Reference::bundled().resolve(name).unwrap_or_else(|e| panic!("{e}")).la_code.clone()
}

fn code_on(name: &str, day: Date) -> String {
    Reference::bundled().resolve_on(name, day).unwrap_or_else(|e| panic!("{e}")).la_code.clone()
}

#[test]
fn the_bundled_tables_are_whole() {
    let reference = Reference::bundled();
    let current = reference.areas().iter().filter(|a| a.status() == AreaStatus::Current).count();
    assert_eq!((current, reference.areas().len()), (153, 158));
    for area in reference.areas() {
        let expected = if area.status() == AreaStatus::Current { 10 } else { 0 };
        assert_eq!(reference.neighbours_of(&area.la_code).len(), expected, "{}", area.name);
    }
    assert_eq!(reference.register().len(), 149);
    assert_eq!(reference.register().iter().filter(|e| e.wsoa_required).count(), 82);
    assert_eq!(reference.sources().len(), 3);
}

#[test]
fn usual_spellings_of_a_name_mean_the_same_area() {
    for (expected, spellings) in [
        ("203", &["the Royal Borough of Greenwich", "Greenwich", "Royal Greenwich", "GREENWICH COUNCIL", "80495"][..]),
        ("894", &["Telford & Wrekin", "Telford and Wrekin Council", "Borough of Telford and Wrekin"]),
        (
            "342",
            &["St. Helens", "St Helens", "Saint Helens", "St Helens Metropolitan Borough Council", "st helens mbc"],
        ),
        ("810", &["Hull", "Kingston Upon Hull, City of", "Kingston-upon-Hull", "Hull City Council", "City of Hull"]),
        ("840", &["County Durham", "Durham", "Durham County Council", "the county of Durham"]),
        ("801", &["Bristol", "Bristol, City of", "City of Bristol", "Bristol City Council"]),
        ("303", &["London Borough of Bexley", "Bexley Local Area Partnership", "the London Borough of Bexley Council"]),
        ("816", &["City of York", "City of York Council", "York", "York local area"]),
        ("815", &["North Yorkshire", "North Yorkshire County Council", "E06000065", "E10000023", "80530"]),
        ("201", &["City of London", "the City of London", "City of London Corporation"]),
        ("380", &["City of Bradford Metropolitan District Council", "Bradford"]),
        ("884", &["Herefordshire", "Herefordshire, County of", "County of Herefordshire"]),
        (
            "839",
            &[
                "BCP",
                "Bournemouth, Christchurch & Poole",
                "Bournemouth Christchurch and Poole Council",
                "Bournemouth, Christchurch and Poole (BCP) Council",
            ],
        ),
        ("846", &["Brighton & Hove", "Brighton and Hove City Council"]),
        ("207", &["the Royal Borough of Kensington and Chelsea"]),
        ("868", &["Royal Borough of Windsor & Maidenhead"]),
        ("822", &["Bedford", "Bedford Borough", "Bedford Borough Council"]),
        ("882", &["Southend", "Southend on Sea", "Southend-on-Sea City Council"]),
        ("925", &["Lincolnshire County Council"]),
        ("812", &["North East Lincolnshire"]),
        ("856", &["Leicester City"]),
        ("855", &["Leicestershire County"]),
        ("420", &["Council of the Isles of Scilly"]),
        ("825", &["E10000002", "e06000060", "825", " Buckinghamshire "]),
        ("344", &["Wirral", "the Wirral"]),
        ("336", &["City of Wolverhampton Council"]),
    ] {
        for spelling in spellings {
            assert_eq!(code(spelling), expected, "{spelling}");
        }
    }
}

#[test]
fn every_area_is_found_by_all_its_own_names_and_codes() {
    let reference = Reference::bundled();
    for area in reference.areas() {
        let day = area.created_on.unwrap_or(date(2016, 5, 3));
        let names = std::iter::once(&area.name).chain(&area.also_known_as);
        let codes = [&area.la_code, &area.ons_code].into_iter().chain(&area.previous_ons_codes).chain(&area.urn);
        for given in names.chain(codes) {
            assert_eq!(code_on(given, day), area.la_code, "{given}");
        }
        for title in ["London Borough of {}", "{} County Council", "The {} Local Area Partnership", "{} local area"] {
            assert_eq!(code_on(&title.replace("{}", &area.name), day), area.la_code, "{title} {}", area.name);
        }
    }
}

#[test]
fn an_area_is_found_as_it_was_on_the_day() {
    assert_eq!(code_on("Northamptonshire", date(2017, 5, 8)), "928");
    assert_eq!(code_on("Dorset", date(2017, 1, 23)), "835");
    assert_eq!(code_on("Dorset", date(2019, 3, 31)), "835");
    assert_eq!(code_on("Dorset", date(2019, 4, 1)), "838");
    assert_eq!(code("Dorset"), "838");
    assert_eq!(code_on("Bournemouth", date(2018, 6, 4)), "837");
    assert_eq!(code_on("Poole", date(2018, 6, 4)), "836");
    assert_eq!(code_on("Cumbria", date(2019, 3, 18)), "909");
    assert_eq!(code_on("Cumberland", date(2024, 3, 18)), "942");
    for (old, day, code) in [
        ("Buckinghamshire", date(2018, 1, 1), "825"),
        ("E10000027", date(2020, 3, 9), "933"),
        ("North Yorkshire County Council", date(2016, 6, 27), "815"),
    ] {
        assert_eq!(code_on(old, day), code);
    }
}

#[test]
fn an_area_that_did_not_exist_then_is_not_replaced_by_another() {
    let reference = Reference::bundled();
    let error = reference.resolve_on("West Northamptonshire", date(2017, 5, 8)).unwrap_err();
    assert_eq!(error.suggestions, [("928".to_owned(), "Northamptonshire".to_owned())]);
    let error = reference.resolve_on("Cumbria", date(2024, 1, 8)).unwrap_err();
    insta::assert_snapshot!(error, @"Cumbria was abolished on 2023-04-01; did you mean Cumberland (942), Westmorland and Furness (943)?");
}

#[test]
fn an_unknown_name_gets_the_nearest_suggestions() {
    let reference = Reference::bundled();
    for (wrong, nearest) in [
        ("Bristoll", "Bristol"),
        ("Readng", "Reading"),
        ("Calderdayle Council", "Calderdale"),
        ("Warickshire", "Warwickshire"),
        ("Northhamptonshire", "Northamptonshire"),
        ("Stokc on Trent", "Stoke-on-Trent"),
        ("Kingston", "Kingston upon Thames"),
    ] {
        let error = reference.resolve(wrong).unwrap_err();
        assert!(error.suggestions.iter().any(|(_, name)| name == nearest), "{error}");
    }
    let error = reference.resolve("Yorkshire").unwrap_err();
    let names: Vec<&str> = error.suggestions.iter().map(|(_, name)| name.as_str()).collect();
    assert!(names.contains(&"North Yorkshire") && names.contains(&"East Riding of Yorkshire"), "{error}");
    let error = reference.resolve("qqqq").unwrap_err();
    insta::assert_snapshot!(error, @r#"no local area is called "qqqq"; `sendlens areas` lists all of them"#);
    assert!(reference.resolve("").is_err());
    assert!(reference.resolve("999").is_err());
}

/// Copies the bundled tables, changes one text in one of them, and reads the copy.
fn load_with(table: &str, from: &str, to: &str) -> Result<Reference, String> {
    let dir = tempfile::tempdir().unwrap();
    for name in ["areas.csv", "neighbours.csv", "register.csv"] {
        let mut text = fs::read_to_string(format!("corpus/reference/{name}")).unwrap();
        if name == table {
            assert!(text.contains(from), "{from}");
            text = text.replacen(from, to, 1);
        }
        fs::write(dir.path().join(name), text).unwrap();
    }
    let place = format!("{}/", dir.path().display());
    Reference::load(dir.path()).map_err(|e| e.to_string().replace(&place, ""))
}

#[test]
fn a_directory_replaces_the_bundled_tables() {
    let loaded = load_with("areas.csv", ",Camden,", ",Camden Town,").unwrap();
    assert_eq!(loaded.area("202").unwrap().name, "Camden Town");
}

#[test]
fn the_invented_areas_of_the_fixtures_are_a_reference_directory() {
    let invented = Reference::load(std::path::Path::new("fixtures/reference")).unwrap();
    assert_eq!(invented.resolve("St. Wilfrids Council").unwrap().la_code, "988");
    assert_eq!(invented.resolve_on("Norvale County Council", date(2017, 10, 2)).unwrap().la_code, "979");
    for area in invented.areas() {
        assert!(Reference::bundled().area(&area.la_code).is_none(), "{} is a real code", area.la_code);
        assert!(Reference::bundled().resolve(&area.name).is_err(), "{} is a real area", area.name);
    }
}

#[test]
fn a_wrong_table_is_refused_with_file_and_line() {
    for (table, from, to, expected) in [
        ("areas.csv", "202,E09000007", "203,E09000007", "areas.csv, line 9: the code 203 is used twice"),
        ("areas.csv", "202,E09000007", "20,E09000007", "areas.csv, line 8: la_code \"20\" must be three digits"),
        ("areas.csv", "E09000007", "E0900007", "areas.csv, line 8: \"E0900007\" is not a code like E06000001"),
        ("areas.csv", ",Camden,,", ",Camden,Hackney,", "areas.csv, line 10: \"Hackney\" is also a name of 202"),
        ("areas.csv", "68241", "many", "areas.csv, line 8: population_0_25 \"many\": invalid digit found in string"),
        ("areas.csv", "838 839", "838 777", "areas.csv, line 98: the successor 777 is not in the table"),
        ("areas.csv", "2023-04-01,942 943", "2023-04-31,942 943", "areas.csv, line 147: abolished_on \"2023-04-31\""),
        ("areas.csv", "# licence", "# licenz", "areas.csv, line 1: the table must open with a line \"# licence: ...\""),
        ("areas.csv", "la_code,ons_code", "la_code,ons", "areas.csv, line 6: the columns must be la_code,ons_code,urn"),
        ("neighbours.csv", "202,,,206 213", "202,,,206 202", "neighbours.csv, line 7: close names 202, which is not"),
        ("neighbours.csv", "202,,,206 213", "202,,,206 206", "neighbours.csv, line 7: 206 is named twice"),
        ("neighbours.csv", "202,,,206 213", "202,,,206 835", "neighbours.csv, line 7: close names 835, which is not"),
        ("register.csv", "202,2019-03-11", "202,2019-06-11", "register.csv, line 7: the dates are not in order"),
        (
            "register.csv",
            "202,2019-03-11",
            "941,2019-03-11",
            "register.csv, line 7: West Northamptonshire did not exist on 2019-03-11",
        ),
        ("register.csv", "2019-05-13,no", "2019-05-13,maybe", "register.csv, line 7: wsoa_required must be yes or no"),
    ] {
        let error = load_with(table, from, to).unwrap_err();
        assert!(error.starts_with(expected), "{error}\nexpected {expected}");
    }
    let error = Reference::load(std::path::Path::new("fixtures/nowhere")).unwrap_err();
    assert_eq!(error.code(), "reference_unreadable");
}
