//! Letters in forms that were once read wrongly are read rightly, or say what is wrong.
//!
//! The letters here are about invented areas. Where the folder of shared cases is beside the project, its documents are
//! read too, and compared with its `expected.json`.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use sendlens::domain::{Letter, LetterKind, Outcome, PreviousStatus, Role, Section, Term, Verdict};
use sendlens::parse::{ParseError, Parsed, parse};
use sendlens::reference::Reference;
use serde_json::Value;
use support::blocks::document;
use support::program::{fixtures, json, sendlens, shared};

fn parsed(lines: &str) -> Result<Parsed, ParseError> {
    parse(&document(lines), &Reference::load(&fixtures("reference")).unwrap())
}

#[track_caller]
fn letter(lines: &str) -> Letter {
    match parsed(lines) {
        Ok(Parsed::Letter(letter)) => *letter,
        other => panic!("{other:?}"),
    }
}

fn texts(letter: &Letter, role: Role) -> Vec<&str> {
    letter.passages.iter().filter(|p| p.role == role).map(|p| p.text.as_str()).collect()
}

fn suspicions(letter: &Letter, field: &str) -> Vec<String> {
    letter.suspicious.iter().filter(|s| s.field == field).map(|s| s.problem.clone()).collect()
}

/// An outcome letter about Westhaven, for which the register of the fixtures has five weaknesses.
fn outcome(headings: [&str; 2], weaknesses: &[&str]) -> String {
    let [strengths, development] = headings;
    let questions = [
        ("identifying", "Checks are timely.", "Needs are missed."),
        ("assessing and meeting", "Plans are clear.", "Reviews are late."),
    ];
    let mut lines = "19 December 2018\nMs A Orme, Director of Children’s Services, Westhaven City Council\nDear Ms Orme\n\
        ** Joint local area SEND inspection in Westhaven\nBetween 5 November and 9 November 2018, Ofsted and the Care \
        Quality Commission (CQC) conducted a joint inspection of the local area of Westhaven to judge the effectiveness of \
        the area in implementing the reforms.\nThis letter outlines our findings from the inspection.\n# Main findings\n\
        - Leaders know the area well.\n"
        .to_owned();
    for (question, good, bad) in questions {
        lines += &format!(
            "# The effectiveness of the local area in {question} the needs of children and young people with special \
             educational needs and/or disabilities\n** {strengths}\n- {good}\n** {development}\n- {bad}\n"
        );
    }
    lines += "# The effectiveness of the local area in improving outcomes for children and young people with SEND\n\
        ** Strengths\n- Pupils do well.\n** Areas for development\n- Few find work.\n";
    if !weaknesses.is_empty() {
        lines += "# The inspection raises significant concerns about the effectiveness of the local area\nThe local area is \
            required to produce and submit a written statement of action to Ofsted that explains how it will tackle the \
            following areas of significant weakness:\n";
        for weakness in weaknesses {
            lines += &format!("- {weakness}\n");
        }
    }
    lines + "Yours sincerely\nB Tann\nHer Majesty’s Inspector"
}

#[test]
fn headings_in_other_words_separate_strengths_from_areas_for_development() {
    for headings in [
        ["Strengths", "Areas for improvement"],
        ["Strengths", "Areas of weakness"],
        ["What is working well", "What needs to improve"],
        ["Areas of strength", "Areas requiring improvement"],
    ] {
        let read = letter(&outcome(headings, &[]));
        assert_eq!(read.kind, LetterKind::OutcomeLetter, "{headings:?}");
        assert_eq!(texts(&read, Role::Strength), ["Checks are timely.", "Plans are clear.", "Pupils do well."]);
        let development = ["Needs are missed.", "Reviews are late.", "Few find work."];
        assert_eq!(texts(&read, Role::AreaForDevelopment), development, "{headings:?}");
    }
}

