//! Items that say the same in other words are grouped, others are not, and every count of a group is right.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "store/builder.rs"]
#[allow(dead_code)]
mod builder;

use std::collections::{BTreeMap, BTreeSet};

use builder::{letter, reference};
use sendlens::domain::Role;
use sendlens::query::{Filter, Group, Recurring, recurring};
use sendlens::store::Dataset;

fn open() -> (tempfile::TempDir, Dataset) {
    let dir = tempfile::tempdir().unwrap();
    let mut dataset = Dataset::open(dir.path()).unwrap();
    reference(&mut dataset);
    (dir, dataset)
}

fn texts(group: &Group) -> BTreeSet<&str> {
    group.others.iter().chain([&group.exemplar]).map(|member| member.text.as_str()).collect()
}

#[test]
fn items_that_say_the_same_in_other_words_are_grouped_and_others_are_not() {
    let (_dir, mut d) = open();
    let waits = &["waiting-times"][..];
    letter("901", "2023-03-06")
        .improve("Leaders should reduce waiting times for speech and language therapy.", waits)
        .store(&mut d);
    letter("902", "2024-03-04")
        .improve("The partnership should reduce the long waits for speech and language therapies.", waits)
        .store(&mut d);
    letter("903", "2024-05-13")
        .improve("Partners must reduce waiting times for speech and language therapy so that no child waits.", waits)
        .store(&mut d);
    letter("904", "2024-06-10").improve("Leaders should publish reliable data on wheelchairs.", waits).store(&mut d);
    letter("905", "2024-07-08")
        .improve("Reduce waiting times for speech and language therapy.", &["transitions"])
        .store(&mut d);
    let answer = recurring(&d, &Filter::default()).unwrap();
    assert_eq!(answer.groups.len(), 1, "{:?}", answer.groups);
    let group = &answer.groups[0];
    assert_eq!(
        (group.theme.as_str(), group.areas, group.items, &*group.years),
        ("waiting-times", 3, 3, &[2023, 2024][..])
    );
    assert!(group.shared_words.iter().any(|w| w == "speech"), "{:?}", group.shared_words);
    assert_eq!(recurring(&d, &Filter { themes: vec!["transitions".into()], ..Filter::default() }).unwrap().groups, []);
    let weaknesses = Filter { roles: vec![Role::SignificantWeakness], ..Filter::default() };
    assert_eq!(recurring(&d, &weaknesses).unwrap().groups, []);
}

#[test]
fn one_area_that_says_the_same_twice_makes_no_group() {
    let (_dir, mut d) = open();
    let same = "Leaders should reduce waiting times for speech and language therapy.";
    letter("901", "2023-03-06").improve(same, &["waiting-times"]).store(&mut d);
    letter("901", "2025-03-03").improve(same, &["waiting-times"]).store(&mut d);
    assert_eq!(recurring(&d, &Filter::default()).unwrap().groups, []);
    letter("902", "2025-03-03").improve(same, &["waiting-times"]).store(&mut d);
    let groups = recurring(&d, &Filter::default()).unwrap().groups;
    assert_eq!((groups.len(), groups[0].areas, groups[0].items, &*groups[0].years), (1, 2, 3, &[2023, 2025][..]));
    assert!(groups[0].others.iter().all(|member| (member.similarity - 1.0).abs() < 1e-9));
}

#[test]
fn the_same_items_under_two_themes_are_one_group() {
    let (_dir, mut d) = open();
    let same = "Leaders should reduce waiting times for speech and language therapy.";
    for code in ["901", "902"] {
        letter(code, "2023-03-06").improve(same, &["waiting-times", "identification"]).store(&mut d);
    }
    letter("903", "2023-03-06").improve(same, &["transitions"]).store(&mut d);
    letter("904", "2023-03-06").improve(same, &["transitions"]).store(&mut d);
    let answer = recurring(&d, &Filter::default()).unwrap();
    let themes: Vec<(&str, &[String])> = answer.groups.iter().map(|g| (g.theme.as_str(), &*g.also)).collect();
    assert_eq!(themes, [("identification", &["waiting-times".to_owned()][..]), ("transitions", &[])]);
    let asked = Filter { themes: vec!["waiting-times".into()], ..Filter::default() };
    assert_eq!(recurring(&d, &asked).unwrap().groups[0].theme, "waiting-times");
}

#[derive(serde::Deserialize)]
struct Statement {
    theme: String,
    /// A word for its meaning: statements with the same word say the same.
    says: String,
    text: String,
}

/// Statements like formal items, written for this test, each about an area of its own. They are recorded in steps of
/// `step`.
fn record_statements(step: usize) -> (Vec<Statement>, Recurring) {
    let lines = include_str!("recurring/statements.jsonl").lines();
    let statements: Vec<Statement> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    let dir = tempfile::tempdir().unwrap();
    let mut d = Dataset::open(dir.path()).unwrap();
    for place in 0..statements.len() {
        let place = (place * step) % statements.len();
        let Statement { theme, text, .. } = &statements[place];
        letter(&format!("{}", 100 + place), "2024-03-04").improve(text, &[theme]).store(&mut d);
    }
    let answer = recurring(&d, &Filter::default()).unwrap();
    (statements, answer)
}

#[test]
fn statements_are_grouped_only_where_they_say_the_same() {
    let (statements, answer) = record_statements(1);
    let says: BTreeMap<&str, &str> = statements.iter().map(|s| (s.text.as_str(), s.says.as_str())).collect();
    let mut grouped = 0;
    for group in &answer.groups {
        let meant: BTreeSet<&str> = texts(group).into_iter().map(|text| says[text]).collect();
        assert_eq!(meant.len(), 1, "statements that differ are grouped: {:?}", texts(group));
        grouped += group.items * (group.items - 1) / 2;
    }
    let mut sizes: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for statement in &statements {
        *sizes.entry((&statement.theme, &statement.says)).or_default() += 1;
    }
    let alike: usize = sizes.values().map(|n| n * (n - 1) / 2).sum();
    assert_eq!((grouped, alike), (30, 58), "pairs that say the same: grouped, and all");
}

#[test]
fn groups_do_not_depend_on_the_order_of_recording() {
    let (list, first) = record_statements(1);
    // A step that has no factor in common with the number of statements reaches each of them once.
    assert!(list.len() % 5 != 0 && list.len() % 2 != 0, "{} statements", list.len());
    for step in [2, 5] {
        assert_eq!(record_statements(step).1.groups, first.groups, "recorded in steps of {step}");
    }
}
