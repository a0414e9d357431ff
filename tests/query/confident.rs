//! Doubtful codes are left out on request, and wherever letters are counted by praise or criticism.

use sendlens::domain::{Finding, Polarity, Probability, Reading, Role, Section};
use sendlens::query::{
    Basis, By, Filter, compare, count_findings, facets, findings, history, peers, recurring, search, themes,
};
use sendlens::store::Dataset;

use super::builder::{Draft, day, letter, occasion, reference, web_publication};

/// Stores a letter after `change` has set the probabilities of its codes.
fn store(dataset: &mut Dataset, draft: &Draft, change: impl FnOnce(&mut [Finding])) {
    let id = draft.letter.id();
    let mut processed = draft.processed(&format!("bytes of {id}"));
    if let Reading::Letter { findings, .. } = &mut processed.reading {
        change(findings);
    }
    dataset.record(&web_publication(&id, None), &processed, &occasion()).unwrap();
}

fn of(percent: u8) -> Option<Probability> {
    Some(Probability::from_percent(percent))
}

/// Four reports praise leaders. In one the praise is sure, in one it is doubtful, in one it only describes the area, and in
/// one the theme is doubtful. Two reports have a formal item on waiting times, and one of these is doubtful.
fn dataset() -> (tempfile::TempDir, Dataset) {
    let dir = tempfile::tempdir().unwrap();
    let mut dataset = Dataset::open(dir.path()).unwrap();
    reference(&mut dataset);
    let d = &mut dataset;
    let praising = |la_code: &str| letter(la_code, "2024-03-18").praise("Leaders work well.", &["leadership"]);
    store(d, &praising("901").improve("Cut waits.", &["waiting-times"]), |f| f[0].coding.probability = of(60));
    store(d, &praising("902").improve("Cut waits now.", &["waiting-times", "transitions"]), |f| {
        f[0].coding.probability = of(59);
        f[1].coding.themes[0].probability = of(40);
        f[1].coding.themes[1].probability = of(90);
    });
    store(d, &praising("903"), |f| f[0].passage.section = Section::Context);
    store(d, &praising("904"), |f| f[0].coding.themes[0].probability = of(31));
    (dir, dataset)
}

fn on(theme: &str) -> Filter {
    Filter { themes: vec![theme.into()], ..Filter::default() }
}

fn confident(filter: Filter) -> Filter {
    Filter { confident: true, ..filter }
}

fn praised(filter: Filter) -> Filter {
    Filter { polarities: vec![Polarity::Strength], ..filter }
}

/// Asks the same questions of a dataset and of a snapshot, which has an index of its own.
fn ask_both_ways(ask: impl Fn(&Dataset)) {
    let (_dir, dataset) = dataset();
    ask(&dataset);
    dataset.begin_snapshot().unwrap();
    ask(&dataset);
}

#[test]
fn a_letter_counts_as_praising_only_by_a_confident_sentence_that_does_not_just_describe() {
    ask_both_ways(|d| {
        let row = |filter: Filter| themes(d, &filter, None).unwrap().rows[0].clone();
        let leaders = row(praised(on("leadership")));
        assert_eq!((leaders.letters, leaders.of_letters), (1, 4), "four letters have such a sentence");
        assert_eq!(findings(d, &praised(on("leadership"))).unwrap().len(), 4, "the sentences themselves can be found");
        let by_narrative = Filter { roles: vec![Role::Narrative], ..on("leadership") };
        assert_eq!(row(by_narrative.clone()).letters, 4, "whatever they judge");
        assert_eq!(row(confident(by_narrative)).letters, 3);
    });
}

#[test]
fn doubtful_codes_can_be_left_out_of_every_count() {
    ask_both_ways(|d| {
        let flagged = |filter: &Filter| themes(d, filter, None).unwrap().rows[0].letters;
        assert_eq!((flagged(&on("waiting-times")), flagged(&confident(on("waiting-times")))), (2, 1));
        let why = themes(d, &confident(on("waiting-times")), Some(By::Year)).unwrap().rows[0].adjusted.clone();
        assert!(why.not_adjusted.unwrap().contains("doubtful"), "the errors were counted on all codes");

        assert_eq!(findings(d, &confident(praised(Filter::default()))).unwrap().len(), 2);
        assert_eq!(count_findings(d, &confident(praised(on("leadership")))).unwrap(), 1);
        let every = findings(d, &confident(Filter::default())).unwrap();
        assert_eq!(every.len(), 6, "without a theme or polarity the filter keeps all findings");
        assert_eq!(every.iter().map(|finding| finding.themes.len()).sum::<usize>(), 5, "with their confident themes");

        let counted = facets(d, &confident(Filter::default())).unwrap();
        let of = |facet: &str, value: &str| counted[facet].iter().find(|(name, _)| name == value).unwrap().1;
        assert_eq!((of("theme", "leadership"), of("polarity", "strength"), of("role", "narrative")), (3, 2, 4));
        let found = search(d, "leaders", &confident(praised(on("leadership")))).unwrap();
        assert_eq!((found.total, found.hits[0].finding.la_code.as_str()), (Some(1), "901"));

        let of_902 =
            |filter: &Filter| history(d, "902", filter, day("2025-01-01")).unwrap().inspections[0].flagged.clone();
        assert_eq!(of_902(&Filter::default()), ["transitions", "waiting-times"]);
        assert_eq!(of_902(&confident(Filter::default())), ["transitions"]);
        let of_peers = |filter: &Filter| {
            let answer = peers(d, "903", &Basis::All, filter).unwrap();
            answer.themes.iter().find(|theme| theme.theme == "waiting-times").unwrap().peers_flagged
        };
        assert_eq!((of_peers(&Filter::default()), of_peers(&confident(Filter::default()))), (2, 1));
        let both = Filter { areas: vec!["901".into(), "902".into()], ..confident(Filter::default()) };
        assert_eq!(compare(d, &both, day("2025-01-01")).unwrap().shared, [""; 0]);
        assert!(recurring(d, &confident(on("waiting-times"))).unwrap().groups.is_empty());
    });
}

#[test]
fn the_count_of_a_facet_of_confident_codes_is_what_choosing_it_leaves() {
    ask_both_ways(|d| {
        for (facet, values) in facets(d, &confident(Filter::default())).unwrap() {
            for (value, count) in values {
                let narrowed = super::chosen(&confident(Filter::default()), facet, &value);
                assert_eq!(findings(d, &narrowed).unwrap().len(), count, "{facet} {value}");
                assert_eq!(count_findings(d, &narrowed).unwrap(), count, "{facet} {value}");
            }
        }
    });
}