#[test]
fn bullets_below_an_unknown_heading_have_no_role_and_the_letter_says_so() {
    let read = letter(&outcome(["Strengths", "Other matters"], &[]));
    assert_eq!(texts(&read, Role::Strength), ["Checks are timely.", "Plans are clear.", "Pupils do well."]);
    assert_eq!(texts(&read, Role::AreaForDevelopment), ["Few find work."]);
    assert_eq!(texts(&read, Role::Narrative), ["Needs are missed.", "Reviews are late."]);
    for section in [Section::Identification, Section::MeetingNeeds] {
        assert!(suspicions(&read, section.as_str()).iter().any(|p| p.contains("heading")), "{:?}", read.suspicious);
    }
}

#[test]
fn fewer_weaknesses_than_the_register_has_are_suspicious_with_both_numbers() {
    let weaknesses = ["the lack of a plan;", "weak oversight;", "late reviews; and", "and the quality of plans."];
    let read = letter(&outcome(["Strengths", "Areas for development"], &weaknesses));
    assert_eq!(texts(&read, Role::SignificantWeakness), weaknesses, "a bullet may begin with \"and\"");
    let says = "the official register has 5 significant weaknesses, 4 were read in the letter";
    assert_eq!(suspicions(&read, "significant_weakness"), [says]);
    let all = ["a;", "b;", "c;", "d;", "e."].map(|letter| format!("the lack of {letter}"));
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    assert!(letter(&outcome(["Strengths", "Areas for development"], &all)).suspicious.is_empty());
}

fn revisit(dated: &str, overall: &str, findings: &str) -> Letter {
    letter(&format!(
        "14 March 2022\nMs A Orme, Director of Children’s Services, Westhaven City Council\nDear Ms Orme\n\
         ** Joint area SEND revisit in Westhaven\nBetween 7 February and 9 February 2022, Ofsted and the Care Quality \
         Commission (CQC) revisited the area of Westhaven to decide whether sufficient progress has been made in addressing \
         each of the areas of significant weakness detailed in {dated}.\n{overall} This letter outlines our findings from \
         the revisit.\n{findings}\nYours sincerely"
    ))
}

#[test]
fn restated_weaknesses_are_joined_with_their_verdicts_and_lose_their_introduction() {
    let met = "The area has made sufficient progress to improve this area of weakness.";
    let read = revisit(
        "the written statement of action issued on 19 December 2018",
        "The area has made sufficient progress in addressing all five areas of significant weakness.",
        &["late plans", "weak oversight", "poor joint working", "few short breaks", "slow checks"].iter().fold(
            "# Main findings\n- The initial inspection found that leaders did not work together. Now they do."
                .to_owned(),
            |findings, weakness| {
                format!("{findings}\nAt the initial inspection, inspectors found {weakness}.\nMuch has changed.\n{met}")
            },
        ),
    );
    let verdicts: Vec<_> =
        read.passages.iter().filter(|p| p.role == Role::ProgressVerdict).map(|p| (&*p.text, p.verdict)).collect();
    let expected = ["late plans.", "weak oversight.", "poor joint working.", "few short breaks.", "slow checks."];
    assert_eq!(verdicts, expected.map(|text| (text, Some(Verdict::Sufficient))));
    assert_eq!(
        suspicions(&read, "revisit"),
        [
            "the official register has sufficient progress on 3 weaknesses and insufficient progress on 2, the letter on 5 and 0"
        ]
    );
}

#[test]
fn the_day_of_publication_of_the_first_letter_is_not_that_of_the_statement() {
    let read = revisit(
        "the inspection report letter published on 16 January 2019",
        "The area has made sufficient progress in addressing all of the significant weaknesses.",
        "# Main findings\n# Late plans\nThey are on time.\nThe area has made sufficient progress in addressing this significant weakness.",
    );
    assert_eq!(read.revisit.unwrap().wsoa_required_on, None);
    assert!(read.facts.iter().any(|fact| fact.field == "previous_letter_published_on"));
}

