//! Answers about invented areas have the figures that can be counted by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "store/builder.rs"]
#[allow(dead_code)]
mod builder;
#[path = "query/confident.rs"]
mod confident;

use builder::{day, failed, letter, local_file, occasion, reference, set_aside, web_publication};
use sendlens::domain::{Framework, JoinedBy, LetterKind, Outcome, Polarity, Publication, Region, Role, Verdict};
use sendlens::query::{
    Basis, By, Change, Filter, Kinds, Standing, areas, changes, count_findings, count_letters, facets, findings,
    history, letters, peers, search, show, stats, status, themes,
};
use sendlens::store::Dataset;

/// Eight letters about five of the six areas, one document set aside and one failed.
fn dataset() -> (tempfile::TempDir, Dataset) {
    let dir = tempfile::tempdir().unwrap();
    let mut dataset = Dataset::open(dir.path()).unwrap();
    reference(&mut dataset);
    let d = &mut dataset;
    letter("901", "2017-05-08")
        .outcome_letter(true)
        .weakness("the lack of early identification", &["identification"])
        .weakness("poor transitions to adult services", &["transitions"])
        .says(Role::Strength, Polarity::Strength, "Leaders know families well.", &["leadership"])
        .store(d);
    letter("901", "2019-02-04")
        .revisit_letter(1, 1)
        .verdict("The area has made sufficient progress.", Verdict::Sufficient, &["identification"])
        .verdict("The area has not made sufficient progress.", Verdict::Insufficient, &["transitions"])
        .store(d);
    letter("901", "2024-03-18")
        .improve("Leaders should identify needs earlier and cut waiting.", &["identification", "waiting-times"])
        .improve("Leaders should shorten waiting lists.", &["waiting-times"])
        .criticism("Too many children wait.", &["waiting-times"])
        .store(d);
    letter("902", "2023-06-05")
        .improve("Partners should cut waits.", &["waiting-times"])
        .praise("Leadership is strong.", &["leadership"])
        .store(d);
    letter("903", "2024-09-09")
        .outcome(Outcome::WidespreadFailings)
        .priority("Leaders must act on waits at once, because children are harmed.", &["waiting-times", "leadership"])
        .improve("Leaders should plan transitions.", &["transitions"])
        .store(d);
    letter("904", "2024-11-11").outcome(Outcome::TypicallyPositive).improve("Train.", &["leadership"]).store(d);
    letter("905", "2018-05-14").outcome_letter(true).weakness("the quality of transitions", &["transitions"]).store(d);
    letter("905", "2025-01-13").praise("Families praise leaders.", &["leadership"]).store(d);
    d.record(&local_file("jtai.pdf"), &set_aside("jtai"), &occasion()).unwrap();
    d.record(&web_publication("9", None), &failed("<html>"), &occasion()).unwrap();
    (dir, dataset)
}

fn ids(dataset: &Dataset, filter: &Filter) -> Vec<String> {
    letters(dataset, filter).unwrap().into_iter().map(|l| l.id).collect()
}

#[test]
fn letters_that_pass_every_filter_come_latest_first() {
    let (_dir, d) = dataset();
    let all = ids(&d, &Filter::default());
    assert_eq!(all.len(), 8);
    assert_eq!((&*all[0], &*all[7]), ("905-2025-01-13-full", "901-2017-05-08-outcome"));
    let of = |filter: Filter| ids(&d, &filter);
    assert_eq!(of(Filter { areas: vec!["901".into()], ..Filter::default() }).len(), 3);
    assert_eq!(of(Filter { regions: vec![Region::London], ..Filter::default() }), [""; 0]);
    assert_eq!(of(Filter { neighbours_of: Some("901".into()), ..Filter::default() }).len(), 4);
    assert_eq!(of(Filter { frameworks: vec![Framework::F2016], ..Filter::default() }).len(), 3);
    let year = Filter { since: Some(day("2024-03-18")), until: Some(day("2024-11-11")), ..Filter::default() };
    assert_eq!(of(year), ["904-2024-11-11-full", "903-2024-09-09-full", "901-2024-03-18-full"]);
    let kinds = Kinds::Only(vec![LetterKind::RevisitLetter]);
    assert_eq!(of(Filter { kinds, ..Filter::default() }), ["901-2019-02-04-revisit"]);
    let priority = Filter { roles: vec![Role::PriorityAction], ..Filter::default() };
    assert_eq!(of(priority), ["903-2024-09-09-full"]);
    let praised =
        Filter { themes: vec!["leadership".into()], polarities: vec![Polarity::Strength], ..Filter::default() };
    assert_eq!(of(praised), ["905-2025-01-13-full", "902-2023-06-05-full", "901-2017-05-08-outcome"]);
    assert_eq!(of(Filter { limit: Some(2), ..Filter::default() }).len(), 2);
}

