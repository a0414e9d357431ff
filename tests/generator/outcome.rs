//! Letters after a joint local area SEND inspection, 2016-2022.

use sendlens::domain::{LetterKind, Outcome, Role, Section};

use super::pdf::Part;
use super::words::Deck;
use super::{Draw, Item, Truth, later, long_date, place, span, week};

pub const STRENGTHS: &[&str] = &[
    "Strengths",
    "Strengths",
    "Strengths",
    "Areas of strength",
    "Key strengths",
    "Strength",
    "STRENGTHS",
    "Strengths:",
    "What is working well",
    "Good practice",
    "Main strengths",
    "Strengths of the local area",
    "What works well",
];
pub const DEVELOPMENT: &[&str] = &[
    "Areas for development",
    "Areas for development",
    "Areas for development",
    "Areas for improvement",
    "Areas for further development",
    "Areas of weakness",
    "What needs to improve",
    "Areas requiring improvement",
    "AREAS FOR DEVELOPMENT",
    "Areas for development:",
    "Weaknesses",
    "Areas of concern",
    "Areas to develop",
    "Areas for further improvement",
    "Key areas for development",
    "Improvements needed",
    "What needs to be better",
    "Areas that need to be developed",
    "Further development",
];
const UNKNOWN: &[&str] = &["Other matters", "Further observations"];

