//! Every letter of `fixtures/letters` is read as its reviewed snapshot says, agrees with the source text beside the PDF,
//! and every kind, outcome and form has a letter.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use sendlens::domain::{DocumentText, Letter, LetterKind, Method, Outcome, PreviousStatus, Role, Term};
use sendlens::extract::{Limits, extract};
use sendlens::parse::{Parsed, parse, quote};
use sendlens::reference::Reference;
use support::untagged::without_structure;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/letters")
}

/// A fixture: its settings, its source text, and what was read.
struct Fixture {
    settings: BTreeMap<String, String>,
    source: String,
    text: DocumentText,
    parsed: Parsed,
}

impl Fixture {
    fn letter(&self) -> Option<&Letter> {
        match &self.parsed {
            Parsed::Letter(letter) => Some(letter),
            Parsed::SetAside(_) => None,
        }
    }

    fn setting(&self, key: &str) -> &str {
        self.settings.get(key).map_or("", String::as_str)
    }
}

fn fixtures() -> BTreeMap<String, Fixture> {
    let reference = Reference::load(&folder().join("../reference")).unwrap();
    let mut fixtures = BTreeMap::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "txt") {
            continue;
        }
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let source = std::fs::read_to_string(&path).unwrap();
        let (head, body) = source.split_once("\n---\n").unwrap();
        let settings = head.lines().filter_map(|l| l.split_once(':'));
        let settings = settings.map(|(k, v)| (k.trim().to_owned(), v.trim().to_owned())).collect();
        let text = extract(&std::fs::read(path.with_extension("pdf")).unwrap(), &Limits::default())
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        let parsed = parse(&text, &reference).unwrap_or_else(|e| panic!("{name}: {e}"));
        fixtures.insert(name, Fixture { settings, source: body.to_owned(), text, parsed });
    }
    fixtures
}

/// A letter as lines that can be reviewed beside its source.
fn describe(letter: &Letter) -> String {
    let mut out = String::new();
    let mut line = |text: String| writeln!(out, "{text}").unwrap();
    line(format!("{} ({} as printed)", letter.id(), letter.area_as_printed));
    line(format!("inspection {} to {:?}", letter.inspection.start, letter.inspection.end));
    line(format!("letter date {:?}; previous {:?}", letter.letter_date, letter.previous_inspection));
    line(format!(
        "outcome {:?}; statement {:?}; plan {:?}; full {:?}; monitoring {:?}",
        letter.outcome,
        letter.wsoa_required,
        letter.priority_action_plan_required,
        letter.next_full_inspection_months,
        letter.monitoring_inspection_months
    ));
    line(format!("councils {:?}; health {:?}", letter.local_authorities, letter.health_bodies));
    line(format!("submitted by {:?}", letter.responsible_for_statement));
    line(format!("{:?}", letter.counts));
    line(format!("{:?}", letter.revisit));
    for fact in &letter.facts {
        line(format!("fact {} (page {}): {}", fact.field, fact.evidence.page, fact.evidence.quote));
    }
    for suspicion in &letter.suspicious {
        line(format!("suspicious {}: {} ({})", suspicion.field, suspicion.problem, suspicion.quote));
    }
    for p in &letter.passages {
        let verdict = p.verdict.map_or(String::new(), |v| format!(" {v}"));
        let responsible = p.responsible.as_ref().map_or(String::new(), |r| format!(" [{r}]"));
        line(format!(
            "p{} {} {} {}.{}{verdict}{responsible} {}",
            p.page, p.section, p.role, p.paragraph, p.ordinal, p.text
        ));
    }
    out
}

#[test]
fn each_letter_is_read_as_reviewed() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("letters");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (name, fixture) in fixtures() {
            let description = match &fixture.parsed {
                Parsed::Letter(letter) => describe(letter),
                Parsed::SetAside(aside) => {
                    format!(
                        "set aside: {}\nbecause of (page {}): {}\n",
                        aside.what, aside.evidence.page, aside.evidence.quote
                    )
                }
            };
            insta::assert_snapshot!(name, description);
        }
    });
}