#[test]
fn documents_set_aside_are_shown_only_on_request() {
    let (_dir, d) = dataset();
    let other = letters(&d, &Filter { kinds: Kinds::Only(vec![LetterKind::Other]), ..Filter::default() }).unwrap();
    assert_eq!(other.len(), 1);
    assert_eq!(
        (other[0].kind, other[0].file.as_deref(), other[0].area.as_deref()),
        (LetterKind::Other, Some("jtai.pdf"), None)
    );
    assert_eq!(ids(&d, &Filter { kinds: Kinds::All, ..Filter::default() }).len(), 9);
    let narrowed = Filter { kinds: Kinds::All, areas: vec!["901".into()], ..Filter::default() };
    assert_eq!(ids(&d, &narrowed).len(), 3, "a document set aside has no area");
}

#[test]
fn a_letter_has_the_agreed_fields() {
    let (_dir, d) = dataset();
    let letters = letters(&d, &Filter { areas: vec!["903".into()], ..Filter::default() }).unwrap();
    insta::assert_json_snapshot!(letters[0]);
}

#[test]
fn a_finding_has_the_agreed_fields() {
    let (_dir, d) = dataset();
    let found = findings(&d, &Filter { areas: vec!["903".into()], ..Filter::default() }).unwrap();
    assert_eq!(found.len(), 2);
    insta::assert_json_snapshot!(found[0]);
}

#[test]
fn findings_are_filtered_by_theme_role_and_polarity_together() {
    let (_dir, d) = dataset();
    let texts =
        |filter: Filter| -> Vec<String> { findings(&d, &filter).unwrap().into_iter().map(|f| f.text).collect() };
    let waiting = || Filter { themes: vec!["waiting-times".into()], ..Filter::default() };
    assert_eq!(texts(waiting()).len(), 5);
    assert_eq!(texts(Filter { roles: vec![Role::Narrative], ..waiting() }), ["Too many children wait."]);
    assert_eq!(texts(Filter { polarities: vec![Polarity::Strength], ..waiting() }), [""; 0]);
    assert_eq!(
        texts(Filter { limit: Some(2), ..waiting() }),
        [
            "Leaders must act on waits at once, because children are harmed.",
            "Leaders should identify needs earlier and cut waiting."
        ]
    );
    let error = findings(&d, &Filter { themes: vec!["waiting-time".into()], ..Filter::default() }).unwrap_err();
    assert_eq!(error.code(), "unknown_theme");
    assert!(error.to_string().contains("did you mean waiting-times"), "{error}");
}

#[test]
fn theme_shares_count_letters_that_can_be_flagged() {
    let (_dir, d) = dataset();
    let answer = themes(&d, &Filter::default(), None).unwrap();
    // Seven letters: the revisit letter cannot flag and is named among what was left out.
    assert_eq!((answer.scope.letters, answer.scope.areas), (7, 5));
    let left: Vec<(&str, usize)> = answer.scope.left_out.iter().map(|l| (l.what.as_str(), l.count)).collect();
    assert_eq!(
        left,
        [
            ("revisit letters, which judge progress on earlier weaknesses", 1),
            ("documents that could not be fetched or read", 1)
        ]
    );
    let counted: Vec<(&str, usize, usize)> =
        answer.rows.iter().map(|r| (r.theme.as_str(), r.letters, r.of_letters)).collect();
    assert_eq!(
        counted,
        [("waiting-times", 3, 7), ("transitions", 3, 7), ("identification", 2, 7), ("leadership", 2, 7)]
    );
    let (low, high) = stats::wilson(3, 7).unwrap();
    let first = &answer.rows[0].share;
    assert_eq!((first.share, first.low, first.high), (Some(3.0 / 7.0), Some(low), Some(high)));
    assert!(answer.rows.iter().all(|r| r.small), "seven letters are too few to rank");
    insta::assert_json_snapshot!(answer.rows[0]);
}

