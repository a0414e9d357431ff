//! Letters after a revisit, December 2018 to early 2023.

use sendlens::domain::{LetterKind, Outcome, Role, Section, Verdict};

use super::outcome::{close, top};
use super::pdf::Part;
use super::words::{Deck, number};
use super::{Draw, Item, Truth, later, long_date, place, span, week};

pub fn letter(draw: &mut Draw) -> (Vec<Part>, Truth) {
    let mut deck = Deck::new();
    let place = place(draw, "Clinical Commissioning Group");
    let (start, end) = week(draw, 2019..=2022);
    let dated = later(end, 40);
    let required_on = later(start, -700);
    let fit_on = later(start, -560);
    let group = *draw.pick("group", &["Clinical Commissioning Group", "CCG"]);
    let mut parts = top(draw, &place, dated, group, "revisit");
    let opening = *draw.pick("opening", &[
        "Between DATES, Ofsted and the Care Quality Commission (CQC) revisited the local area of AREA to decide whether sufficient progress has been made in addressing each of the areas of significant weakness detailed in the written statement of action (WSOA) issued on REQUIRED.",
        "Between DATES, Ofsted and the Care Quality Commission (CQC) revisited the area of AREA to decide whether sufficient progress has been made in addressing each of the areas of significant weakness detailed in the inspection report letter published on REQUIRED.",
        "Between DATES, Ofsted and the Care Quality Commission (CQC) revisited AREA to decide whether the local area has made sufficient progress in addressing the areas of significant weakness detailed in the written statement of action (WSOA) required on REQUIRED.",
    ]);
    parts.push(Part::Text(
        opening
            .replace("DATES", &span(draw, start, end, "and"))
            .replace("AREA", &place.printed)
            .replace("REQUIRED", &long_date(required_on)),
    ));
    parts.push(Part::Text(format!("As a result of the findings of the initial inspection and in accordance with the Children Act 2004 (Joint Area Reviews) Regulations 2015, Her Majesty’s Chief Inspector (HMCI) determined that a written statement of action was required because of significant areas of weakness in the local area’s practice. HMCI determined that the local authority and the area’s clinical commissioning group (CCG) were jointly responsible for submitting the written statement to Ofsted. This was declared fit for purpose on {}.", long_date(fit_on))));

    let total = draw.between(1, 7);
    let met = match *draw.pick("progress", &["all", "some", "none"]) {
        "all" => total,
        "none" => 0,
        _ => draw.between(0, total),
    };
    let mut verdicts = vec![Verdict::Sufficient; met];
    verdicts.extend(vec![Verdict::Insufficient; total - met]);
    let form = *draw.pick(
        "restated",
        &["headings", "labelled headings", "sentences", "italic sentences", "quotations", "two lists", "table"],
    );
    if form != "two lists" {
        draw.rng.shuffle(&mut verdicts);
    }
    let overall = overall(draw, met, total);
    parts.push(Part::Text(format!("{overall}This letter outlines our findings from the revisit.")));
    parts.push(Part::Text("The revisit was led by one of Her Majesty’s Inspectors from Ofsted and a children’s services inspector from CQC.".to_owned()));
    parts.push(Part::Text("Inspectors spoke with children and young people with special educational needs and/or disabilities, parents and carers, and local authority and NHS officers. They considered 120 responses to the online survey.".to_owned()));
    let mut truth = Truth {
        kind: LetterKind::RevisitLetter,
        la_code: place.la_code.to_owned(),
        start,
        end,
        letter_date: Some(dated),
        outcome: Some(match met {
            _ if met == total => Outcome::SufficientProgressAll,
            0 => Outcome::SufficientProgressNone,
            _ => Outcome::SufficientProgressSome,
        }),
        wsoa_required: None,
        previous: None,
        required_on: (!opening.contains("published")).then_some(required_on),
        fit_on: Some(fit_on),
        full_months: None,
        monitoring_months: None,
        councils: vec![place.council.to_owned()],
        health: place.health.clone(),
        items: Vec::new(),
        bullets: Vec::new(),
        unknown_heading: None,
    };
    parts.push(Part::Heading(
        (*draw.pick("main findings", &["Main findings", "Main Findings", "MAIN FINDINGS"])).to_string(),
    ));
    if !matches!(form, "two lists" | "table") && *draw.pick("bullets first", &["none", "some"]) == "some" {
        parts.push(Part::Bullet(1, "The initial inspection found that leaders did not work together well enough. Joint working is now a strength.".to_owned()));
        parts.push(Part::Bullet(1, deck.good(draw)));
    }
    let judged = *draw.pick(
        "verdicts",
        &[
            "The area has NOT made sufficient progress in addressing this significant weakness.",
            "The local area has NOT made sufficient progress to improve this area of weakness.",
            "Sufficient progress has NOT been made in addressing this significant weakness.",
            "The area has NOT made sufficient progress in addressing this area of significant weakness.",
            "As a result, the area has NOT made sufficient progress in addressing this weakness.",
        ],
    );
    let lead = *draw.pick(
        "lead-in",
        &[
            "At the initial inspection, inspectors found ",
            "The initial inspection found ",
            "The initial inspection identified ",
            "Inspectors found ",
        ],
    );
    let lead = if form == "quotations" || lead == "Inspectors found " && !form.contains("sentences") {
        "The initial inspection found "
    } else {
        lead
    };
    let lead = if lead == "Inspectors found " {
        "At the time of the initial inspection, inspectors identified "
    } else {
        lead
    };
    let mut rows: Vec<Vec<Vec<Part>>> = vec![
        ["Area of significant weakness", "What inspectors found", "Progress"]
            .map(|h| vec![Part::Heading(h.to_owned())])
            .to_vec(),
    ];
    let mut last = None;
    for (at, verdict) in verdicts.iter().enumerate() {
        let weakness = deck.weakness(draw);
        let found = (0..draw.between(1, 3)).map(|_| if draw.chance(50) { deck.good(draw) } else { deck.bad(draw) });
        let found: Vec<String> = found.collect();
        let sentence = judged.replace("NOT ", if *verdict == Verdict::Sufficient { "" } else { "not " });
        let mut capital = weakness.clone();
        capital[..1].make_ascii_uppercase();
        let text = match form {
            "headings" => {
                parts.push(Part::Heading(capital.clone()));
                capital
            }
            "labelled headings" => {
                parts.push(Part::Heading(format!("Weakness {}: {weakness}", at + 1)));
                weakness
            }
            "sentences" => {
                parts.push(Part::Text(format!("{lead}{weakness}.")));
                format!("{weakness}.")
            }
            "italic sentences" => {
                parts.push(Part::Italic(format!("{lead}{weakness}.")));
                format!("{weakness}.")
            }
            "quotations" => {
                parts.push(Part::Italic(format!("‘{weakness}’")));
                weakness
            }
            "two lists" => {
                if last != Some(*verdict) {
                    let not = if *verdict == Verdict::Sufficient { "" } else { "not " };
                    parts.push(Part::Text(format!(
                        "The area has {not}made sufficient progress in addressing the following significant weaknesses:"
                    )));
                }
                parts.push(Part::Bullet(1, weakness.clone()));
                weakness
            }
            _ => {
                let not =
                    if *verdict == Verdict::Sufficient { "Sufficient progress" } else { "Not sufficient progress" };
                rows.push(vec![
                    vec![Part::Text(capital.clone())],
                    found.iter().cloned().map(Part::Text).collect(),
                    vec![Part::Text(not.to_owned())],
                ]);
                capital
            }
        };
        last = Some(*verdict);
        truth.items.push(Item {
            role: Role::ProgressVerdict,
            section: Section::Progress,
            text,
            responsible: None,
            verdict: Some(*verdict),
        });
        if !matches!(form, "two lists" | "table") {
            parts.extend(found.into_iter().map(Part::Text));
            parts.push(Part::Text(sentence));
        }
    }
    if form == "table" {
        parts.push(Part::Table(vec![30.0, 50.0, 20.0], rows, true));
    }
    if form == "two lists" {
        parts.push(Part::Text(
            "Leaders know what remains to be done. Parents told inspectors that they are more confident.".to_owned(),
        ));
    }
    parts.push(Part::Text(if met == total {
        "As leaders of the local area have made sufficient progress against all the weaknesses identified at the initial inspection, the formal quarterly support and challenge visits from the DfE and NHS England will cease.".to_owned()
    } else {
        "As not all the significant weaknesses have improved, it is for the DfE and NHS England to determine the next steps. This may include the Secretary of State using their powers of intervention. Ofsted and CQC will not carry out any further revisit unless directed to do so by the Secretary of State.".to_owned()
    }));
    close(draw, &mut parts, &place, group);
    (parts, truth)
}