pub fn letter(draw: &mut Draw) -> (Vec<Part>, Truth) {
    let mut deck = Deck::new();
    let place = place(draw, "Clinical Commissioning Group");
    let (start, end) = week(draw, 2017..=2021);
    let dated = later(end, 45);
    let required = draw.chance(50);
    let group = *draw.pick("group", &["Clinical Commissioning Group", "CCG"]);
    let mut parts = top(draw, &place, dated, group, "inspection");
    parts.push(Part::Text(opening(draw, &place.printed, start, end)));
    parts.push(Part::Text((*draw.pick("led", &[
        "The inspection was led by one of Her Majesty’s Inspectors from Ofsted, with team inspectors including an Ofsted Inspector and a children’s services inspector from the Care Quality Commission (CQC).",
        "The inspection team was led by one of Her Majesty’s Inspectors (HMI) from Ofsted. The team included an Ofsted inspector and children’s services inspectors from the CQC.",
    ])).to_string()));
    parts.push(Part::Text("Inspectors spoke with children and young people with special educational needs and/or disabilities, parents and carers, and local authority and National Health Service (NHS) officers. They visited a range of providers and spoke to leaders, staff and governors about how they were implementing the reforms. Inspectors looked at a range of information about the performance of the area in response to the reforms, including the area’s self-evaluation.".to_owned()));
    if draw.chance(40) {
        parts.push(Part::Text("In reaching their judgements, inspectors took account of the impact of the COVID-19 pandemic on SEND arrangements in the area. Inspectors considered a range of information about the impact of the pandemic and explored how the area’s plans and actions had been adapted as a result.".to_owned()));
    }
    if required {
        parts.push(Part::Text((*draw.pick("determined", &[
            "As a result of the findings of this inspection and in accordance with the Children Act 2004 (Joint Area Reviews) Regulations 2015, Her Majesty’s Chief Inspector (HMCI) has determined that a Written Statement of Action is required because of significant areas of weakness in the local area’s practice. HMCI has also determined that the local authority and the area’s clinical commissioning group are jointly responsible for submitting the written statement to Ofsted.",
            "As a result of the findings of this inspection and in accordance with the Children Act 2004 (Joint Area Reviews) Regulations 2015, Her Majesty’s Chief Inspector of Education, Children’s Services and Skills (HMCI) has determined that a written statement of action (WSOA) is required because of significant areas of weakness in the area’s practice. HMCI has also determined that the local authority and the area’s clinical commissioning group(s) are responsible for submitting the written statement to Ofsted.",
            "Her Majesty’s Chief Inspector (HMCI) has decided that a written statement of action is required because of significant areas of weakness in the local area’s practice. The local authority and the clinical commissioning group are jointly responsible for submitting the statement.",
        ])).to_string()));
    }
    parts.push(Part::Text("This letter outlines our findings from the inspection, including some areas of strength and areas for further improvement.".to_owned()));

    let mut truth = Truth {
        kind: LetterKind::OutcomeLetter,
        la_code: place.la_code.to_owned(),
        start,
        end,
        letter_date: Some(dated),
        outcome: Some(if required { Outcome::WsoaRequired } else { Outcome::WsoaNotRequired }),
        wsoa_required: Some(required),
        previous: None,
        required_on: None,
        fit_on: None,
        full_months: None,
        monitoring_months: None,
        councils: vec![place.council.to_owned()],
        health: place.health.clone(),
        items: Vec::new(),
        bullets: Vec::new(),
        unknown_heading: None,
    };
    parts.push(Part::Heading(
        (*draw.pick(
            "main findings",
            &["Main findings", "Main Findings", "MAIN FINDINGS", "Key findings", "Main findings:"],
        ))
        .to_string(),
    ));
    for _ in 0..draw.between(2, 5) {
        let text = if draw.chance(50) { deck.good(draw) } else { deck.bad(draw) };
        truth.bullets.push((Section::MainFindings, text.clone()));
        parts.push(Part::Bullet(1, text));
    }
    let strengths = *draw.pick("strengths", STRENGTHS);
    let unknown = draw.chance(1);
    let development = if unknown { *draw.pick("development", UNKNOWN) } else { *draw.pick("development", DEVELOPMENT) };
    let prose = *draw.pick("findings", &["bullets", "bullets", "bullets", "prose"]) == "prose";
    let swapped = *draw.pick("order", &["strengths first", "strengths first", "strengths first", "strengths last"])
        == "strengths last";
    for (section, heading) in questions(draw) {
        parts.push(Part::Heading(heading));
        let mut sides = [(strengths, Role::Strength), (development, Role::AreaForDevelopment)];
        if swapped {
            sides.reverse();
        }
        for (heading, role) in sides {
            parts.push(Part::Heading(heading.to_owned()));
            for _ in 0..draw.between(1, 5) {
                let good = role == Role::Strength;
                let text = if good { deck.good(draw) } else { deck.bad(draw) };
                if prose {
                    parts.push(Part::Text(text.clone()));
                } else {
                    parts.push(Part::Bullet(1, text.clone()));
                }
                if unknown && !good {
                    truth.unknown_heading = Some(section);
                    truth.bullets.push((section, text));
                } else {
                    truth.items.push(Item { role, section, text, responsible: None, verdict: None });
                }
            }
        }
    }
    if required {
        statement(draw, &mut deck, &mut parts, &mut truth);
    }
    close(draw, &mut parts, &place, group);
    (parts, truth)
}

fn questions(draw: &mut Draw) -> [(Section, String); 3] {
    let [identify, meet, improve] = **draw.any_of(&[
        &["The effectiveness of the local area in identifying children and young people’s special educational needs and/or disabilities",
          "The effectiveness of the local area in assessing and meeting the needs of children and young people with special educational needs and/or disabilities",
          "The effectiveness of the local area in improving outcomes for children and young people with special educational needs and/or disabilities"],
        &["The effectiveness of the local area in identifying children and young people with special educational needs and/or disabilities",
          "The effectiveness of the local area in meeting the needs of children and young people with special educational needs and/or disabilities",
          "The effectiveness of the local area in improving outcomes for children and young people with special educational needs and/or disabilities"],
        &["The effectiveness of the area in identifying the needs of children and young people with SEND",
          "The effectiveness of the area in assessing and meeting the needs of children and young people with SEND",
          "The effectiveness of the area in improving outcomes for children and young people with SEND"],
    ]);
    [
        (Section::Identification, identify.to_owned()),
        (Section::MeetingNeeds, meet.to_owned()),
        (Section::ImprovingOutcomes, improve.to_owned()),
    ]
}