/// A report on Pengarrow with this date of the previous inspection, outcome, formal items and details.
fn report(previous: &str, outcome: &str, items: &str, details: &str) -> String {
    format!(
        "# Area SEND inspection of Pengarrow Local Area Partnership\n** Inspection dates: 4 to 8 March 2024\n\
         ** Date of previous inspection: {previous}\n# Inspection outcome\n{outcome}\n\
         # Information about the local area partnership\nPengarrow Council and NHS Pengarrow Integrated Care Board are \
         jointly responsible for services.\n# What is it like to be a child or young person with SEND in this area?\n\
         Children wait.\n# What is the local area partnership doing that is effective?\n- Schools do well.\n\
         # What does the local area partnership need to do better?\n- Plans are late.\n{items}\n\
         # Local area partnership details\n{details}"
    )
}

const DETAILS: &str =
    "| Local authority | Integrated care board\n| Pengarrow Council | NHS Pengarrow Integrated Care Board";
const INCONSISTENT: &str = "The local area partnership’s arrangements lead to inconsistent experiences and outcomes for \
    children. The next full area SEND inspection will be within approximately 3 years.";
const IMPROVE: &str = "# Areas for improvement\nLeaders should cut waits.\nLeaders should improve plans.";

#[test]
fn a_previous_inspection_of_one_day_in_prose_is_read_beside_a_revisit() {
    let said = "The previous full inspection was on 19 March 2018. There was a subsequent revisit on 24 March 2020.";
    let read = letter(&report(said, INCONSISTENT, IMPROVE, DETAILS));
    assert_eq!(read.previous_inspection.status, PreviousStatus::Found);
    assert_eq!(read.previous_inspection.start.unwrap().to_string(), "2018-03-19");
    assert!(read.suspicious.is_empty(), "{:?}", read.suspicious);
}

#[test]
fn two_bodies_in_one_cell_are_read_as_two() {
    let details = "| Local authority | Integrated care board\n| Pengarrow Council | Name of ICB: NHS One and Two ICB; NHS Three ICB";
    let lines = report("None", INCONSISTENT, IMPROVE, details)
        .replace("NHS Pengarrow Integrated Care Board are", "NHS One and Two ICB and NHS Three ICB are");
    let read = letter(&lines);
    assert_eq!(read.health_bodies, ["NHS One and Two Integrated Care Board", "NHS Three Integrated Care Board"]);
}

#[test]
fn areas_for_improvement_name_who_must_act() {
    let items = "# Areas for improvement\nLeaders at Pengarrow Council should cut waits.\nThe ICB should commission more.\n\
        Leaders across the partnership should improve plans.";
    let read = letter(&report("None", INCONSISTENT, items, DETAILS));
    let who: Vec<_> =
        read.passages.iter().filter(|p| p.role == Role::AreaForImprovement).map(|p| p.responsible.as_deref()).collect();
    assert_eq!(who, [Some("Pengarrow Council"), Some("ICB"), None]);
}

#[test]
fn a_report_that_contradicts_itself_says_so() {
    let positive = "The local area partnership’s arrangements typically lead to positive experiences and outcomes for \
        children. A monitoring inspection will be carried out within approximately 18 months. The next full area SEND \
        inspection will be within approximately 3 years.";
    let read = letter(&report("None", positive, IMPROVE, DETAILS));
    assert_eq!(suspicions(&read, "monitoring_inspection_months").len(), 1, "{:?}", read.suspicious);
    assert_eq!(suspicions(&read, "next_full_inspection_months").len(), 1);
    let announced =
        IMPROVE.replace("# Areas", "Inspectors identified the following five areas for improvement.\n# Areas");
    let read = letter(&report("None", INCONSISTENT, &announced, DETAILS));
    assert_eq!(suspicions(&read, "area_for_improvement"), ["the letter announces 5, but 2 could be read"]);
    let unknown = "Things are as they are. The next full area SEND inspection will be within approximately 3 years.";
    let read = letter(&report("None", unknown, IMPROVE, DETAILS));
    assert_eq!((read.outcome, suspicions(&read, "outcome").len()), (None, 1));
}