#[test]
fn theme_shares_by_group_have_their_own_denominators() {
    let (_dir, d) = dataset();
    let counted = |by: By, theme: &str, filter: &Filter| -> Vec<(String, usize, usize)> {
        let rows = themes(&d, filter, Some(by)).unwrap().rows;
        rows.into_iter().filter(|r| r.theme == theme).map(|r| (r.value.unwrap(), r.letters, r.of_letters)).collect()
    };
    let of = |parts: &[(&str, usize, usize)]| -> Vec<(String, usize, usize)> {
        parts.iter().map(|(v, n, m)| ((*v).to_owned(), *n, *m)).collect()
    };
    let all = Filter::default();
    assert_eq!(
        counted(By::Year, "transitions", &all),
        of(&[("2017", 1, 1), ("2018", 1, 1), ("2023", 0, 1), ("2024", 1, 3), ("2025", 0, 1)])
    );
    assert_eq!(counted(By::Framework, "transitions", &all), of(&[("2016", 2, 2), ("2023", 1, 5)]));
    assert_eq!(counted(By::LaType, "leadership", &all), of(&[("county", 0, 3), ("unitary_authority", 2, 4)]));
    assert_eq!(
        counted(By::Outcome, "waiting-times", &Filter { frameworks: vec![Framework::F2023], ..Filter::default() }),
        of(&[("inconsistent", 2, 3), ("typically_positive", 0, 1), ("widespread_failings", 1, 1)])
    );
    let verdicts = Filter { roles: vec![Role::ProgressVerdict], ..Filter::default() };
    assert_eq!(counted(By::Region, "transitions", &verdicts), of(&[("South West", 1, 1)]));
    let praise = Filter { polarities: vec![Polarity::Strength], ..Filter::default() };
    assert_eq!(counted(By::Framework, "leadership", &praise), of(&[("2016", 1, 3), ("2023", 2, 5)]));
}

#[test]
fn no_letters_give_no_share_rather_than_zero() {
    let (_dir, d) = dataset();
    let answer = themes(&d, &Filter { regions: vec![Region::London], ..Filter::default() }, None).unwrap();
    assert_eq!(answer.rows.len(), 4);
    assert!(answer.rows.iter().all(|r| r.of_letters == 0 && r.share.share.is_none() && r.share.low.is_none()));
}

#[test]
fn every_area_has_a_standing_from_both_frameworks() {
    let (_dir, d) = dataset();
    let rows = areas(&d, &Filter::default(), day("2026-06-01")).unwrap();
    let standing: Vec<(&str, Option<Standing>, Option<&str>, usize)> =
        rows.iter().map(|r| (r.area.as_str(), r.standing, r.standing_from, r.letters)).collect();
    assert_eq!(
        standing,
        [
            ("Ambleford", Some(Standing::Inconsistent), Some("letter"), 3),
            ("Brackwater", Some(Standing::Inconsistent), Some("letter"), 1),
            ("Coldmere", Some(Standing::WidespreadFailings), Some("letter"), 1),
            ("Dunholt", Some(Standing::TypicallyPositive), Some("letter"), 1),
            ("Eastmarsh", Some(Standing::Inconsistent), Some("letter"), 2),
            ("Fenwick and Gale", Some(Standing::NotInspected), None, 0),
        ]
    );
    insta::assert_json_snapshot!(rows[2]);
}