fn statement(draw: &mut Draw, deck: &mut Deck, parts: &mut Vec<Part>, truth: &mut Truth) {
    let heading = *draw.pick(
        "concerns",
        &[
            "The inspection raises significant concerns about the effectiveness of the local area",
            "The inspection raises significant concerns about the effectiveness of the area",
            "The inspection raises significant concerns about the effectiveness of the local area.",
            "none",
        ],
    );
    if heading != "none" {
        parts.push(Part::Heading(heading.to_owned()));
    }
    let lead = *draw.pick("asks", &[
        "The local area is required to produce and submit a Written Statement of Action to Ofsted that explains how the local area will tackle the following areas of significant weakness:",
        "The area is required to produce and submit a WSOA to Ofsted that explains how it will tackle the following areas of significant weakness:",
        "The local area is required to produce and submit a written statement of action to Ofsted that explains how it will address the following areas of significant weakness.",
        "The local area is required to produce and submit a written statement of action to Ofsted. This must explain how the local area will tackle these areas of significant weakness:",
    ]);
    let number = draw.between(1, 9);
    let ends = *draw.pick("weaknesses end", &["stops", "nothing", "semicolons"]);
    let form = *draw.pick("weaknesses", &["bullets", "bullets", "bullets", "nested", "in one sentence"]);
    let mut said = Vec::new();
    for at in 0..number {
        let last = at + 1 == number;
        let stop = match ends {
            "stops" => ".",
            "semicolons" if !last => ";",
            "semicolons" => ".",
            _ if last && draw.chance(50) => ".",
            _ => "",
        };
        let weakness = deck.weakness(draw);
        said.push((weakness, stop, last));
    }
    if form == "in one sentence" {
        let lead = lead.trim_end_matches(['.', ':']);
        let list: Vec<&str> = said.iter().map(|(w, ..)| w.as_str()).collect();
        parts.push(Part::Text(format!("{lead}: {}.", list.join("; "))));
        for (weakness, _, last) in &said {
            let text = if *last { format!("{weakness}.") } else { weakness.clone() };
            truth.items.push(item(text));
        }
        return;
    }
    parts.push(Part::Text(lead.to_owned()));
    for (at, (weakness, stop, _)) in said.iter().enumerate() {
        if form == "nested" && at == 0 {
            let subs = deck.subs(draw);
            let first = format!("{weakness}, including:");
            parts.push(Part::Bullet(1, first.clone()));
            let mut text = first;
            for sub in subs {
                text = format!("{text}\n- {sub}");
                parts.push(Part::Bullet(2, sub));
            }
            truth.items.push(item(text));
            continue;
        }
        let text = format!("{weakness}{stop}");
        parts.push(Part::Bullet(1, text.clone()));
        truth.items.push(item(text));
    }
}

fn item(text: String) -> Item {
    Item { role: Role::SignificantWeakness, section: Section::Wsoa, text, responsible: None, verdict: None }
}

fn opening(draw: &mut Draw, area: &str, start: jiff::civil::Date, end: jiff::civil::Date) -> String {
    let form = *draw.pick("opening", &[
        "Between DATES, Ofsted and the Care Quality Commission (CQC) conducted a joint inspection of the local area of AREA to judge the effectiveness of the area in implementing the special educational needs and/or disabilities (SEND) reforms as set out in the Children and Families Act 2014.",
        "Between DATES, Ofsted and the Care Quality Commission (CQC), conducted a joint inspection of the local area of AREA to judge the effectiveness of the area in implementing the disability and special educational needs reforms as set out in the Children and Families Act 2014.",
        "Between DATES, Ofsted and the Care Quality Commission (CQC) carried out a joint inspection of AREA to evaluate how effectively the area has implemented the special educational needs and disabilities reforms.",
        "From DATES, Ofsted and CQC jointly inspected the local area of AREA to judge the effectiveness of the area in implementing the reforms.",
        "Ofsted and the Care Quality Commission (CQC) conducted a joint inspection of the local area of AREA between DATES to judge the effectiveness of the area in implementing the reforms.",
    ]);
    let joint = if form.starts_with("From") { "to" } else { "and" };
    form.replace("DATES", &span(draw, start, end, joint)).replace("AREA", area)
}

