//! In a dataset so large that common words do not rank, searches find every match and bring the best or latest first.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "store/builder.rs"]
#[allow(dead_code)]
mod builder;

use builder::{letter, reference};
use sendlens::query::{Filter, Found, MAX_RANKED_MATCHES, MAX_TERM_FINDINGS, search};
use sendlens::store::{Dataset, FILE_NAME};

/// More than [`MAX_TERM_FINDINGS`] findings on children and as many on families, and a few on both and on portage.
fn dataset(dir: &std::path::Path) -> Dataset {
    let mut dataset = Dataset::open(dir).unwrap();
    reference(&mut dataset);
    let id = letter("901", "2015-03-02").criticism("Seldom seen.", &[]).store(&mut dataset);
    multiply(dir, &id, u32::try_from(MAX_RANKED_MATCHES).unwrap());
    for (start, word) in [("2023-05-15", "children"), ("2024-04-22", "families")] {
        let text = format!("The {word} of each place wait.");
        let id = letter("901", start).criticism(&text, &[]).store(&mut dataset);
        multiply(dir, &id, u32::try_from(MAX_TERM_FINDINGS).unwrap());
    }
    let both = [
        "With portage at hand, and with help in good time, children and their families do not wait.",
        "Portage, and more portage: children and families have it.",
        "Some children have portage.",
        "Families praise portage.",
        "Children and families are heard.",
    ];
    let draft = both.iter().fold(letter("902", "2022-02-07"), |draft, text| draft.praise(text, &[]));
    draft.store(&mut dataset);
    // So many letters that a search that is too broad does not look into each of them.
    for n in 0..300 {
        let start = format!("{}-{:02}-{:02}", 2010 + n / 100, 1 + n / 10 % 10, 1 + n % 10);
        letter("904", &start).praise("Nobody waits.", &[]).store(&mut dataset);
    }
    letter("903", "2025-03-10").praise("Families and children agree.", &[]).store(&mut dataset);
    dataset
}

/// Repeats the only finding of a letter so many times, which is faster than recording a letter of that length.
fn multiply(dir: &std::path::Path, letter: &str, times: u32) {
    let connection = rusqlite::Connection::open(dir.join(FILE_NAME)).unwrap();
    let added = connection.execute(
        "WITH RECURSIVE more (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM more WHERE n <= ?2)
         INSERT INTO all_findings (letter_no, position, id, role, section, ordinal, paragraph, polarity, cue, text, page, sub_items)
         SELECT f.letter_no, n, f.id || n, f.role, f.section, n, n, f.polarity, f.cue, f.text, f.page, f.sub_items
         FROM more, all_findings AS f JOIN all_letters AS l ON l.letter_no = f.letter_no WHERE l.id = ?1 AND f.position = 1",
        rusqlite::params![letter, times],
    );
    assert_eq!(added.unwrap(), times as usize);
    let indexed = connection.execute(
        "UPDATE finding_index SET findings = unhex(replace(hex(zeroblob(?2 + 1)), '00', hex(findings)))
         WHERE letter_no = (SELECT letter_no FROM all_letters WHERE id = ?1)",
        rusqlite::params![letter, times],
    );
    assert_eq!(indexed.unwrap(), 1);
}

fn texts(found: &Found) -> Vec<&str> {
    found.hits.iter().map(|hit| hit.finding.text.as_str()).collect()
}

#[test]
fn common_words_find_but_do_not_rank() {
    let dir = tempfile::tempdir().unwrap();
    let dataset = dataset(dir.path());
    let page = Filter { limit: Some(20), ..Filter::default() };
    let ask = |query: &str| search(&dataset, query, &page).unwrap();

    let portage = ask("portage");
    assert_eq!((portage.total, portage.ranked), (Some(4), true));

    // A match has every word. The order is that of the rare word alone.
    for (query, words) in [
        ("portage children", &["children"][..]),
        ("families AND portage", &["amilies"]),
        ("children families portage", &["children", "families"]),
        ("portage NOT families", &[]),
        ("NEAR(children portage, 3)", &["children"]),
        ("portage AND (children OR families)", &[]),
    ] {
        let found = ask(query);
        let mut expected = texts(&portage);
        expected.retain(|text| words.iter().all(|word| text.contains(word)));
        match query {
            "portage NOT families" => expected.retain(|text| !text.to_lowercase().contains("families")),
            // Within three words of each other in all but the longest.
            "NEAR(children portage, 3)" => expected.retain(|text| !text.starts_with("With")),
            _ => {}
        }
        assert!(!expected.is_empty() && found.ranked, "{query}");
        assert_eq!((texts(&found), found.total), (expected.clone(), Some(expected.len())), "{query}");
    }

    // Among very many matches the latest come first.
    let seldom = ask("seldom");
    assert_eq!((seldom.total, seldom.ranked), (Some(MAX_RANKED_MATCHES + 1), false));
    assert_eq!(seldom.facets["area"], [("901".to_owned(), MAX_RANKED_MATCHES + 1)]);

    // Where all words are common nothing ranks: the latest come first, and in the order of the letter.
    let both = ask("children AND families");
    assert_eq!((both.total, both.ranked), (Some(4), false));
    assert_eq!(
        texts(&both),
        [
            "Families and children agree.",
            "With portage at hand, and with help in good time, children and their families do not wait.",
            "Portage, and more portage: children and families have it.",
            "Children and families are heard.",
        ]
    );
    assert_eq!(both.facets["area"], [("902".to_owned(), 3), ("903".to_owned(), 1)]);
    let narrowed = Filter { areas: vec!["903".into()], ..page.clone() };
    assert_eq!(texts(&search(&dataset, "children families", &narrowed).unwrap()), ["Families and children agree."]);

    // Too many to count: what was recorded last comes first, and a filter still holds.
    let broad = ask("wait");
    assert_eq!((broad.total, broad.ranked, texts(&broad)), (None, false, vec!["Nobody waits."; 20]));
    let earlier = Filter { until: Some("2024-12-31".parse().unwrap()), offset: 299, limit: Some(3), ..page.clone() };
    let earlier = search(&dataset, "wait", &earlier).unwrap();
    assert_eq!(earlier.total, None);
    assert_eq!(
        texts(&earlier),
        [
            "Nobody waits.",
            "With portage at hand, and with help in good time, children and their families do not wait.",
            "The families of each place wait."
        ]
    );

    // Where the filter leaves few letters, each of them is looked into.
    let since = Filter { since: Some("2022-01-01".parse().unwrap()), ..page.clone() };
    let since = search(&dataset, "wait", &since).unwrap();
    assert_eq!(
        (since.total, since.ranked, texts(&since)[0]),
        (Some(2 * (MAX_TERM_FINDINGS + 1) + 1), false, "The families of each place wait.")
    );

    // A snapshot keeps which findings contain a word; the answers stay the same, each time.
    let asked = [
        "portage children",
        "families AND portage",
        "portage OR heard",
        "portage NOT families",
        "NEAR(children portage, 3) AND children",
        "\"more portage\" OR (heard NOT nobody)",
        "children AND families",
        "chil* NOT wait",
        "nothing AND nobody",
    ];
    let before = asked.map(ask);
    dataset.begin_snapshot().unwrap();
    for _ in 0..2 {
        assert_eq!(asked.map(ask), before);
    }
}