#[test]
fn due_dates_run_from_the_inspection_and_overdue_depends_on_the_day_given() {
    let (_dir, mut d) = dataset();
    let coldmere = |d: &Dataset, today: &str| {
        areas(d, &Filter { areas: vec!["903".into()], ..Filter::default() }, day(today)).unwrap().remove(0)
    };
    let row = coldmere(&d, "2026-03-09");
    assert_eq!((row.next_full_inspection_due, row.monitoring_due), (Some(day("2027-09-09")), Some(day("2026-03-09"))));
    assert!(!row.overdue, "due today is not overdue");
    assert!(coldmere(&d, "2026-03-10").overdue);
    // A monitoring inspection settles the first date and not the second.
    let mut monitoring = letter("903", "2026-02-02").revisit_letter(1, 0);
    monitoring.letter.kind = LetterKind::AreaSendMonitoring;
    monitoring.store(&mut d);
    let row = coldmere(&d, "2026-03-10");
    assert_eq!((row.monitoring_due, row.overdue, row.standing), (None, false, Some(Standing::WidespreadFailings)));
    assert_eq!(row.latest_letter.unwrap().id, "903-2026-02-02-monitoring");
    assert!(coldmere(&d, "2027-09-10").overdue);
}

#[test]
fn the_register_gives_the_standing_where_the_letter_is_missing() {
    let dir = tempfile::tempdir().unwrap();
    let mut d = Dataset::open(dir.path()).unwrap();
    reference(&mut d);
    let only = Filter { areas: vec!["905".into()], ..Filter::default() };
    let row = areas(&d, &only, day("2026-01-01")).unwrap().remove(0);
    assert_eq!((row.standing, row.standing_from), (Some(Standing::WsoaProgressNotAll), Some("register")));
    assert_eq!((row.standing_since, row.letters, row.latest_letter), (Some(day("2020-01-20")), 0, None));
    // A letter about the first inspection does not hide that there was a revisit.
    letter("905", "2018-05-14").outcome_letter(true).store(&mut d);
    let row = areas(&d, &only, day("2026-01-01")).unwrap().remove(0);
    assert_eq!((row.standing, row.letters), (Some(Standing::WsoaProgressNotAll), 1));
}

#[test]
fn peers_are_counted_by_area_against_all_england() {
    let (_dir, d) = dataset();
    let answer = peers(&d, "901", &Basis::Neighbours, &Filter::default()).unwrap();
    let names: Vec<(&str, Option<&str>, usize)> =
        answer.peers.iter().map(|p| (p.area.as_str(), p.closeness.as_deref(), p.letters.len())).collect();
    assert_eq!(
        names,
        [
            ("Brackwater", Some("very close"), 1),
            ("Coldmere", Some("close"), 1),
            ("Eastmarsh", Some("somewhat close"), 2)
        ]
    );
    let of = |id: &str| answer.themes.iter().find(|t| t.theme == id).unwrap();
    let waiting = of("waiting-times");
    assert_eq!((waiting.peers_flagged, waiting.of_peers), (2, 3));
    assert_eq!((waiting.national_flagged, waiting.of_areas), (3, 5));
    let difference = waiting.difference.unwrap();
    assert!((difference - (2.0 / 3.0 - 3.0 / 5.0)).abs() < 1e-12);
    assert!(waiting.difference_low.unwrap() < difference && difference < waiting.difference_high.unwrap());
    assert_eq!((waiting.flagged_here, of("leadership").flagged_here), (Some(true), Some(false)));
    assert!(waiting.small, "three peers cannot be ranked");
    assert_eq!(of("identification").peers_flagged, 0);
    // The narrower item comes first, and each peer comes once.
    let quoted: Vec<(&str, &str)> = waiting.quotes.iter().map(|q| (q.area.as_str(), q.text.as_str())).collect();
    assert_eq!(quoted[0], ("Brackwater", "Partners should cut waits."));
    assert_eq!((quoted.len(), quoted[1].0, waiting.quotes[1].page), (2, "Coldmere", 3));
    insta::assert_json_snapshot!(answer);
}