/// The bullets and numbered items of the evaluative part of a source text, with single spaces.
fn bullets_of(source: &str) -> Vec<String> {
    let mut bullets: Vec<String> = Vec::new();
    let mut open = false;
    for line in source.lines() {
        let trimmed = line.trim();
        if line.starts_with("Yours") || line.starts_with("## Local area partnership details") {
            break;
        }
        let numbered = trimmed.split_once(". ").filter(|(n, _)| n.parse::<u8>().is_ok()).map(|(_, rest)| rest);
        if let Some(text) = trimmed.strip_prefix("- ").or(numbered) {
            bullets.push(text.to_owned());
            open = true;
        } else if trimmed.is_empty() || trimmed.starts_with(['#', '[', '|', '-']) {
            open = false;
        } else if open && let Some(last) = bullets.last_mut() {
            last.push(' ');
            last.push_str(trimmed);
        }
    }
    bullets
}

#[test]
fn every_bullet_of_the_source_text_is_read_whole_and_nothing_is_invented() {
    let mut bullets = 0;
    for (name, fixture) in fixtures() {
        let Some(letter) = fixture.letter() else { continue };
        let mut units: BTreeSet<String> = BTreeSet::new();
        let mut paragraphs: BTreeMap<_, String> = BTreeMap::new();
        let plain = quote::normalise(&fixture.source.replace("\n- ", "\n").replace("\n  - ", "\n"));
        for passage in &letter.passages {
            for line in passage.text.lines() {
                let line = line.strip_prefix("- ").unwrap_or(line);
                units.insert(line.to_owned());
                assert!(plain.contains(line), "the source of {name} does not have: {line}");
            }
            let paragraph = paragraphs.entry((passage.section, passage.paragraph)).or_default();
            *paragraph = format!("{paragraph} {}", passage.text).trim().to_owned();
        }
        units.extend(paragraphs.into_values());
        for bullet in bullets_of(&fixture.source) {
            bullets += 1;
            // An item may continue with paragraphs or a list of its own.
            let continues = |unit: &String| unit.starts_with(&format!("{bullet} "));
            // Where a revisit restates a weakness, the words that introduce it are not part of it.
            let restated = |unit: &String| {
                letter.revisit.is_some() && bullet.ends_with(unit.as_str()) && unit.len() * 2 > bullet.len()
            };
            let whole = units.contains(&bullet)
                || units.iter().any(restated)
                || bullet.ends_with(['.', ':']) && units.iter().any(continues);
            assert!(whole, "{name}: not read as one bullet: {bullet}");
        }
    }
    assert!(bullets > 300, "only {bullets} bullets were compared");
}

#[test]
fn every_quote_is_found_again_in_the_text_of_its_document() {
    for (name, fixture) in fixtures() {
        let Some(letter) = fixture.letter() else { continue };
        let text = quote::Searchable::new(&fixture.text);
        for passage in &letter.passages {
            assert!(text.contains(&passage.text), "{name}: {}", passage.text);
        }
        for fact in &letter.facts {
            assert!(text.contains(&fact.evidence.quote), "{name}: {}: {}", fact.field, fact.evidence.quote);
        }
    }
}

#[test]
fn formal_items_are_the_same_without_the_structure_of_the_document() {
    let reference = Reference::load(&folder().join("../reference")).unwrap();
    let formal = |letter: &Letter| -> Vec<String> {
        let items = letter.passages.iter().filter(|p| p.role.flags() || p.role == Role::ProgressVerdict);
        items
            .map(|p| {
                let by = p.responsible.as_deref().unwrap_or_default();
                format!("{} {} ({}, {by}, {:?}): {}", p.role, p.ordinal, p.sub_items, p.verdict, p.text)
            })
            .collect()
    };
    let mut compared = 0;
    for (name, fixture) in fixtures() {
        let Some(letter) = fixture.letter().filter(|_| fixture.text.method == Method::Tagged) else { continue };
        let bytes = std::fs::read(folder().join(format!("{name}.pdf"))).unwrap();
        let text = extract(&without_structure(&bytes), &Limits::default()).unwrap();
        assert_eq!(text.method, Method::Layout, "{name}");
        let Ok(Parsed::Letter(again)) = parse(&text, &reference) else { panic!("{name} is not read") };
        assert_eq!(formal(&again), formal(letter), "{name}");
        assert_eq!(again.local_authorities, letter.local_authorities, "{name}");
        assert_eq!(again.health_bodies, letter.health_bodies, "{name}");
        compared += formal(letter).len();
    }
    assert!(compared > 100, "only {compared} items were compared");
}