/// The addresses, the date, the salutation and the title.
pub fn top(draw: &mut Draw, place: &super::Place, dated: jiff::civil::Date, group: &str, what: &str) -> Vec<Part> {
    let lines = |all: &[&str]| Part::Lines(all.iter().map(|l| (*l).to_owned()).collect());
    let office = lines(&[
        "Ofsted",
        "Agora",
        "6 Cumberland Place",
        "Nottingham",
        "NG1 6HJ",
        "T 0300 123 1231",
        "Textphone 0161 618 8524",
        "enquiries@ofsted.gov.uk",
        "www.gov.uk/ofsted",
        "lasend.support@ofsted.gov.uk",
    ]);
    let date = Part::Lines(vec![long_date(dated)]);
    let mut parts = if draw.chance(70) { vec![office, date] } else { vec![date, office] };
    let mut addressees = vec![format!("Ms A Orme, Director of Children’s Services, {}", place.council)];
    let officers = ["Mr B Tann, Accountable Officer", "Dr C Venn, Chief Officer", "Ms D Hollin, Clinical Lead"];
    for (body, officer) in place.health.iter().zip(officers) {
        addressees.push(format!("{officer}, {}", body.replace("Clinical Commissioning Group", group)));
    }
    addressees.push("Ms E Merrow, Local Area Nominated Officer".to_owned());
    parts.push(Part::Lines(addressees));
    parts.push(Part::Text("Dear Ms Orme and Mr Tann".to_owned()));
    let title = *draw.pick(
        "title",
        &[
            "Joint local area SEND WHAT in AREA",
            "Joint area SEND WHAT in AREA",
            "Joint local area SEND WHAT of AREA",
            "none",
        ],
    );
    if title != "none" {
        parts.push(Part::Heading(title.replace("WHAT", what).replace("AREA", &place.printed)));
    }
    parts
}

/// The signatures, the copies, and sometimes more.
pub fn close(draw: &mut Draw, parts: &mut Vec<Part>, place: &super::Place, group: &str) {
    parts.push(Part::Text(
        (*draw.pick("close", &["Yours sincerely", "Yours sincerely,", "Yours faithfully"])).to_string(),
    ));
    parts.push(Part::Lines(vec!["F Kestle".to_owned(), "Her Majesty’s Inspector".to_owned()]));
    if draw.chance(60) {
        let cell = |lines: &[&str]| lines.iter().map(|l| Part::Text((*l).to_owned())).collect::<Vec<_>>();
        parts.push(Part::Table(
            vec![50.0, 50.0],
            vec![
                vec![cell(&["Ofsted"]), cell(&["Care Quality Commission"])],
                vec![
                    cell(&["G Larch HMI", "Regional Director"]),
                    cell(&["H Wren", "Deputy Chief Inspector, Primary Medical Services, Children Health and Justice"]),
                ],
                vec![cell(&["F Kestle", "HMI Lead Inspector"]), cell(&["J Alder", "CQC Inspector"])],
            ],
            true,
        ));
    }
    let mut copies = vec!["cc: Department for Education".to_owned()];
    copies.extend(place.health.iter().map(|h| h.replace("Clinical Commissioning Group", group)));
    copies.extend(
        [
            "Director of Public Health for the local area",
            "Department of Health and Social Care",
            "The National Health Service England",
        ]
        .map(str::to_owned),
    );
    parts.push(Part::Lines(copies));
    if *draw.pick("annex", &["none", "none", "complaints"]) == "complaints" {
        parts.push(Part::Heading("Any complaints".to_owned()));
        parts.push(Part::Text("Any complaints about the inspection or the report should be made following the procedures set out in the guidance ‘Raising concerns and making complaints about Ofsted’.".to_owned()));
        parts.push(Part::Bullet(1, "Write to us about strengths and areas for development of our service.".to_owned()));
    }
}