#[test]
fn peers_without_a_letter_in_scope_are_named_and_do_not_count() {
    let (_dir, d) = dataset();
    let old = Filter { frameworks: vec![Framework::F2016], ..Filter::default() };
    let answer = peers(&d, "901", &Basis::Neighbours, &old).unwrap();
    assert_eq!(answer.without_letter, ["Brackwater", "Coldmere"]);
    assert_eq!((answer.peers.len(), answer.themes[0].of_peers), (1, 1));
    let london = peers(&d, "906", &Basis::Region, &Filter::default()).unwrap();
    assert!(london.peers.is_empty() && london.themes.iter().all(|t| t.share.share.is_none() && t.difference.is_none()));
    assert_eq!(london.themes[0].flagged_here, None);
}

#[test]
fn peers_are_those_of_a_region_of_a_type_all_or_named() {
    let (_dir, d) = dataset();
    let counted = |basis: Basis| peers(&d, "904", &basis, &Filter::default()).unwrap();
    assert_eq!(counted(Basis::Region).peers.len(), 4);
    assert_eq!(counted(Basis::Type).peers.len(), 2);
    let all = counted(Basis::All);
    assert_eq!((all.peers.len(), &*all.without_letter), (4, &["Fenwick and Gale".to_owned()][..]));
    assert_eq!(counted(Basis::List(vec!["903".into(), "904".into()])).peers.len(), 1, "an area is not its own peer");
    assert_eq!(peers(&d, "000", &Basis::All, &Filter::default()).unwrap_err().code(), "unknown_area");
}

#[test]
fn a_search_finds_ranks_marks_and_filters_findings() {
    let (_dir, d) = dataset();
    let found = search(&d, "wait* NOT harmed", &Filter::default()).unwrap();
    assert_eq!((found.total, found.ranked), (Some(4), true));
    let marked: String =
        found.hits[0].segments.iter().map(|s| if s.hit { format!("[{}]", s.text) } else { s.text.clone() }).collect();
    assert!(marked.contains("[wait"), "{marked}");
    for hit in &found.hits {
        assert_eq!(hit.segments.iter().map(|s| s.text.as_str()).collect::<String>(), hit.finding.text);
    }
    let year = &found.facets["year"];
    assert_eq!(year, &[("2024".to_owned(), 3), ("2023".to_owned(), 1)]);
    let one = Filter { areas: vec!["902".into()], ..Filter::default() };
    let only: Vec<String> = search(&d, "waits", &one).unwrap().hits.into_iter().map(|h| h.finding.text).collect();
    assert_eq!(only, ["Partners should cut waits."]);
    let narrative = Filter { roles: vec![Role::Narrative], ..Filter::default() };
    assert_eq!(search(&d, "wait", &narrative).unwrap().total, Some(1));
    let second = search(&d, "wait", &Filter { limit: Some(1), offset: 1, ..Filter::default() }).unwrap();
    assert_eq!((second.total, second.hits.len()), (Some(5), 1));
    let phrase = search(&d, "\"waiting lists\"", &Filter::default()).unwrap();
    assert_eq!(phrase.total, Some(1));
    assert_eq!(search(&d, "NEAR(identify waiting, 6)", &Filter::default()).unwrap().total, Some(1));
    assert_eq!(search(&d, "NEAR(identify waiting, 1)", &Filter::default()).unwrap().total, Some(0));
    assert_eq!(search(&d, "(", &Filter::default()).unwrap_err().code(), "search_syntax");
}

/// The filter with one value of a facet chosen as well.
fn chosen(filter: &Filter, facet: &str, value: &str) -> Filter {
    let mut filter = filter.clone();
    match facet {
        "theme" => filter.themes = vec![value.into()],
        "role" => filter.roles = vec![value.parse().unwrap()],
        "polarity" => filter.polarities = vec![value.parse().unwrap()],
        "area" => filter.areas = vec![value.into()],
        "region" => filter.regions = vec![value.parse().unwrap()],
        "la_type" => filter.la_types = vec![value.parse().unwrap()],
        "kind" => filter.kinds = Kinds::Only(vec![value.parse().unwrap()]),
        "framework" => filter.frameworks = vec![value.parse().unwrap()],
        "outcome" => filter.outcomes = vec![value.parse().unwrap()],
        "year" => {
            filter.since = Some(day(&format!("{value}-01-01")));
            filter.until = Some(day(&format!("{value}-12-31")));
        }
        other => panic!("{other} is not a facet"),
    }
    filter
}