#[test]
fn a_monitoring_letter_that_gives_only_numbers_is_read_with_its_date() {
    let read = letter(
        "12 June 2025\nMs A Orme, Director of Children’s Services, Pengarrow Council\nDear Ms Orme\n\
         # Area SEND monitoring inspection of Pengarrow Local Area Partnership\nFollowing the monitoring inspection on 6 to 8 \
         May 2025, I write to tell you of its outcome.\n# Inspection outcome\nThe local area partnership has taken effective \
         action to address one area for priority action. It has not taken effective action to address one area for priority \
         action.\n# Inspection findings\nLeaders meet each month. Plans are still late.",
    );
    assert_eq!(read.letter_date.unwrap().to_string(), "2025-06-12");
    let revisit = read.revisit.clone().unwrap();
    assert_eq!((revisit.sufficient, revisit.insufficient), (1, 1));
    assert_eq!(read.outcome, Some(Outcome::SufficientProgressSome));
    assert!(!suspicions(&read, "progress").is_empty(), "no area has a part of its own, which is suspicious");
}

#[test]
fn a_document_that_calls_itself_a_send_revisit_fails_and_is_not_set_aside() {
    let odd = "# Joint area SEND revisit in Westhaven\nOfsted and CQC inspectors came back to look at what had changed.\n\
        Plans are better.";
    assert_eq!(parsed(odd).unwrap_err().code(), "unrecognised");
}

#[test]
fn a_difference_between_letter_and_register_is_reported_by_status_and_check() {
    let Some(cases) = shared("cases") else { return };
    let data = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| json(&sendlens(data.path()).args(arguments).output().unwrap(), 0);
    let letter = cases.join("one-weakness-fewer.pdf");
    let report = run(&["ingest", "--format", "json", letter.to_str().unwrap()]);
    let reports_it = |value: &Value| value.to_string().contains("the official register has 5 significant weaknesses");
    assert!(reports_it(&report["documents"][0]["suspicious"]), "{report:#}");
    let status = run(&["status", "--format", "json"]);
    assert!(reports_it(&status["register"]["differences"]), "{status:#}");
    assert_eq!(status["register"]["inspections"]["differing"], 1);
    assert_eq!(
        (&status["register"]["weaknesses_read"], &status["register"]["weaknesses_registered"]),
        (&4.into(), &5.into())
    );
    assert!(reports_it(&run(&["check", "--format", "json"])["differences"]));
    let file = run(&["letter", "--format", "json", letter.to_str().unwrap()]);
    assert_eq!(file["kind"], "outcome_letter");
    assert!(reports_it(&file["letter"]["letter"]["suspicious"]), "{file:#}");
}

#[test]
fn the_shared_cases_are_read_as_expected() {
    let Some(cases) = shared("cases") else { return };
    let expected: Value = serde_json::from_slice(&std::fs::read(cases.join("expected.json")).unwrap()).unwrap();
    let mut wrong = Vec::new();
    for (name, expected) in expected.as_object().unwrap() {
        let output = sendlens(&std::env::temp_dir().join("nothing-is-stored"))
            .args(["letter", "--format", "json"])
            .arg(cases.join(name))
            .output()
            .unwrap();
        let read: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        for (field, expected) in expected.as_object().unwrap() {
            let letter = &read["letter"]["letter"];
            let found = match field.as_str() {
                "status" => read["reason"]["code"].clone(),
                "must_be_told" => Value::from(letter["suspicious"].to_string().contains("official register")),
                "register_says" => continue,
                "verdicts" => {
                    let findings = read["letter"]["findings"].as_array().cloned().unwrap_or_default();
                    let verdicts = findings.iter().filter(|f| f["role"] == "progress_verdict");
                    verdicts.map(|f| Value::from(f["text"].as_str().unwrap().trim_end_matches('.'))).collect()
                }
                "kind" | "la_code" | "inspection_start" | "wsoa_required" => letter[field].clone(),
                count => letter["counts"][count].clone(),
            };
            let expected = if field == "must_be_told" { &Value::from(true) } else { expected };
            if found != *expected {
                wrong.push(format!("{name}, {field}: {expected} read as {found}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
