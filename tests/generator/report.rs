//! Reports of full and monitoring inspections, 2023 on.

use sendlens::domain::{LetterKind, Outcome, Role, Section, Verdict};

use super::pdf::Part;
use super::words::{Deck, number};
use super::{Draw, Item, Place, Truth, later, long_date, place, span, week};

fn empty_truth(kind: LetterKind, place: &Place, start: jiff::civil::Date, end: jiff::civil::Date) -> Truth {
    Truth {
        kind,
        la_code: place.la_code.to_owned(),
        start,
        end,
        letter_date: None,
        outcome: None,
        wsoa_required: None,
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
    }
}

fn front(draw: &mut Draw, place: &Place, truth: &mut Truth, what: &str) -> Vec<Part> {
    let mut parts = vec![
        Part::Text(
            (*draw.pick("kicker", &["Local area partnership report", "LOCAL AREA PARTNERSHIP REPORT"])).to_string(),
        ),
        Part::Heading(format!("Area SEND {what} of {} Local Area Partnership", place.printed)),
        Part::Heading(format!("Inspection dates: {}", span(draw, truth.start, truth.end, "to"))),
    ];
    let (start, end) = week(draw, 2017..=2020);
    let label = *draw.pick(
        "previous label",
        &["Date of previous inspection:", "Dates of previous inspection:", "Date of previous inspections:"],
    );
    let said = match *draw.pick("previous", &["span", "prose", "prose with a revisit", "none"]) {
        "span" => {
            truth.previous = Some((start, end));
            span(draw, start, end, "to")
        }
        "prose" => {
            truth.previous = Some((start, start));
            format!("The previous full inspection was on {}.", long_date(start))
        }
        "prose with a revisit" => {
            truth.previous = Some((start, start));
            format!(
                "The previous full inspection was on {}. There was a subsequent revisit on {}.",
                long_date(start),
                long_date(later(start, 600))
            )
        }
        _ => (*draw.any_of(&["Not previously inspected", "None", "Not applicable"])).to_owned(),
    };
    parts.push(Part::Heading(format!("{label} {said}")));
    parts
}

fn about(draw: &mut Draw, place: &Place) -> Vec<Part> {
    let mut bodies: Vec<String> = vec![place.council.to_owned()];
    bodies.extend(place.health.iter().map(|h| h.replace("Board", "Board (ICB)")));
    let last = bodies.pop().unwrap();
    let bodies = format!("{} and {last}", bodies.join(", "));
    let share = *draw.pick(
        "responsible",
        &[
            "are jointly responsible for the planning and commissioning of services",
            "share joint responsibility for the planning and commissioning of services",
        ],
    );
    vec![
        Part::Heading("Information about the local area partnership".to_owned()),
        Part::Text(format!("{bodies} {share} for children and young people with SEND in {}.", place.printed)),
        Part::Text(format!(
            "The commissioning of health services changed across England in 2022. On 1 July 2022, the responsibility for health services in {} passed from the clinical commissioning group to the new board.",
            place.name
        )),
        Part::Text(
            "The local authority commissions a range of alternative provision (AP) for children and young people."
                .to_owned(),
        ),
    ]
}

fn back(draw: &mut Draw, place: &Place, parts: &mut Vec<Part>) {
    parts.push(Part::Heading("Local area partnership details".to_owned()));
    let cell = |lines: &[&str]| lines.iter().map(|l| Part::Text((*l).to_owned())).collect::<Vec<_>>();
    let council = *draw.pick("details", &["full", "authority"]);
    let council = if council == "full" { place.council.to_owned() } else { format!("{} Local Authority", place.name) };
    let boards: Vec<&str> = place.health.iter().map(String::as_str).collect();
    parts.push(Part::Table(
        vec![50.0, 50.0],
        vec![
            vec![
                vec![Part::Heading("Local authority".to_owned())],
                vec![Part::Heading("Integrated care board".to_owned())],
            ],
            vec![cell(&[&council]), cell(&boards)],
            vec![cell(&["A Orme, Director of Children’s Services"]), cell(&["B Tann, Chief Executive"])],
            vec![cell(&["www.area.example"]), cell(&["www.board.example"])],
        ],
        true,
    ));
    parts.push(Part::Heading("Information about this inspection".to_owned()));
    parts.push(Part::Text("This inspection was carried out at the request of the Secretary of State for Education under section 20(1)(a) of the Children Act 2004.".to_owned()));
    parts.push(Part::Heading("Inspection team".to_owned()));
    parts.push(Part::Text("C Venn, Ofsted HMI Lead inspector".to_owned()));
    parts.push(Part::Text("The Office for Standards in Education, Children’s Services and Skills (Ofsted) regulates and inspects to achieve excellence in the care of children and young people, and in education and skills for learners of all ages.".to_owned()));
}