#[test]
fn the_count_of_a_facet_is_what_choosing_it_leaves() {
    let (_dir, d) = dataset();
    let all = facets(&d, &Filter::default()).unwrap();
    let names: Vec<&str> = all.keys().copied().collect();
    assert_eq!(
        names,
        ["area", "framework", "kind", "la_type", "outcome", "polarity", "region", "role", "theme", "year"]
    );
    let of = |parts: &[(&str, usize)]| -> Vec<(String, usize)> {
        parts.iter().map(|(value, count)| ((*value).to_owned(), *count)).collect()
    };
    assert_eq!(
        all["theme"],
        of(&[("leadership", 5), ("waiting-times", 5), ("transitions", 4), ("identification", 3)]),
        "most frequent first, then by name"
    );
    assert_eq!(all["polarity"], of(&[("weakness", 11), ("strength", 4)]));
    assert_eq!(all["area"][0], ("901".to_owned(), 8));
    let filters = [
        Filter::default(),
        Filter { roles: vec![Role::AreaForImprovement], ..Filter::default() },
        Filter { themes: vec!["waiting-times".into()], ..Filter::default() },
        Filter { frameworks: vec![Framework::F2023], polarities: vec![Polarity::Weakness], ..Filter::default() },
    ];
    for filter in &filters {
        let words = "wait* OR leader* OR transition*";
        let found = search(&d, words, filter).unwrap();
        // Choosing a theme beside a theme means either of them, while the count is of those that have both.
        let plain = |facet: &str| facet != "theme" || filter.themes.is_empty();
        for (facet, values) in facets(&d, filter).unwrap().into_iter().filter(|(facet, _)| plain(facet)) {
            for (value, count) in values {
                let narrowed = chosen(filter, facet, &value);
                assert_eq!(findings(&d, &narrowed).unwrap().len(), count, "{facet} {value} of {filter:?}");
                assert_eq!(count_findings(&d, &narrowed).unwrap(), count);
            }
        }
        for (facet, values) in found.facets.iter().filter(|(facet, _)| plain(facet)) {
            for (value, count) in values {
                let narrowed = search(&d, words, &chosen(filter, facet, value)).unwrap();
                assert_eq!(narrowed.total, Some(*count), "{facet} {value} of {filter:?}");
            }
        }
    }
    let both = facets(&d, &filters[2]).unwrap();
    assert_eq!(both["theme"], of(&[("waiting-times", 5), ("identification", 1), ("leadership", 1)]));
    assert_eq!(facets(&d, &Filter { regions: vec![Region::London], ..Filter::default() }).unwrap().len(), 0);
    let unknown = Filter { themes: vec!["weather".into()], ..Filter::default() };
    assert_eq!(facets(&d, &unknown).unwrap_err().code(), "unknown_theme");
}