fn overall(draw: &mut Draw, met: usize, total: usize) -> String {
    let words = *draw.pick("numbers", &["words", "words", "figures"]) == "words";
    let n = |k: usize| number(k, words);
    let weaknesses = if total == 1 { "significant weakness" } else { "significant weaknesses" };
    match *draw.pick("overall", &["the area", "leaders", "inspectors", "not said"]) {
        "not said" => String::new(),
        _ if total == 1 => {
            let not = if met == 1 { "" } else { "not " };
            format!(
                "The area has {not}made sufficient progress in addressing the significant weakness identified at the initial inspection. "
            )
        }
        who => {
            let who = match who {
                "the area" => "The area has",
                "leaders" => "Local area leaders have",
                _ => "Inspectors are of the opinion that local area leaders have",
            };
            if met == total {
                let all = if total > 2 && words { format!("all {}", number(total, true)) } else { "all".to_owned() };
                format!(
                    "{who} made sufficient progress in addressing {all} of the {weaknesses} identified at the initial inspection. "
                )
            } else if met == 0 {
                format!(
                    "{who} not made sufficient progress in addressing any of the {weaknesses} identified at the initial inspection. "
                )
            } else {
                let rest = total - met;
                let of_rest = if rest == 1 { "weakness" } else { "weaknesses" };
                format!(
                    "{who} made sufficient progress in addressing {} of the {} {weaknesses} identified at the initial inspection. The area has not made sufficient progress in addressing {} significant {of_rest}. ",
                    n(met),
                    n(total),
                    n(rest)
                )
            }
        }
    }
}