pub fn full(draw: &mut Draw) -> (Vec<Part>, Truth) {
    let mut deck = Deck::new();
    let place = place(draw, "Integrated Care Board");
    let (start, end) = week(draw, 2023..=2025);
    let mut truth = empty_truth(LetterKind::AreaSendFull, &place, start, end);
    let what = *draw.pick("title", &["inspection", "full inspection"]);
    let mut parts = front(draw, &place, &mut truth, what);
    parts.push(Part::Heading("Inspection outcome".to_owned()));
    let months = |draw: &mut Draw, years: usize| -> String {
        let said = number(years, draw.chance(50));
        format!("{} years", said)
    };
    let widespread = match *draw.pick("outcome", &["positive", "inconsistent", "widespread"]) {
        "positive" => {
            truth.outcome = Some(Outcome::TypicallyPositive);
            truth.full_months = Some(60);
            parts.push(Part::Text("The local area partnership’s special educational needs and/or disabilities (SEND) arrangements typically lead to positive experiences and outcomes for children and young people with SEND. The local area partnership is taking action where improvements are needed.".to_owned()));
            parts.push(Part::Text(format!(
                "The next full area SEND inspection will be within approximately {}.",
                months(draw, 5)
            )));
            false
        }
        "inconsistent" => {
            truth.outcome = Some(Outcome::Inconsistent);
            truth.full_months = Some(36);
            parts.push(Part::Text("The local area partnership’s arrangements lead to inconsistent experiences and outcomes for children and young people with special educational needs and/or disabilities (SEND). The local area partnership must work jointly to make improvements.".to_owned()));
            parts.push(Part::Text(format!(
                "The next full area SEND inspection will take place within approximately {}.",
                months(draw, 3)
            )));
            false
        }
        _ => {
            truth.outcome = Some(Outcome::WidespreadFailings);
            truth.full_months = Some(36);
            truth.monitoring_months = Some(18);
            parts.push(Part::Text("There are widespread and/or systemic failings leading to significant concerns about the experiences and outcomes of children and young people with special educational needs and/or disabilities (SEND), which the local area partnership must address urgently.".to_owned()));
            parts.push(Part::Text(format!("A monitoring inspection will be carried out within approximately 18 months. The next full reinspection will be within approximately {}.", months(draw, 3))));
            parts.push(Part::Text("As a result of this inspection, HMCI requires the local area partnership to prepare and submit a priority action plan (area SEND) to address the identified areas for priority action.".to_owned()));
            true
        }
    };
    parts.extend(about(draw, &place));
    parts.push(Part::Heading((*draw.pick("experience", &[
        "What is it like to be a child or young person with special educational needs and/or disabilities (SEND) in this area?",
        "What is it like to be a child or young person with SEND in this area?",
    ])).to_string()));
    for _ in 0..draw.between(2, 4) {
        let text = if draw.chance(50) { deck.good(draw) } else { deck.bad(draw) };
        truth.bullets.push((Section::Experience, text.clone()));
        parts.push(Part::Text(text));
    }
    parts.push(Part::Heading(
        (*draw.pick(
            "effective",
            &[
                "What is the area partnership doing that is effective?",
                "What is the local area partnership doing that is effective?",
            ],
        ))
        .to_string(),
    ));
    for _ in 0..draw.between(2, 6) {
        let text = deck.good(draw);
        truth.bullets.push((Section::Effective, text.clone()));
        parts.push(Part::Bullet(1, text));
    }
    parts.push(Part::Heading(
        (*draw.pick(
            "needs",
            &[
                "What does the area partnership need to do better?",
                "What does the local area partnership need to do better?",
            ],
        ))
        .to_string(),
    ));
    for _ in 0..draw.between(2, 6) {
        let text = deck.bad(draw);
        truth.bullets.push((Section::NeedsToImprove, text.clone()));
        parts.push(Part::Bullet(1, text));
    }
    if widespread {
        actions(draw, &mut deck, &place, &mut parts, &mut truth);
    }
    let form = *draw.pick("improvements", &["table", "table with its heading", "paragraphs", "bullets"]);
    if form != "table with its heading" {
        parts.push(Part::Heading("Areas for improvement".to_owned()));
    }
    let mut rows: Vec<Vec<Vec<Part>>> = Vec::new();
    if form == "table with its heading" {
        rows.push(vec![vec![Part::Heading("Areas for improvement".to_owned())]]);
    }
    for _ in 0..draw.between(2, 6) {
        let (who, responsible) = *draw.any_of(&[
            ("Leaders across the partnership should", None),
            ("Leaders should", None),
            ("The local area partnership should", None),
            ("The ICB should", Some("ICB")),
            ("Leaders at the local authority should", Some("local authority")),
        ]);
        let mut text = format!("{who} {}.", deck.demand(draw));
        let mut cell = Vec::new();
        if form != "bullets" && draw.chance(25) {
            text = text.trim_end_matches('.').to_owned() + ", including:";
            cell.push(Part::Text(text.clone()));
            let subs = deck.subs(draw);
            let count = subs.len();
            for (at, sub) in subs.into_iter().enumerate() {
                let sub = format!("{sub}{}", if at + 1 == count { "." } else { ";" });
                text = format!("{text}\n- {sub}");
                cell.push(Part::Bullet(1, sub));
            }
        } else if form == "bullets" {
            cell.push(Part::Bullet(1, text.clone()));
        } else {
            cell.push(Part::Text(text.clone()));
        }
        if form.starts_with("table") {
            rows.push(vec![cell]);
        } else {
            parts.extend(cell);
        }
        truth.items.push(Item {
            role: Role::AreaForImprovement,
            section: Section::AreasForImprovement,
            text,
            responsible: responsible.map(str::to_owned),
            verdict: None,
        });
    }
    if !rows.is_empty() {
        parts.push(Part::Table(vec![100.0], rows, true));
    }
    back(draw, &place, &mut parts);
    (parts, truth)
}

