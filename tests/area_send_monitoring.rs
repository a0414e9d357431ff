//! Reports of monitoring inspections give a verdict on each area for priority action, whatever form the report takes.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use std::path::Path;

use sendlens::domain::{Letter, LetterKind, Outcome, Role, Section, Verdict};
use sendlens::parse::quote::Searchable;
use sendlens::parse::{ParseError, Parsed, parse};
use sendlens::reference::Reference;
use support::blocks::document;

const OPENING: &str = "
Local area partnership report
# Area SEND monitoring inspection of Thornwick Local Area Partnership
Inspection dates: 12 and 13 March 2025
Dates of previous inspection: 15 to 19 May 2023
";

const CLOSING: &str = "
## Local area partnership details
| Local authority | Integrated care board
| Thornwick Metropolitan Borough Council | NHS Mersey Uplands ICB
## Information about this inspection
This inspection was carried out at the request of the Secretary of State for Education.
";

fn attempt(body: &str) -> Result<Letter, ParseError> {
    let reference = Reference::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/reference")).unwrap();
    let document = document(&format!("{OPENING}\n{body}\n{CLOSING}"));
    match parse(&document, &reference)? {
        Parsed::Letter(letter) => {
            let searchable = Searchable::new(&document);
            for passage in &letter.passages {
                assert!(searchable.contains(&passage.text), "not in the document: {}", passage.text);
            }
            Ok(*letter)
        }
        Parsed::SetAside(aside) => panic!("set aside as {}", aside.what),
    }
}

fn read(body: &str) -> Letter {
    attempt(body).unwrap()
}

fn verdicts(letter: &Letter) -> Vec<(&str, Option<Verdict>)> {
    let verdicts = letter.passages.iter().filter(|p| p.role == Role::ProgressVerdict);
    verdicts.map(|p| (p.text.as_str(), p.verdict)).collect()
}

fn verdict_counts(letter: &Letter) -> (u32, u32) {
    let revisit = letter.revisit.as_ref().unwrap();
    (revisit.sufficient, revisit.insufficient)
}

const MET: Option<Verdict> = Some(Verdict::Sufficient);
const UNMET: Option<Verdict> = Some(Verdict::Insufficient);
const FIRST: &str = "Leaders must reduce waiting times.";
const SECOND: &str = "The local authority must improve plans.";

#[test]
fn areas_are_read_under_headings_of_their_own() {
    let letter = read(&format!(
        "## Inspection outcome
        The local area partnership has taken effective action to address one of the two areas for priority action.
        The next full area SEND inspection will be within approximately 18 months.
        ## Information about this inspection
        Inspectors looked only at the areas for priority action.
        ## Progress against the areas for priority action
        Leaders have changed since 2023.
        ## Area for priority action 1
        {FIRST}
        - Waits have not fallen. Families despair.
        The partnership has not taken effective action in this area.
        ====
        ## Area for priority action 2
        Responsible body: Thornwick Metropolitan Borough Council
        {SECOND}
        Plans are better.
        Effective action has been taken to address this area for priority action.
        ## Next steps
        The partnership should keep its plan up to date."
    ));
    assert_eq!(letter.kind, LetterKind::AreaSendMonitoring);
    assert_eq!(letter.id(), "971-2025-03-12-monitoring");
    assert_eq!(letter.outcome, Some(Outcome::SufficientProgressSome));
    assert_eq!(verdicts(&letter), [(FIRST, UNMET), (SECOND, MET)]);
    assert_eq!(verdict_counts(&letter), (1, 1));
    assert_eq!(letter.next_full_inspection_months, Some(18));
    assert_eq!(letter.priority_action_plan_required, Some(false));
    assert_eq!(letter.suspicious, []);
    let second = letter.passages.iter().find(|p| p.text == SECOND).unwrap();
    assert_eq!((second.page, second.ordinal), (2, 2));
    assert_eq!(second.responsible.as_deref(), Some("Thornwick Metropolitan Borough Council"));
    let section = |text: &str| letter.passages.iter().find(|p| p.text == text).unwrap().section;
    assert_eq!(section("Families despair."), Section::Progress);
    assert_eq!(section("The partnership should keep its plan up to date."), Section::Context);
}