#[test]
fn a_history_joins_verdicts_with_weaknesses_and_names_what_came_back() {
    let (_dir, d) = dataset();
    let history = history(&d, "901", &Filter::default(), day("2026-01-01")).unwrap();
    let ids: Vec<&str> = history.inspections.iter().map(|i| i.letter.id.as_str()).collect();
    assert_eq!(ids, ["901-2017-05-08-outcome", "901-2019-02-04-revisit", "901-2024-03-18-full"]);
    let weaknesses: Vec<(&str, Option<Verdict>, JoinedBy)> = history.inspections[0]
        .items
        .iter()
        .filter(|i| i.finding.role == Role::SignificantWeakness)
        .map(|i| (i.finding.text.as_str(), i.followed_up[0].verdict, i.followed_up[0].joined_by))
        .collect();
    assert_eq!(
        weaknesses,
        [
            ("the lack of early identification", Some(Verdict::Sufficient), JoinedBy::Position),
            ("poor transitions to adult services", Some(Verdict::Insufficient), JoinedBy::Position),
        ]
    );
    assert!(history.inspections[1].items.iter().all(|i| i.finding.judges.is_some()));
    let again: Vec<(&str, Vec<&str>)> = history
        .recurrences
        .iter()
        .map(|r| (r.theme.as_str(), r.flagged_at.iter().map(|f| f.letter_id.as_str()).collect()))
        .collect();
    assert_eq!(again, [("identification", vec!["901-2017-05-08-outcome", "901-2024-03-18-full"])]);
    assert_eq!(history.standing.as_ref().unwrap().standing, Some(Standing::Inconsistent));
    assert!(history.not_held.is_empty());
}

#[test]
fn verdicts_are_joined_by_wording_whatever_their_order() {
    let dir = tempfile::tempdir().unwrap();
    let mut d = Dataset::open(dir.path()).unwrap();
    reference(&mut d);
    letter("902", "2017-05-08")
        .outcome_letter(true)
        .weakness("the lack of an accurate and timely identification of needs", &["identification"])
        .weakness("poor transitions from school to adult services", &["transitions"])
        .weakness("the quality of joint leadership", &["leadership"])
        .store(&mut d);
    letter("902", "2019-05-06")
        .revisit_letter(1, 1)
        .verdict("The transitions from school to adult services remain poor.", Verdict::Insufficient, &["transitions"])
        .verdict("Identification of needs is now accurate and timely.", Verdict::Sufficient, &["identification"])
        .store(&mut d);
    let history = history(&d, "902", &Filter::default(), day("2026-01-01")).unwrap();
    let joined: Vec<Option<(Option<Verdict>, JoinedBy)>> =
        history.inspections[0].items.iter().map(|i| i.followed_up.first().map(|f| (f.verdict, f.joined_by))).collect();
    assert_eq!(
        joined,
        [
            Some((Some(Verdict::Sufficient), JoinedBy::Wording)),
            Some((Some(Verdict::Insufficient), JoinedBy::Wording)),
            None
        ],
        "three weaknesses and two verdicts are never joined by position"
    );
}

#[test]
fn inspections_in_the_register_without_a_letter_are_named() {
    let (_dir, d) = dataset();
    let status = status(&d).unwrap();
    let gaps: Vec<(&str, &str)> = status.not_held.iter().map(|g| (g.area.as_str(), g.what)).collect();
    assert_eq!(gaps, [("Eastmarsh", "revisit")], "the inspection itself is held");
    assert_eq!(history(&d, "905", &Filter::default(), day("2026-01-01")).unwrap().not_held, status.not_held);
}

#[test]
fn the_status_accounts_for_every_document() {
    let (_dir, d) = dataset();
    let status = status(&d).unwrap();
    let kinds: Vec<(LetterKind, usize, usize)> = status.kinds.iter().map(|k| (k.kind, k.letters, k.areas)).collect();
    assert_eq!(
        kinds,
        [(LetterKind::OutcomeLetter, 2, 2), (LetterKind::RevisitLetter, 1, 1), (LetterKind::AreaSendFull, 5, 5)]
    );
    assert_eq!(status.letters + status.set_aside.iter().map(|r| r.documents).sum::<usize>() + status.failed.len(), 10);
    assert_eq!(status.set_aside[0].code, "joint_targeted_area_inspection");
    assert_eq!(status.failed[0].reason.code, "not_a_pdf");
    assert_eq!(status.areas_without_letter, ["Fenwick and Gale"]);
    assert_eq!(status.areas_with_letter.values().copied().collect::<Vec<_>>(), [2, 5]);
    assert_eq!(status.findings, findings(&d, &Filter::default()).unwrap().len());
    assert!(status.unlinked.is_empty() && status.doubts.is_empty());
}