fn actions(draw: &mut Draw, deck: &mut Deck, place: &Place, parts: &mut Vec<Part>, truth: &mut Truth) {
    parts.push(Part::Heading("Areas for priority action".to_owned()));
    let mut rows =
        vec![["Responsible body", "Areas for priority action"].map(|h| vec![Part::Heading(h.to_owned())]).to_vec()];
    for _ in 0..draw.between(2, 5) {
        let body = format!("{} and {}", place.council, place.health[0]);
        let text = format!(
            "Leaders should urgently {}. {}",
            deck.demand(draw),
            "They should make sure that families know what to expect."
        );
        rows.push(vec![vec![Part::Text(body.clone())], vec![Part::Text(text.clone())]]);
        truth.items.push(Item {
            role: Role::PriorityAction,
            section: Section::PriorityActions,
            text,
            responsible: Some(body),
            verdict: None,
        });
    }
    parts.push(Part::Table(vec![35.0, 65.0], rows, true));
}

pub fn monitoring(draw: &mut Draw) -> (Vec<Part>, Truth) {
    let mut deck = Deck::new();
    let place = place(draw, "Integrated Care Board");
    let (start, end) = week(draw, 2024..=2026);
    let mut truth = empty_truth(LetterKind::AreaSendMonitoring, &place, start, end);
    let mut parts = front(draw, &place, &mut truth, "monitoring inspection");
    let total = draw.between(1, 5);
    let met = match *draw.pick("progress", &["all", "some", "none"]) {
        "all" => total,
        "none" => 0,
        _ => draw.between(0, total),
    };
    truth.outcome = Some(match met {
        _ if met == total => Outcome::SufficientProgressAll,
        0 => Outcome::SufficientProgressNone,
        _ => Outcome::SufficientProgressSome,
    });
    let mut verdicts = vec![Verdict::Sufficient; met];
    verdicts.extend(vec![Verdict::Insufficient; total - met]);
    draw.rng.shuffle(&mut verdicts);
    parts.push(Part::Heading("Inspection outcome".to_owned()));
    parts.push(Part::Text(if met == total {
        "The local area partnership has taken effective action to address all of the areas for priority action."
            .to_owned()
    } else if met == 0 {
        "The local area partnership has not taken effective action to address any of the areas for priority action."
            .to_owned()
    } else {
        format!(
            "The local area partnership has taken effective action to address {} of the {} areas for priority action.",
            number(met, true),
            number(total, true)
        )
    }));
    parts.extend(about(draw, &place));
    parts.push(Part::Heading(
        (*draw.pick(
            "progress heading",
            &[
                "What progress has been made since the full inspection?",
                "Progress on the areas for priority action",
                "Inspection findings",
            ],
        ))
        .to_string(),
    ));
    let counts_only = *draw.pick("restated", &["headings", "headings", "headings", "counts only"]) == "counts only";
    if counts_only {
        for _ in 0..2 {
            parts.push(Part::Text(deck.good(draw)));
        }
    } else {
        for (at, verdict) in verdicts.iter().enumerate() {
            parts.push(Part::Heading(format!("Area for priority action {}", at + 1)));
            let text = format!("Leaders should urgently {}.", deck.demand(draw));
            parts.push(Part::Text(text.clone()));
            parts.push(Part::Text(deck.good(draw)));
            let not = if *verdict == Verdict::Sufficient { "" } else { "not " };
            parts.push(Part::Text(format!(
                "The local area partnership has {not}taken effective action to address this area for priority action."
            )));
            truth.items.push(Item {
                role: Role::ProgressVerdict,
                section: Section::Progress,
                text,
                responsible: None,
                verdict: Some(*verdict),
            });
        }
    }
    if *draw.pick("after", &["nothing", "next steps"]) == "next steps" {
        parts.push(Part::Heading("Next steps".to_owned()));
        parts.push(Part::Text("Inspectors will not return before the next full inspection.".to_owned()));
    }
    back(draw, &place, &mut parts);
    (parts, truth)
}
