//! Letters of the 2016 framework are read in forms that no fixture has: other openings, lost marks, wrapped headings,
//! weaknesses in one sentence, verdicts without headings. They are written as blocks, as extraction gives them.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use jiff::civil::date;
use sendlens::domain::{Block, BlockKind, DocumentText, Letter, Method, Outcome, Role, Section, TextStatus, Verdict};
use sendlens::parse::{ParseError, Parsed, parse};
use sendlens::reference::Reference;

/// Blocks from lines: "# " begins a heading, "* " bold text, "- " a bullet, "  - " a bullet below it, ">" a new page.
fn document(lines: &str) -> DocumentText {
    let mut page = 1;
    let mut blocks = Vec::new();
    for line in lines.lines().filter(|l| !l.trim().is_empty()) {
        if line.starts_with('>') {
            page += 1;
            continue;
        }
        let (kind, level, bold, text) = if let Some(text) = line.strip_prefix("# ") {
            (BlockKind::Heading, 2, true, text)
        } else if let Some(text) = line.strip_prefix("* ") {
            (BlockKind::Paragraph, 0, true, text)
        } else if let Some(text) = line.strip_prefix("- ") {
            (BlockKind::ListItem, 1, false, text)
        } else if let Some(text) = line.strip_prefix("  - ") {
            (BlockKind::ListItem, 2, false, text)
        } else {
            (BlockKind::Paragraph, 0, false, line)
        };
        blocks.push(Block {
            page,
            kind,
            level,
            table: None,
            row: None,
            column: None,
            text: text.to_owned(),
            label: (kind == BlockKind::ListItem).then(|| "•".to_owned()),
            size: 12.0,
            bold,
            page_breaks: vec![],
        });
    }
    DocumentText { pages: page, method: Method::Layout, status: TextStatus::Good, blocks, quality: vec![] }
}

