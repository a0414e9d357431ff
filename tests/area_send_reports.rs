//! Reports of full area SEND inspections are read in every form in which they are written, and wherever a page breaks.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use std::path::Path;

use jiff::civil::date;
use sendlens::domain::{DateSpan, Letter, Outcome, PreviousStatus, Role, Section};
use sendlens::parse::quote::Searchable;
use sendlens::parse::{ParseError, Parsed, parse};
use sendlens::reference::Reference;
use support::blocks::document;

const REPORT: &str = "
Local area partnership report
# Area SEND inspection of Thornwick Local Area Partnership
Inspection dates: 18 to 22 November 2024
Dates of previous inspection: 28 February to 4 March 2019
## Inspection outcome
There are widespread and/or systemic failings leading to significant concerns about the experiences and outcomes of children and young people with special educational needs and/or disabilities (SEND), which the local area partnership must address urgently.
A monitoring inspection will be carried out within approximately 18 months. The next full reinspection will be within approximately three years.
As a result of this inspection, HMCI requires the local area partnership to prepare and submit a priority action plan (area SEND) to address the identified areas for priority action.
## Information about the local area partnership
Thornwick Metropolitan Borough Council and NHS Mersey Uplands Integrated Care Board (ICB) are jointly responsible for the planning and commissioning of services for children and young people with SEND in Thornwick.
## What is it like to be a child or young person with SEND in this area?
Too many children wait. Families have to fight, e.g. for short breaks.
Some thrive.
====
## What is the area partnership doing that is effective?
- Leaders know their area well. They use data.
- Portage workers help families early.
## What does the area partnership need to do better?
- Plans are late. However, newer plans are better.
- Waits for therapy are too long.
- Leaders do not listen to young people.
## Areas for priority action
| Responsible body | Areas for priority action
| Thornwick Metropolitan Borough Council and NHS Mersey Uplands Integrated Care Board | Leaders must act urgently to reduce waiting times.
| Thornwick Metropolitan Borough Council | The local authority must improve the timeliness of plans.
## Areas for improvement
| Areas for improvement
| Leaders should improve transitions to adulthood.
| The partnership should listen to young people.
====
## Local area partnership details
| Local authority | Integrated care board
| Thornwick Metropolitan Borough Council | NHS Mersey Uplands ICB
| Helena Marsh, Director of Children’s Services | Dr Owen Tait, Chief Executive Officer
| www.thornwick.example | www.uplands.example
## Information about this inspection
This inspection was carried out at the request of the Secretary of State for Education.
© Crown copyright 2025
";

/// The report with some of its wording replaced. Each wording must be in the report.
fn report(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(REPORT.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "no \"{from}\" in the report");
        text.replacen(from, to, 1)
    })
}

fn reference() -> Reference {
    Reference::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/reference")).unwrap()
}