#[test]
fn a_heading_may_hold_the_area_itself_and_a_list_may_belong_to_it() {
    let letter = read(
        "## Monitoring inspection outcome
        Leaders have not taken effective action in any of the areas for priority action.
        ## What progress have leaders made?
        ** Priority action 1: Leaders must reduce the waiting times of children who need therapy.
        Waits are longer.
        ** Priority action 2
        Leaders must improve plans so that each one:
        - is clear; and
        - is reviewed in time.
        Plans are as weak as they were.",
    );
    let list = "Leaders must improve plans so that each one:\n- is clear; and\n- is reviewed in time.";
    assert_eq!(
        verdicts(&letter),
        [("Leaders must reduce the waiting times of children who need therapy.", UNMET), (list, UNMET)]
    );
    assert_eq!(letter.outcome, Some(Outcome::SufficientProgressNone));
    assert_eq!(verdict_counts(&letter), (0, 2));
}

#[test]
fn areas_are_read_from_a_table_beside_the_findings() {
    for table in [
        format!("| Area for priority action | Findings\n| {FIRST} | Waits have fallen. // The partnership has taken effective action.\n====\n| {SECOND} | Plans are late. // Leaders have not taken effective action."),
        format!("| Area for priority action | Findings | Outcome\n| {FIRST} | Waits have fallen. | Effective action\n| {SECOND} | Plans are late. | Not effective"),
        format!("| {FIRST} | Waits have fallen. // The partnership is taking effective action.\n| {SECOND} | Plans are late. // The partnership is yet to take effective action."),
        "| Area for priority action | Findings\n| Leaders must reduce | Waits have fallen. Effective action has been taken.\n====\n| waiting times. | \n| The local authority must improve plans. | Effective action has not been taken.".to_owned(),
    ] {
        let letter = read(&format!(
            "## Inspection outcome\nProgress is mixed.\n## Progress on areas for priority action\n{table}"
        ));
        assert_eq!(verdicts(&letter), [(FIRST, MET), (SECOND, UNMET)], "{table}");
        assert_eq!(letter.outcome, Some(Outcome::SufficientProgressSome));
    }
}

#[test]
fn a_verdict_before_a_list_holds_for_each_of_its_areas() {
    let letter = read(
        "## Inspection outcome
        The local area partnership has taken effective action to address the following areas for priority action:
        - waiting times for therapy
        - the oversight of alternative provision.
        The local area partnership has not taken effective action to address the following area for priority action:
        - the quality of plans.
        ## Information about the local area partnership
        Thornwick Metropolitan Borough Council and NHS Mersey Uplands Integrated Care Board are jointly responsible for services.",
    );
    assert_eq!(
        verdicts(&letter),
        [
            ("waiting times for therapy", MET),
            ("the oversight of alternative provision.", MET),
            ("the quality of plans.", UNMET)
        ]
    );
    assert_eq!(verdict_counts(&letter), (2, 1));
}

#[test]
fn one_verdict_on_all_areas_holds_for_each() {
    let letter = read(&format!(
        "## Inspection outcome
        Leaders have taken effective action to address all areas for priority action.
        ## Areas for priority action
        ## Area for priority action 1
        {FIRST}
        Waits have fallen.
        ## Area for priority action 2
        {SECOND}
        Plans are better."
    ));
    assert_eq!(verdicts(&letter), [(FIRST, MET), (SECOND, MET)]);
    assert_eq!((letter.outcome, verdict_counts(&letter)), (Some(Outcome::SufficientProgressAll), (2, 0)));
}

#[test]
fn verdicts_that_do_not_add_up_are_suspicious() {
    let letter = read(&format!(
        "## Inspection outcome
        The partnership has taken effective action to address one of the three areas for priority action.
        ## Progress made
        ## Area for priority action 1
        {FIRST}
        The partnership has taken effective action.
        ## Area for priority action 2
        {SECOND}
        The partnership has taken effective action."
    ));
    assert_eq!(verdict_counts(&letter), (1, 2));
    assert_eq!(letter.suspicious[0].field, "revisit");
}

#[test]
fn a_report_without_a_verdict_is_refused() {
    let refused = attempt(&format!(
        "## Inspection outcome\nInspectors came.\n## Progress made\n## Area for priority action 1\n{FIRST}\nThey listened."
    ));
    assert_eq!(refused.unwrap_err().code(), "no_findings");
}