#[test]
fn every_kind_outcome_and_form_has_a_letter() {
    let fixtures = fixtures();
    let count = |holds: &dyn Fn(&Fixture) -> bool| fixtures.values().filter(|f| holds(f)).count();
    let letters = |holds: &dyn Fn(&Letter) -> bool| count(&|f| f.letter().is_some_and(holds));
    let mut missing = Vec::new();
    let mut need = |what: &str, found: usize, least: usize| {
        if found < least {
            missing.push(format!("{what}: {found} of at least {least}"));
        }
    };
    for (kind, least) in [
        (LetterKind::OutcomeLetter, 11),
        (LetterKind::RevisitLetter, 8),
        (LetterKind::AreaSendFull, 10),
        (LetterKind::AreaSendMonitoring, 3),
    ] {
        need(kind.as_str(), letters(&|l| l.kind == kind), least);
    }
    need("other", count(&|f| f.letter().is_none()), 3);
    for outcome in Outcome::ALL {
        need(outcome.as_str(), letters(&|l| l.outcome == Some(*outcome)), 1);
    }
    need(
        "previous inspection stated as none",
        letters(&|l| l.previous_inspection.status == PreviousStatus::NoneStated),
        1,
    );
    need("several boards", letters(&|l| l.kind.framework().is_some() && l.health_bodies.len() > 1), 2);
    need("statement of one body", letters(&|l| l.responsible_for_statement.len() == 1), 1);
    need("a single weakness", letters(&|l| l.counts.significant_weakness == 1), 1);
    need("items with sub-bullets", letters(&|l| l.passages.iter().any(|p| p.sub_items > 1)), 3);
    need(
        "items of several paragraphs",
        letters(&|l| {
            l.passages.iter().any(|p| {
                p.role.flags() && p.text.lines().any(|line| !line.starts_with("- ")) && p.text.lines().count() > 1
            })
        }),
        2,
    );
    need(
        "weaknesses met and not met",
        letters(&|l| {
            let verdicts: BTreeSet<_> =
                l.passages.iter().filter(|p| p.role == Role::ProgressVerdict).filter_map(|p| p.verdict).collect();
            verdicts.len() == 2
        }),
        3,
    );
    for form in [
        "indirect opening",
        "explained weaknesses",
        "lists above the findings",
        "labelled headings",
        "table",
        "weaknesses in a table",
        "weaknesses in prose",
        "numbered headings",
        "verdicts in prose",
        "strengths beside areas for development",
        "items with lists and notes",
        "columns without lines",
    ] {
        need(form, count(&|f| f.setting("form") == form), 1);
    }
    need(
        "a revisit that gives the days of the inspection before it",
        letters(&|l| l.kind == LetterKind::RevisitLetter && l.previous_inspection.status == PreviousStatus::Found),
        1,
    );
    need(
        "a revisit that says nothing of the inspection before it",
        letters(&|l| l.kind == LetterKind::RevisitLetter && l.previous_inspection.status == PreviousStatus::Absent),
        1,
    );
    need(
        "a revisit that gives only its month",
        letters(&|l| l.kind == LetterKind::RevisitLetter && l.previous_inspection.status == PreviousStatus::Unreadable),
        1,
    );
    need(
        "a monitoring report with verdicts of both kinds",
        letters(&|l| {
            let verdicts: BTreeSet<_> = l.passages.iter().filter_map(|p| p.verdict).collect();
            l.kind == LetterKind::AreaSendMonitoring && verdicts.len() == 2
        }),
        1,
    );
    need(
        "an outcome letter as long as real ones, with a statement",
        count(&|f| f.text.pages >= 4 && f.letter().is_some_and(|l| l.wsoa_required == Some(true))),
        2,
    );
    need(
        "a row of priority actions cut by a page end in both cells",
        count(&|f| {
            let cut = |column| {
                let blocks = f.text.blocks.iter();
                blocks
                    .filter(|b| b.column == Some(column) && !b.page_breaks.is_empty())
                    .map(|b| (b.table, b.row))
                    .next()
            };
            f.letter().is_some_and(|l| l.counts.priority_action > 0) && cut(1).is_some() && cut(1) == cut(2)
        }),
        1,
    );
    let continues_beside = |f: &Fixture, holds: &dyn Fn(&str) -> bool| {
        let rest = |column| {
            let cells = f.text.blocks.iter().filter(move |b| b.column == Some(column) && b.page_breaks.len() == 1);
            cells.map(|b| (b.table, b.row, b.text[b.page_breaks[0].offset..].to_owned()))
        };
        let first_cell = |table, row| {
            let mut cells = f.text.blocks.iter().filter(|b| (b.table, b.row, b.column) == (table, row, Some(1)));
            cells.all(|b| b.page_breaks.is_empty())
        };
        let cut: Vec<_> = rest(2).collect();
        f.letter().is_some_and(|l| l.counts.priority_action > 0)
            && if holds("") {
                cut.iter().any(|(table, row, _)| first_cell(*table, *row))
            } else {
                rest(1).any(|(_, _, text)| holds(&text))
            }
    };
    need(
        "a row of priority actions that continues over a page end beside an empty first cell",
        count(&|f| continues_beside(f, &str::is_empty)),
        1,
    );
    need(
        "a row of priority actions whose first cell leaves a word or two to the next page",
        count(&|f| continues_beside(f, &|rest| (1..=4).contains(&rest.split_whitespace().count()))),
        1,
    );
    need(
        "three items in one cell",
        count(&|f| {
            let cells = f.text.blocks.chunk_by(|a, b| a.table.is_some() && (a.table, a.row) == (b.table, b.row));
            let numbered = |cell: &[sendlens::domain::Block]| {
                let labels = cell.iter().filter_map(|b| b.label.as_ref());
                cell[0].table.is_some() && labels.filter(|l| l.starts_with(|c: char| c.is_ascii_digit())).count() > 2
            };
            cells.into_iter().any(numbered) && f.letter().is_some_and(|l| l.counts.area_for_improvement >= 3)
        }),
        1,
    );
    need(
        "areas for improvement that nothing announces",
        count(&|f| {
            let announced = f.text.blocks.iter().any(|b| b.text.trim().eq_ignore_ascii_case("areas for improvement"));
            f.letter().is_some_and(|l| l.counts.area_for_improvement > 0) && !announced
        }),
        2,
    );
    need(
        "three numbered items together",
        count(&|f| {
            let numbered = |b: &sendlens::domain::Block| {
                b.label.as_ref().is_some_and(|l| l.starts_with(|c: char| c.is_ascii_digit()))
            };
            f.text.blocks.windows(3).any(|w| w.iter().all(numbered))
                && f.letter().is_some_and(|l| l.counts.area_for_improvement >= 3)
        }),
        1,
    );
    for producer in ["libreoffice", "chromium", "typst", "reportlab"] {
        need(producer, count(&|f| f.setting("producer") == producer), 2);
    }
    need("tagged", count(&|f| f.text.method == Method::Tagged), 6);
    need("untagged", count(&|f| f.text.method == Method::Layout), 4);
    for (key, value) in [
        ("headings", "bold"),
        ("bullets", "typed"),
        ("soft_hyphens", "yes"),
        ("ligatures", "yes"),
        ("hyphenate", "yes"),
        ("bullet", "symbol"),
        ("bullet", "drawn"),
    ] {
        need(
            &format!("{key} {value}"),
            count(&|f| f.setting(key) == value || f.setting(key).starts_with(&format!("{value} "))),
            1,
        );
    }
    for (name, fixture) in &fixtures {
        assert!(folder().join(format!("{name}.pdf")).exists(), "{name} has no PDF");
        assert!(!fixture.source.is_empty());
    }
    assert!(missing.is_empty(), "missing among the fixtures: {missing:#?}");
}