fn attempt(text: &str) -> Result<Letter, ParseError> {
    let document = document(text);
    match parse(&document, &reference())? {
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

#[track_caller]
fn read(changes: &[(&str, &str)]) -> Letter {
    attempt(&report(changes)).unwrap()
}

fn items(letter: &Letter, role: Role) -> Vec<(String, u32, Option<String>, u32)> {
    let of_role = letter.passages.iter().filter(|p| p.role == role);
    of_role.map(|p| (p.text.clone(), p.sub_items, p.responsible.clone(), p.page)).collect()
}

fn sentences(letter: &Letter, section: Section) -> Vec<(u32, String)> {
    let of_section = letter.passages.iter().filter(|p| p.section == section);
    of_section.map(|p| (p.paragraph, p.text.clone())).collect()
}

fn refusal(changes: &[(&str, &str)]) -> &'static str {
    attempt(&report(changes)).expect_err("must be refused").code()
}

#[test]
fn a_plain_report_is_read_in_full() {
    let letter = read(&[]);
    assert_eq!(letter.id(), "971-2024-11-18-full");
    assert_eq!(letter.inspection, DateSpan { start: date(2024, 11, 18), end: Some(date(2024, 11, 22)) });
    assert_eq!(letter.previous_inspection.status, PreviousStatus::Found);
    assert_eq!(letter.previous_inspection.start, Some(date(2019, 2, 28)));
    assert_eq!(letter.previous_inspection.end, Some(date(2019, 3, 4)));
    assert_eq!(letter.outcome, Some(Outcome::WidespreadFailings));
    assert_eq!((letter.next_full_inspection_months, letter.monitoring_inspection_months), (Some(36), Some(18)));
    assert_eq!(letter.priority_action_plan_required, Some(true));
    assert_eq!((letter.wsoa_required, letter.revisit.clone()), (None, None));
    assert_eq!(letter.local_authorities, ["Thornwick Metropolitan Borough Council"]);
    assert_eq!(letter.health_bodies, ["NHS Mersey Uplands Integrated Care Board"]);
    assert_eq!(letter.responsible_for_statement, ["the local area partnership"]);
    let counts = letter.counts;
    assert_eq!((counts.priority_action, counts.area_for_improvement), (2, 2));
    assert_eq!((counts.effective_bullets, counts.needs_to_improve_bullets), (2, 3));
    assert_eq!(letter.suspicious, []);
    let facts: Vec<&str> = letter.facts.iter().map(|f| f.field.as_str()).collect();
    for field in [
        "kind",
        "area",
        "inspection_start",
        "inspection_end",
        "previous_inspection",
        "outcome",
        "next_full_inspection_months",
        "monitoring_inspection_months",
        "priority_action_plan_required",
        "local_authorities",
        "health_bodies",
    ] {
        assert!(facts.contains(&field), "no evidence of {field}");
    }
}

#[test]
fn a_sentence_keeps_its_bullet_and_the_sentence_before_it() {
    let letter = read(&[]);
    let experience = sentences(&letter, Section::Experience);
    assert_eq!(
        experience,
        [
            (1, "Too many children wait.".to_owned()),
            (1, "Families have to fight, e.g. for short breaks.".to_owned()),
            (2, "Some thrive.".to_owned())
        ]
    );
    let however = letter.passages.iter().find(|p| p.text.starts_with("However")).unwrap();
    assert_eq!(however.previous.as_deref(), Some("Plans are late."));
    assert_eq!((however.paragraph, however.page, however.role), (1, 2, Role::Narrative));
    let first = letter.passages.iter().find(|p| p.text == "Waits for therapy are too long.").unwrap();
    assert_eq!((first.previous.as_deref(), first.paragraph), (None, 2));
}

#[test]
fn titles_that_wrap_or_vary_still_name_the_area() {
    let title = "# Area SEND inspection of Thornwick Local Area Partnership";
    for (other, printed) in [
        ("# Area SEND inspection of\n# Thornwick Local\n# Area Partnership", "Thornwick"),
        ("** Area SEND full inspection of the Thornwick local area partnership", "Thornwick"),
        ("# Area SEND inspection of the Local Area Partnership of Thornwick", "Thornwick"),
        ("# Area SEND inspection: Thornwick Local Area Partnership", "Thornwick"),
        ("# Area SEND inspection of Thornwick local area", "Thornwick"),
    ] {
        let letter = read(&[(title, other)]);
        assert_eq!((letter.la_code.as_str(), letter.area_as_printed.as_str()), ("971", printed), "{other}");
    }
    let letter = read(&[(title, "# Area SEND inspection of Saltmere-on-\n# Sea Local Area Partnership")]);
    assert_eq!((letter.la_code.as_str(), letter.area_as_printed.as_str()), ("975", "Saltmere-on-Sea"));
    let letter = read(&[(title, "# AREA SEND INSPECTION OF FENBRIDGE & MARSH LOCAL AREA PARTNERSHIP")]);
    assert_eq!(letter.la_code, "978");
}

#[test]
fn the_text_names_the_area_where_the_title_is_unreadable() {
    let letter = read(&[("of Thornwick Local", "of Th rnw ck Local")]);
    assert_eq!(letter.la_code, "971");
    assert_eq!(
        refusal(&[("of Thornwick Local", "of Nowhere Local"), ("with SEND in Thornwick.", "with SEND in Nowhere."),]),
        "unknown_area"
    );
}

#[test]
fn an_area_abolished_before_the_inspection_is_unknown() {
    assert_eq!(
        refusal(&[("of Thornwick Local", "of Norvale Local"), ("with SEND in Thornwick.", "with SEND in Norvale."),]),
        "unknown_area"
    );
}

#[test]
fn dates_are_read_in_other_places_and_forms() {
    let label = "Inspection dates: 18 to 22 November 2024";
    for other in [
        "| Inspection dates: | 18 November 2024 to 22 November 2024",
        "Inspection date: 18-22 November 2024",
        "Date of inspection: 18 – 22 Nov 2024",
        "Inspection dates:\n18 to 22 November 2024",
        "18 to 22 November 2024",
    ] {
        let letter = read(&[(label, other)]);
        assert_eq!(letter.inspection.start, date(2024, 11, 18), "{other}");
        assert_eq!(letter.inspection.end, Some(date(2024, 11, 22)), "{other}");
        assert_eq!(letter.previous_inspection.start, Some(date(2019, 2, 28)), "{other}");
    }
}

#[test]
fn the_previous_inspection_is_found_denied_absent_or_unreadable() {
    let line = "Dates of previous inspection: 28 February to 4 March 2019";
    let status = |other: &str| {
        let letter = read(&[(line, other)]);
        (letter.previous_inspection.status, letter.suspicious.len())
    };
    assert_eq!(status("Date of previous inspection: Not previously inspected"), (PreviousStatus::NoneStated, 0));
    assert_eq!(status("Dates of previous inspections: None"), (PreviousStatus::NoneStated, 0));
    assert_eq!(status("© Ofsted"), (PreviousStatus::Absent, 0));
    assert_eq!(status("Date of previous inspection: spring of 2019"), (PreviousStatus::Unreadable, 0));
    assert_eq!(status("Date of previous inspection: 2 to 6 June 2031"), (PreviousStatus::Unreadable, 2));
    assert_eq!(status("Date of previous inspection: 2 to 6 December 2024"), (PreviousStatus::Unreadable, 1));
    let two = read(&[(line, "Dates of previous inspections: 9 to 13 May 2016 and 3 to 7 June 2019")]);
    assert_eq!(two.previous_inspection.start, Some(date(2019, 6, 3)));
    let revisited = read(&[(line, "Dates of previous inspections: 9 to 13 May 2016, 3 to 5 June 2019 (revisit)")]);
    assert_eq!(revisited.previous_inspection.start, Some(date(2016, 5, 9)));
    let day = read(&[(line, "Date of last inspection: 9 May 2016")]);
    assert_eq!(
        (day.previous_inspection.start, day.previous_inspection.end),
        (Some(date(2016, 5, 9)), Some(date(2016, 5, 9)))
    );
}

#[test]
fn an_impossible_end_is_suspicious_and_an_impossible_start_is_refused() {
    let dates = "18 to 22 November 2024";
    let letter = read(&[(dates, "18 November 2024 to 12 November 2024")]);
    assert_eq!(letter.inspection, DateSpan { start: date(2024, 11, 18), end: None });
    assert_eq!(letter.suspicious[0].field, "inspection_end");
    assert_eq!(letter.suspicious[0].quote, "18 November 2024 to 12 November 2024");
    assert_eq!(refusal(&[(dates, "18 to 22 November 2042")]), "implausible_dates");
    assert_eq!(refusal(&[(dates, "to be told")]), "no_dates");
}

#[test]
fn a_report_without_findings_is_refused() {
    let narrative = [
        ("Too many children wait. Families have to fight, e.g. for short breaks.", ""),
        ("Some thrive.", ""),
        ("- Leaders know their area well. They use data.", ""),
        ("- Portage workers help families early.", ""),
        ("- Plans are late. However, newer plans are better.", ""),
        ("- Waits for therapy are too long.", ""),
        ("- Leaders do not listen to young people.", ""),
    ];
    assert_eq!(refusal(&narrative), "no_findings");
    assert_eq!(
        refusal(&[
            (
                "| Thornwick Metropolitan Borough Council and NHS Mersey Uplands Integrated Care Board | Leaders must act urgently to reduce waiting times.",
                ""
            ),
            (
                "| Thornwick Metropolitan Borough Council | The local authority must improve the timeliness of plans.",
                ""
            ),
        ]),
        "no_findings"
    );
}

#[test]
fn headings_may_wrap_vary_or_be_plain_bold_lines() {
    let experience = "## What is it like to be a child or young person with SEND in this area?";
    for other in [
        "## What is it like to be a child or young person with special\n## educational needs and/or disabilities (SEND) in this area?",
        "** What is it like to be a child or young person with SEND in this area?",
        "What is it like to be a child or young person SEND in this area?",
        "| ** What is it like to be a child or young person with SEND in this area?",
        "## What is it like to be a child or young person with SEND in this local area partnership?",
    ] {
        let letter = read(&[(experience, other)]);
        assert_eq!(sentences(&letter, Section::Experience).len(), 3, "{other}");
        assert_eq!(sentences(&letter, Section::Context).len(), 1, "{other}");
    }
    for (from, other) in [
        (
            "## What is the area partnership doing that is effective?",
            "** What is the local area partnership doing that is effective?",
        ),
        (
            "## What is the area partnership doing that is effective?",
            "## What is the local area\n## partnership doing that is effective",
        ),
        (
            "## What does the area partnership need to do better?",
            "What does the local area partnership need to do better?",
        ),
        ("## What does the area partnership need to do better?", "## What does the area partnership need to improve?"),
    ] {
        let letter = read(&[(from, other)]);
        assert_eq!((letter.counts.effective_bullets, letter.counts.needs_to_improve_bullets), (2, 3), "{other}");
    }
}

#[test]
fn a_question_in_new_words_still_opens_the_next_part() {
    for (from, other) in [
        ("## What does the area partnership need to do better?", "## What should leaders do next?"),
        ("## What is the area partnership doing that is effective?", "## What works for families?"),
        ("## What is it like to be a child or young person with SEND in this area?", "## What do young people say?"),
    ] {
        let letter = read(&[(from, other)]);
        assert_eq!((letter.counts.effective_bullets, letter.counts.needs_to_improve_bullets), (2, 3), "{other}");
        assert_eq!(sentences(&letter, Section::Experience).len(), 3, "{other}");
    }
}

#[test]
fn a_missing_part_is_suspicious() {
    let letter = read(&[
        ("## What does the area partnership need to do better?", ""),
        ("- Plans are late. However, newer plans are better.", ""),
        ("- Waits for therapy are too long.", ""),
        ("- Leaders do not listen to young people.", ""),
    ]);
    assert_eq!(letter.suspicious[0].field, "needs_to_improve");
}

#[test]
fn the_words_of_a_heading_inside_a_bullet_are_not_a_heading() {
    let bullet = "- Waits for therapy are too long.";
    let letter = read(&[(
        bullet,
        "- Areas for improvement that leaders named in 2019 are still weak. Areas for priority action are not.",
    )]);
    assert_eq!((letter.counts.needs_to_improve_bullets, letter.counts.area_for_improvement), (3, 2));
}

#[test]
fn a_bullet_stays_whole_across_levels_and_pages() {
    let bullets = "- Waits for therapy are too long.\n- Leaders do not listen to young people.";
    let letter = read(&[(
        bullets,
        "- Waits are too long, particularly for:\n-- speech and language therapy;\n-- physiotherapy. Families despair.\n- Leaders who are responsible for services across the whole of the partnership do not listen to\n====\nNHS staff or to young people.\n",
    )]);
    assert_eq!(letter.counts.needs_to_improve_bullets, 3);
    let found = sentences(&letter, Section::NeedsToImprove);
    assert_eq!(
        found[2],
        (2, "Waits are too long, particularly for: speech and language therapy; physiotherapy.".to_owned())
    );
    assert_eq!(found[3], (2, "Families despair.".to_owned()));
    assert_eq!(found[4], (3, "Leaders who are responsible for services across the whole of the partnership do not listen to NHS staff or to young people.".to_owned()));
    assert_eq!(found.len(), 5);
}

#[test]
fn bullets_are_counted_where_levels_share_a_mark_or_a_mark_is_lost() {
    let bullets = "- Waits for therapy are too long.\n- Leaders do not listen to young people.";
    let letter = read(&[(
        bullets,
        "- Leaders do not know:\n- how many children wait;\n- for how long they wait.\n- Leaders do not listen.",
    )]);
    assert_eq!(letter.counts.needs_to_improve_bullets, 3);
    let letter = read(&[(
        bullets,
        "- Leaders across education, health and social care do not know how many children wait for\n====\n~ assessments of autism, and for how long. This is not good enough.",
    )]);
    assert_eq!(letter.counts.needs_to_improve_bullets, 2);
    assert_eq!(sentences(&letter, Section::NeedsToImprove).len(), 4);
    let letter = read(&[(bullets, "◼ Waits for therapy are too long. ◼ Leaders do not listen.\n◼")]);
    assert_eq!(letter.counts.needs_to_improve_bullets, 3);
}

const PRIORITY: &str = "| Responsible body | Areas for priority action
| Thornwick Metropolitan Borough Council and NHS Mersey Uplands Integrated Care Board | Leaders must act urgently to reduce waiting times.
| Thornwick Metropolitan Borough Council | The local authority must improve the timeliness of plans.";

/// The text, responsible bodies and number of sub-items of each priority action, after the table was replaced.
fn priority(table: &str) -> Vec<(String, String, u32)> {
    let items = items(&read(&[(PRIORITY, table)]), Role::PriorityAction);
    items.into_iter().map(|(text, sub, body, _)| (text, body.unwrap_or_default(), sub)).collect()
}

fn two_whole_items() -> Vec<(String, String, u32)> {
    let both = "Thornwick Metropolitan Borough Council and NHS Mersey Uplands Integrated Care Board";
    vec![
        (
            "Leaders must act urgently to reduce the waiting times of children who need therapy.".to_owned(),
            both.to_owned(),
            0,
        ),
        (
            "The local authority must improve the timeliness of plans.".to_owned(),
            "Thornwick Metropolitan Borough Council".to_owned(),
            0,
        ),
    ]
}

#[test]
fn priority_actions_stay_whole_across_a_page_break() {
    let first = "| Thornwick Metropolitan Borough Council and NHS Mersey Uplands Integrated Care Board";
    let second = "| Thornwick Metropolitan Borough Council | The local authority must improve the timeliness of plans.";
    // The first cell of the continued row is empty.
    assert_eq!(
        priority(&format!(
            "{first} | Leaders must act urgently to reduce the waiting\n====\n| | times of children who need therapy.\n{second}"
        )),
        two_whole_items()
    );
    // It holds the last word of the name.
    assert_eq!(
        priority(&format!(
            "| Thornwick Metropolitan Borough Council and NHS Mersey Uplands Integrated Care | Leaders must act urgently to reduce the waiting\n====\n| Board | times of children who need therapy.\n{second}"
        )),
        two_whole_items()
    );
    // It holds half of the name, which looks whole by itself.
    assert_eq!(
        priority(&format!(
            "| Thornwick Metropolitan Borough Council and | Leaders must act urgently to reduce the waiting times of\n====\n| NHS Mersey Uplands Integrated Care Board | children who need therapy.\n{second}"
        )),
        two_whole_items()
    );
    // Only the name continues, in either column.
    for orphan in ["| Board |", "| | Board"] {
        assert_eq!(
            priority(&format!(
                "| Thornwick Metropolitan Borough Council and NHS Mersey Uplands Integrated Care | Leaders must act urgently to reduce the waiting times of children who need therapy.\n====\n{orphan}\n{second}"
            )),
            two_whole_items()
        );
    }
    // The header row stands alone at the foot of a page, is missing, or is repeated.
    let whole =
        format!("{first} | Leaders must act urgently to reduce the waiting times of children who need therapy.");
    assert_eq!(
        priority(&format!("| Responsible body | Areas for priority action\n====\n{whole}\n{second}")),
        two_whole_items()
    );
    assert_eq!(priority(&format!("{whole}\n{second}")), two_whole_items());
    assert_eq!(
        priority(&format!(
            "| Responsible bodies | Area for priority action\n{whole}\n====\n| Responsible bodies | Area for priority action\n{second}"
        )),
        two_whole_items()
    );
    // The action continues with a capital letter in the middle of a sentence.
    assert_eq!(
        priority(&format!("{first} | Leaders must act urgently to improve the way in which they evaluate,\n====\n| | SEND services.\n{second}"))[0].0,
        "Leaders must act urgently to improve the way in which they evaluate, SEND services."
    );
}

#[test]
fn responsible_bodies_may_span_rows_come_last_or_take_several_lines() {
    let merged = priority(
        "| Responsible body | Areas for priority action\n| Thornwick Metropolitan Borough Council | Leaders must reduce waits.\n| | The local authority must improve plans.\n====\n| | Health leaders must listen.",
    );
    assert_eq!(merged.len(), 3);
    assert!(merged.iter().all(|(_, body, _)| body == "Thornwick Metropolitan Borough Council"), "{merged:?}");
    let last = priority(
        "| Areas for priority action | Responsible body\n| Leaders must reduce waits. | NHS Mersey Uplands Integrated Care Board\n| The local authority must improve plans. | Thornwick Metropolitan Borough Council",
    );
    assert_eq!(
        last[1],
        ("The local authority must improve plans.".to_owned(), "Thornwick Metropolitan Borough Council".to_owned(), 0)
    );
    let lines = priority(
        "| Responsible body | Areas for priority action\n| Thornwick Metropolitan Borough Council // NHS Mersey Uplands ICB | Leaders must reduce waits.",
    );
    assert_eq!(lines[0].1, "Thornwick Metropolitan Borough Council, NHS Mersey Uplands ICB");
}

#[test]
fn priority_actions_are_read_without_table_lines() {
    let lost = priority(
        "Responsible body\nThornwick Metropolitan Borough Council and NHS Mersey Uplands Integrated Care Board\nLeaders must act urgently to reduce the waiting times of children who need therapy.\nThornwick Metropolitan Borough Council\nThe local authority must improve the timeliness of plans.",
    );
    assert_eq!(lost, two_whole_items());
    let labelled = priority(
        "Responsible bodies: Thornwick Metropolitan Borough Council and NHS Mersey Uplands Integrated Care Board\nLeaders must act urgently to reduce the waiting times of children who need therapy.\nResponsible body: Thornwick Metropolitan Borough Council\nThe local authority must improve the timeliness of plans.",
    );
    assert_eq!(labelled, two_whole_items());
}

#[test]
fn a_column_that_numbers_the_rows_names_no_body() {
    let numbered = priority(
        "| No. | Responsible body | Areas for priority action\n| 1 | Thornwick Metropolitan Borough Council and NHS Mersey Uplands Integrated Care Board | Leaders must act urgently to reduce the waiting times of children who need therapy.\n| 2 | Thornwick Metropolitan Borough Council | The local authority must improve the timeliness of plans.",
    );
    assert_eq!(numbered, two_whole_items());
}

#[test]
fn an_item_that_may_hold_several_or_lacks_its_body_is_suspicious() {
    let doubts = |changed: &str| {
        let letter = read(&[(PRIORITY, changed)]);
        let of_items = letter.suspicious.into_iter().filter(|s| s.field == "priority_action");
        of_items.map(|s| s.problem).collect::<Vec<_>>()
    };
    assert_eq!(doubts(PRIORITY), [""; 0]);
    let run_together = "Thornwick Metropolitan Borough Council Leaders must act urgently to reduce waiting times. Thornwick Metropolitan Borough Council The local authority must improve plans.";
    assert!(doubts(run_together).concat().contains("may hold several"));
    assert!(doubts("Leaders must act urgently to reduce waiting times.").concat().contains("no responsible body"));
}

#[test]
fn sub_bullets_and_what_follows_them_belong_to_their_item() {
    let table = "| Responsible body | Areas for priority action
| Thornwick Metropolitan Borough Council | Leaders must improve plans so that each one: // - has advice from health; and // - is reviewed
====
| | - is amended without delay. // Leaders must also assure themselves of this.
| NHS Mersey Uplands Integrated Care Board | Health leaders must reduce waits.";
    let found = priority(table);
    assert_eq!(found.len(), 2);
    assert_eq!(
        found[0].0,
        "Leaders must improve plans so that each one:\n- has advice from health; and\n- is reviewed\n- is amended without delay.\nLeaders must also assure themselves of this."
    );
    assert_eq!((found[0].2, found[1].2), (3, 0));
}

const IMPROVEMENT: &str = "| Areas for improvement
| Leaders should improve transitions to adulthood.
| The partnership should listen to young people.";

fn improvement(table: &str) -> Vec<(String, u32)> {
    let items = items(&read(&[(IMPROVEMENT, table)]), Role::AreaForImprovement);
    items.into_iter().map(|(text, sub, ..)| (text, sub)).collect()
}

fn owned(items: &[(&str, u32)]) -> Vec<(String, u32)> {
    items.iter().map(|(text, sub)| ((*text).to_owned(), *sub)).collect()
}

#[test]
fn areas_for_improvement_are_read_in_every_form() {
    let two = owned(&[
        ("Leaders should improve transitions to adulthood.", 0),
        ("The partnership should listen to young people.", 0),
    ]);
    for form in [
        // With and without a header row, across a page break, and with a stray bullet at the end.
        "| Leaders should improve transitions to adulthood.\n| The partnership should listen to young people.",
        "| Areas for improvement\n====\n| Leaders should improve transitions to adulthood.\n| The partnership should listen to young people.\n◼",
        "| Leaders should improve transitions to\n====\n| adulthood.\n| The partnership should listen to young people.",
        // Without lines.
        "Leaders should improve transitions to adulthood.\nThe partnership should listen to young people.",
        "- Leaders should improve transitions to adulthood.\n- The partnership should listen to young people.",
        "1) Leaders should improve transitions to adulthood.\n2) The partnership should listen to young people.",
        "1. Leaders should improve transitions to adulthood.\n2. The partnership should listen to young people.",
        // Several in one cell.
        "| 1. Leaders should improve transitions to adulthood. // 2. The partnership should listen to young people.",
        "| 1. Leaders should improve transitions to adulthood.\n====\n| 2. The partnership should listen to young people.",
        "| Leaders should improve transitions to adulthood. // The partnership should listen to young people.",
        "| - Leaders should improve transitions to adulthood. // - The partnership should listen to young people.",
    ] {
        assert_eq!(improvement(form), two, "{form}");
    }
}

#[test]
fn a_bullet_beside_one_with_a_list_is_an_item_but_a_note_below_the_table_is_not() {
    let expected =
        owned(&[("Leaders should ensure that:\n- waits are short\n- families know.", 2), ("They should listen.", 0)]);
    for form in [
        "- Leaders should ensure that:\n-- waits are short\n-- families know.\n- They should listen.",
        "| - Leaders should ensure that: // -- waits are short // -- families know. // - They should listen.",
        "| Leaders should ensure that: // - waits are short // - families know.\n| They should listen.\nNote 1: the boundary was moved.",
    ] {
        assert_eq!(improvement(form), expected, "{form}");
    }
}

#[test]
fn an_item_may_hold_paragraphs_and_a_list() {
    let one = "Leaders should improve transitions. This includes:\n- plans from year 9;\n- training for staff.\nThey should report on it.";
    for form in [
        "| Leaders should improve transitions. // This includes: // - plans from year 9; // - training for staff. // They should report on it.\n| The partnership should listen.",
        "Leaders should improve transitions.\nThis includes:\n- plans from year 9;\n====\n- training for staff.\nThey should report on it.\nThe partnership should listen.",
        "| Leaders should improve transitions. This includes:\n====\n| - plans from year 9; // - training for staff. // They should report on it.\n| The partnership should listen.",
    ] {
        assert_eq!(improvement(form), owned(&[(one, 2), ("The partnership should listen.", 0)]), "{form}");
    }
}

#[test]
fn items_may_begin_in_many_ways() {
    let opened = improvement(
        "| Some schools should be supported to include more pupils.\n| To ensure that plans are kept, leaders need to check them.\n| Young people’s aspirations should be heard.\n| Too few families receive a visit. This means that needs are missed. Leaders need to ensure that they do.",
    );
    assert_eq!(opened.len(), 4);
}

#[test]
fn several_councils_and_boards_are_read() {
    let sentence =
        "Thornwick Metropolitan Borough Council and NHS Mersey Uplands Integrated Care Board (ICB) are jointly";
    let row = "| Thornwick Metropolitan Borough Council | NHS Mersey Uplands ICB";
    let letter = read(&[
        (
            sentence,
            "Thornwick Metropolitan Borough Council, NHS Mersey Uplands Integrated Care Board (ICB) and NHS Ribble and Moss Integrated Care Board are jointly",
        ),
        (row, "| Thornwick Metropolitan Borough Council | NHS Mersey Uplands ICB // NHS Ribble & Moss ICB"),
    ]);
    assert_eq!(
        letter.health_bodies,
        ["NHS Mersey Uplands Integrated Care Board", "NHS Ribble and Moss Integrated Care Board"]
    );
    let letter = read(&[(row, "| Thornwick | Mersey Uplands ICB")]);
    assert_eq!(letter.local_authorities, ["Thornwick Metropolitan Borough Council"]);
    assert_eq!(letter.health_bodies, ["NHS Mersey Uplands Integrated Care Board"]);
    let letter = read(&[(sentence, "The local authority and the ICB are jointly")]);
    assert_eq!(letter.local_authorities, ["Thornwick Metropolitan Borough Council"]);
    assert_eq!(letter.health_bodies, ["NHS Mersey Uplands Integrated Care Board"]);
    let letter = read(&[
        (
            &format!("{row}\n| Helena"),
            "Local authority\nIntegrated care board\nThornwick Council\nNHS Mersey Uplands ICB\n| Helena",
        ),
        ("| Local authority | Integrated care board\n", ""),
    ]);
    assert_eq!(letter.local_authorities, ["Thornwick Council"]);
}

#[test]
fn documents_of_other_programmes_are_not_taken_for_reports() {
    for title in [
        "# Joint targeted area inspection of Thornwick",
        "# Inspection of Thornwick local authority children’s services",
        "# Area SEND: a thematic review of alternative provision",
    ] {
        let text = report(&[("# Area SEND inspection of Thornwick Local Area Partnership", title)]);
        assert!(!matches!(parse(&document(&text), &reference()), Ok(Parsed::Letter(_))), "{title}");
    }
}