fn parsed(lines: &str) -> Result<Parsed, ParseError> {
    let tables = Reference::load(std::path::Path::new("fixtures/reference")).unwrap();
    // The register knows nothing of these letters.
    let reference = Reference::from_parts(tables.areas().to_vec(), Vec::new(), Vec::new());
    parse(&document(lines), &reference)
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

fn outcome(opening: &str, body: &str) -> String {
    format!(
        "19 December 2018\nMs A Orme, Director of Children’s Services, Westhaven City Council\nDear Ms Orme\n* Joint local area SEND inspection in Westhaven\n{opening}\nThis letter outlines our findings from the inspection.\n{body}\nYours sincerely\nB Tann\nHer Majesty’s Inspector"
    )
}

const FINDINGS: &str = "# Main findings\n- Leaders know the area well. They act on it.\n# The effectiveness of the local area in identifying children and young people’s special educational needs and/or disabilities\n# Strengths\n- Checks are timely.\n# Areas for development\n- Needs are missed.";

#[test]
fn openings_dates_and_names_are_read_in_other_words() {
    for (opening, start, end) in [
        (
            "Between 5 November and 9 November 2018, Ofsted and the Care Quality Commission (CQC) conducted a joint inspection of the local area of Westhaven to judge the effectiveness of the area in implementing the reforms.",
            (5, 11),
            (9, 11),
        ),
        (
            "From 5 to 9 November 2018, Ofsted and the Care Quality Commission, conducted a joint inspection of Westhaven, to judge the effectiveness of the area.",
            (5, 11),
            (9, 11),
        ),
        (
            "Between Monday 5 November 2018 and Friday 9 November 2018 Ofsted and CQC carried out a joint inspection of the area of the City of Westhaven (WHV) to evaluate the effectiveness of the area.",
            (5, 11),
            (9, 11),
        ),
        (
            "Ofsted and the Care Quality Commission (CQC) conducted a joint inspection of the local area of Westhaven between 29 October and 2 November 2018 to judge the effectiveness of the area.",
            (29, 10),
            (2, 11),
        ),
        (
            "Between 05 and 09 November 2018, Ofsted and the Care Quality Commission (CQC) jointly inspected the Westhaven local area to judge the effectiveness of the area.",
            (5, 11),
            (9, 11),
        ),
    ] {
        let read = letter(&outcome(opening, FINDINGS));
        assert_eq!(read.la_code, "985", "{opening}");
        assert_eq!(read.inspection.start, date(2018, start.1, start.0), "{opening}");
        assert_eq!(read.inspection.end, Some(date(2018, end.1, end.0)), "{opening}");
        assert_eq!(read.letter_date, Some(date(2018, 12, 19)), "{opening}");
        assert_eq!(read.outcome, Some(Outcome::WsoaNotRequired));
        assert_eq!((read.counts.strength, read.counts.area_for_development), (1, 1));
    }
}

const OPENING: &str = "Between 5 November and 9 November 2018, Ofsted and the Care Quality Commission (CQC) conducted a joint inspection of the local area of Westhaven to judge the effectiveness of the area in implementing the reforms.";

#[test]
fn weaknesses_are_read_one_by_one_in_every_form() {
    let intro = "The local area is required to produce and submit a written statement of action to Ofsted that explains how it will tackle the following areas of significant weakness:";
    for (list, expected) in [
        (format!("{intro}\n- the lack of a strategy\n- weak oversight; and\n> \n- late plans."), vec!["the lack of a strategy", "weak oversight; and", "late plans."]),
        (format!("{intro}\n- the lack of a strategy, including:\n  - no owner\n  - no dates\n- late plans"), vec!["the lack of a strategy, including:\n- no owner\n- no dates", "late plans"]),
        (format!("{intro}\nthe lack of a strategy\nlate plans"), vec!["the lack of a strategy", "late plans"]),
        (format!("{intro} the lack of a strategy; weak oversight; and late plans."), vec!["the lack of a strategy", "weak oversight", "late plans."]),
        (format!("{intro}\n- Leaders do not work together.\n- Plans are late.\nThe statement must be submitted by 30 April 2019."), vec!["Leaders do not work together.", "Plans are late."]),
        ("The area is required to write a Written Statement of Action.\nThis must explain how the following significant weaknesses will be addressed:\n- late plans\n- weak oversight".to_owned(), vec!["late plans", "weak oversight"]),
    ] {
        let body = format!("{FINDINGS}\n* The inspection raises significant concerns about the effectiveness of the local area.\n{list}");
        let read = letter(&outcome(OPENING, &body));
        assert_eq!(texts(&read, Role::SignificantWeakness), expected, "{list}");
        assert_eq!(read.outcome, Some(Outcome::WsoaRequired));
        assert_eq!(read.wsoa_required, Some(true));
    }
}

#[test]
fn a_statement_announced_above_the_findings_is_not_a_list_of_weaknesses() {
    let announced = "HMCI has determined that a written statement of action is required because of significant areas of weakness. The local authority and the CCG are required to produce and submit a written statement of action.";
    let body = format!(
        "{FINDINGS}\nThe area is required to produce and submit a written statement of action on the following areas of significant weakness:\n- late plans"
    );
    let read = letter(&outcome(&format!("{OPENING}\n{announced}"), &body));
    assert_eq!(texts(&read, Role::SignificantWeakness), ["late plans"]);
    assert_eq!(texts(&read, Role::MainFinding), ["Leaders know the area well.", "They act on it."]);
}

#[test]
fn headings_may_wrap_and_lose_their_marks() {
    let body = "Main Findings\nLeaders know the area well.\nThe effectiveness of the local area in identifying children and young\npeople’s special educational needs and/or disabilities\nStrengths:\nChecks are timely. They are shared.\nAreas for development:\nNeeds are missed.\nThe effectiveness of the local area in assessing and meeting the needs of children and young people with special educational needs\nand/or disabilities\nAreas of strength\n- Plans are clear.\nArea for development\n- Reviews are late.\n- Staff change. However, new staff are trained.\nThe effectiveness of the local area in improving outcomes for children and young people who have special educational needs and/or disabilities\nStrengths\n- Pupils do well.\nAreas for development\n- Few find work.";
    let read = letter(&outcome(OPENING, body));
    assert_eq!(
        texts(&read, Role::Strength),
        ["Checks are timely. They are shared.", "Plans are clear.", "Pupils do well."]
    );
    assert_eq!(
        texts(&read, Role::AreaForDevelopment),
        ["Needs are missed.", "Reviews are late.", "Staff change. However, new staff are trained.", "Few find work."]
    );
    let sections: Vec<Section> = read.passages.iter().filter(|p| p.role == Role::Strength).map(|p| p.section).collect();
    assert_eq!(sections, [Section::Identification, Section::MeetingNeeds, Section::ImprovingOutcomes]);
    assert!(texts(&read, Role::Narrative).is_empty(), "{:?}", texts(&read, Role::Narrative));
}

fn revisit(overall: &str, body: &str) -> Letter {
    letter(&format!(
        "14 March 2022\nMs A Orme, Director of Children’s Services, Westhaven City Council\nDear Ms Orme\n* Joint area SEND revisit in Westhaven\nBetween 7 February and 9 February 2022, Ofsted and the Care Quality Commission (CQC) revisited the area of Westhaven to decide whether sufficient progress has been made in addressing each of the areas of significant weakness detailed in the written statement of action (WSOA) issued on 19 December 2018.\nHMCI determined that the local authority and the area’s clinical commissioning group were jointly responsible for submitting the written statement to Ofsted. This was declared fit for purpose on 24 May 2019.\n{overall} This letter outlines our findings from the revisit.\n{body}\nYours sincerely"
    ))
}

fn verdicts(letter: &Letter) -> Vec<(&str, Option<Verdict>)> {
    letter.passages.iter().filter(|p| p.role == Role::ProgressVerdict).map(|p| (p.text.as_str(), p.verdict)).collect()
}

#[test]
fn each_weakness_of_a_revisit_is_read_in_any_form() {
    use Verdict::{Insufficient, Sufficient};
    let some = "The area has made sufficient progress in addressing one of the two significant weaknesses identified at the initial inspection. The area has not made sufficient progress in addressing one significant weakness.";
    let met = "The area has made sufficient progress in addressing this significant weakness.";
    let unmet = "The area has not made sufficient progress in addressing this significant weakness.";
    for body in [
        format!("# Main findings\n# Late plans\nPlans were late. Now they are not.\n{met}\n# Weak oversight\nNobody looks.\n{unmet}"),
        format!("# Main findings\n* Late plans\nPlans were late.\n{met}\n* Weak oversight\n- Nobody looks.\n- Data are old.\n{unmet}"),
        format!("# Main findings\n- Late plans\nPlans are on time. {met}\n- Weak oversight\nNobody looks. {unmet}"),
        format!("# Main findings\nLate plans\nPlans are on time.\n{met}\nWeak oversight\nNobody looks.\n{unmet}"),
        "# Main findings\nThe area has made sufficient progress in addressing the following significant weakness:\n- Late plans\nPlans are on time.\nThe area has not made sufficient progress in addressing the following significant weakness:\n- Weak oversight\nNobody looks.".to_owned(),
        format!("# Late plans\nPlans were late. Now they are not.\n{met}\n# Weak oversight\nNobody looks.\n{unmet}\n# Next steps\nIt is for the DfE and NHS England to determine the next steps."),
    ] {
        let read = revisit(some, &body);
        assert_eq!(verdicts(&read), [("Late plans", Some(Sufficient)), ("Weak oversight", Some(Insufficient))], "{body}");
        assert_eq!(read.outcome, Some(Outcome::SufficientProgressSome), "{body}");
        let numbers = read.revisit.clone().unwrap();
        assert_eq!((numbers.sufficient, numbers.insufficient), (1, 1), "{body}");
        assert_eq!(numbers.wsoa_required_on, Some(date(2018, 12, 19)));
        assert_eq!(numbers.fit_for_purpose_on, Some(date(2019, 5, 24)));
        assert!(read.suspicious.is_empty(), "{body}: {:?}", read.suspicious);
    }
}

#[test]
fn weaknesses_may_be_quoted_from_the_first_letter_and_their_absence_is_suspicious() {
    use Verdict::Sufficient;
    let all = "The area has made sufficient progress in addressing both of the significant weaknesses.";
    let met = "The area has made sufficient progress in addressing this significant weakness.";
    let read = revisit(
        all,
        &format!(
            "# Main findings\n‘The lack of a joint plan.’\nThere is one. Parents say, ‘It helps.’\n{met}\n“The poor quality of plans.”\nPlans are good.\n{met}"
        ),
    );
    let expected = [("The lack of a joint plan.", Some(Sufficient)), ("The poor quality of plans.", Some(Sufficient))];
    assert_eq!(verdicts(&read), expected);
    assert!(read.suspicious.is_empty(), "{:?}", read.suspicious);
    let none = revisit(all, "# Main findings\nPlans are good. Parents agree. Leaders look at them each month.");
    assert_eq!(verdicts(&none), []);
    assert!(none.suspicious.iter().any(|s| s.field == "progress"), "{:?}", none.suspicious);
}

#[test]
fn one_verdict_on_all_weaknesses_holds_for_each() {
    for (overall, verdict, outcome) in [
        (
            "The area has made sufficient progress in addressing all of the significant weaknesses.",
            Verdict::Sufficient,
            Outcome::SufficientProgressAll,
        ),
        (
            "Inspectors are of the opinion that leaders have not made sufficient progress in addressing any of the significant weaknesses.",
            Verdict::Insufficient,
            Outcome::SufficientProgressNone,
        ),
    ] {
        let read = revisit(
            overall,
            "# Main findings\n- The initial inspection found that plans were late. Much has changed.\n- The initial inspection found that oversight was weak. It is not as it was.",
        );
        let found = verdicts(&read);
        assert_eq!(found.iter().map(|v| v.1).collect::<Vec<_>>(), [Some(verdict), Some(verdict)], "{overall}");
        assert_eq!(found[0].0, "plans were late.", "without the words that introduce it");
        assert_eq!(read.outcome, Some(outcome));
    }
}

#[test]
fn a_contradiction_between_count_and_verdicts_is_suspicious() {
    let read = revisit(
        "The area has made sufficient progress in addressing three of the four significant weaknesses.",
        "# Main findings\n# Late plans\nThey are on time.\nThe area has made sufficient progress in addressing this significant weakness.",
    );
    assert_eq!(read.suspicious.len(), 1, "{:?}", read.suspicious);
    assert_eq!(read.revisit.unwrap().sufficient, 3);
}

#[test]
fn a_letter_that_cannot_be_read_fails_with_its_reason_and_is_not_set_aside() {
    let code = |lines: &str| parsed(lines).unwrap_err().code();
    let elsewhere = OPENING.replace("Westhaven", "Nowhere");
    let lines = outcome(&elsewhere, FINDINGS).replace("SEND inspection in Westhaven", "SEND inspection in Nowhere");
    assert_eq!(code(&lines), "unknown_area");
    let undated = OPENING.replace("Between 5 November and 9 November 2018, ", "");
    assert_eq!(code(&outcome(&undated, FINDINGS)), "no_dates");
    assert_eq!(code(&outcome(OPENING, "# Main findings")), "no_findings");
    let odd = "Dear Ms Orme\nJoint local area SEND inspection in Westhaven\nOfsted and the Care Quality Commission came to see you.\nMain findings\n- Plans are late.";
    assert_eq!(code(odd), "unrecognised");
    let required = format!(
        "{OPENING}\nHMCI has determined that a written statement of action is required because of significant areas of weakness."
    );
    assert_eq!(code(&outcome(&required, FINDINGS)), "no_findings", "no weaknesses were found");
}

#[test]
fn impossible_dates_are_suspicious() {
    let read = letter(&outcome(OPENING, FINDINGS).replace("19 December 2018", "19 December 2017"));
    assert_eq!(read.letter_date, None);
    assert_eq!(read.suspicious[0].field, "letter_date");
    assert_eq!(read.suspicious[0].quote, "19 December 2017");
    let backwards = OPENING.replace("9 November 2018", "1 November 2018");
    let read = letter(&outcome(&backwards, FINDINGS));
    assert_eq!(read.inspection.end, None);
    assert_eq!(read.suspicious[0].field, "inspection_end");
}

#[test]
fn documents_of_other_programmes_are_set_aside_with_what_they_are() {
    for (lines, what) in [
        (
            "Dear partnership\nJoint targeted area inspection of the multi-agency response to abuse in Westhaven\nOfsted, the Care Quality Commission and others undertook a joint inspection. It looked at special educational needs.",
            "joint targeted area inspection",
        ),
        (
            "Westhaven City Council\nInspection of children’s social care services\nInspection dates: 4 to 15 June 2018\nSince the focused visit of 2017, much has changed.",
            "inspection of children's services",
        ),
        (
            "Dear Mr Tann\nFocused visit to Westhaven children’s services\nThis letter summarises the findings of a focused visit.",
            "focused visit to children's services",
        ),
        (
            "Dear Mr Tann\nMonitoring visit to Westhaven children’s services\nThis letter summarises the findings of the monitoring visit.",
            "monitoring visit to children's services",
        ),
        ("Dear Mr Tann\nAssurance visit to Westhaven\nOfsted visited you.", "assurance visit to children's services"),
        ("Minutes of the parish council\nApologies were received.", "not a SEND inspection letter"),
    ] {
        match parsed(lines) {
            Ok(Parsed::SetAside(aside)) => assert_eq!(aside.what, what, "{lines}"),
            other => panic!("{lines}: {other:?}"),
        }
    }
}