#[test]
fn a_finding_leads_back_to_its_paragraph_letter_and_evidence() {
    let (_dir, d) = dataset();
    let all = findings(&d, &Filter { areas: vec!["903".into()], ..Filter::default() }).unwrap();
    let shown = show(&d, &all[0].id).unwrap();
    insta::assert_json_snapshot!(shown);
    let whole = sendlens::query::letter(&d, &all[0].letter_id).unwrap().unwrap();
    assert_eq!((whole.findings.len(), whole.facts.len(), whole.copies.len()), (2, 1, 1));
    assert_eq!(show(&d, "903-2024-09-09-full.00000000").unwrap_err().code(), "unknown_finding");
    assert_eq!(count_findings(&d, &Filter::default()).unwrap(), findings(&d, &Filter::default()).unwrap().len());
    assert_eq!(count_letters(&d, &Filter::default()).unwrap(), 8);
}

#[test]
fn changes_list_what_was_recorded_since_a_day() {
    let (_dir, mut d) = dataset();
    let later = sendlens::store::Occasion { run: None, at: "2026-02-01T00:00:00Z".parse().unwrap() };
    let id = "902-2023-06-05-full";
    let corrected = letter("902", "2023-06-05").improve("Partners should cut long waits.", &["waiting-times"]);
    d.record(&web_publication(id, None), &corrected.processed("corrected"), &later).unwrap();
    d.vanish("ofsted_reports", &[id.to_owned()].into(), day("2026-02-01"), None).unwrap();
    let since = |text: &str| -> Vec<(Change, Option<String>)> {
        changes(&d, Some(day(text))).unwrap().into_iter().map(|c| (c.change, c.letter_id)).collect()
    };
    let recent = since("2026-02-01");
    assert!(recent.contains(&(Change::Revised, Some(id.to_owned()))), "{recent:?}");
    assert!(recent.contains(&(Change::Vanished, Some("901-2024-03-18-full".to_owned()))));
    assert!(recent.iter().all(|(change, _)| *change != Change::New));
    assert_eq!(since("2026-01-01").iter().filter(|(change, _)| *change == Change::New).count(), 10);
    let flagged: Vec<Vec<String>> =
        changes(&d, Some(day("2026-02-01"))).unwrap().into_iter().map(|c| c.flagged).collect();
    assert!(
        flagged.contains(&vec!["waiting-times".to_owned()]),
        "a revised letter comes with what it flags: {flagged:?}"
    );
}

#[test]
fn a_letter_under_another_number_is_published_again_or_revised_and_not_new() {
    let (_dir, mut d) = dataset();
    let days = ["2026-02-01", "2026-02-02", "2026-02-03", "2026-02-04"];
    let at = |day: &str| sendlens::store::Occasion { run: None, at: format!("{day}T00:00:00Z").parse().unwrap() };
    let id = "902-2023-06-05-full";
    let words = |words: &str| letter("902", "2023-06-05").improve(words, &["waiting-times"]);
    let elsewhere = |key: &str| Publication { key: key.to_owned(), ..web_publication(id, None) };
    let first = words("Partners should cut long waits.");
    d.record(&elsewhere("70001"), &first.processed("one"), &at(days[0])).unwrap();
    d.record(&elsewhere("70002"), &first.processed("one"), &at(days[1])).unwrap();
    d.record(&elsewhere("70003"), &first.processed("saved again"), &at(days[2])).unwrap();
    d.record(&elsewhere("70004"), &words("Partners should end long waits.").processed("two"), &at(days[3])).unwrap();
    let listed: Vec<(String, Change)> = changes(&d, Some(day(days[0])))
        .unwrap()
        .into_iter()
        .rev()
        .map(|c| {
            assert_eq!((c.letter_id.as_deref(), &*c.flagged), (Some(id), &["waiting-times".to_owned()][..]));
            (c.at[..10].to_owned(), c.change)
        })
        .collect();
    let expected = [Change::Revised, Change::Republished, Change::Republished, Change::Revised];
    assert_eq!(listed, days.map(str::to_owned).into_iter().zip(expected).collect::<Vec<_>>());
}
