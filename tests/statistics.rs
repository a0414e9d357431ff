//! Corrected shares, comparisons and trends agree with answers that are known.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::cast_precision_loss, missing_docs)]

#[path = "store/builder.rs"]
#[allow(dead_code)]
mod builder;
#[path = "statistics/simulation.rs"]
mod simulation;

use builder::{Draft, day, letter, occasion, reference, web_publication};
use sendlens::code::{self, Coder};
use sendlens::codebook::Codebook;
use sendlens::domain::{Framework, LetterCounts, Outcome, Polarity, Role};
use sendlens::query::correction::{self, Counted, ErrorModel, bundled, bundled_model};
use sendlens::query::stats::wilson;
use sendlens::query::{
    Adjusted, Basis, By, Filter, PeerOrder, ThemeShare, Themes, peers_in_order, themes, themes_to_one_mix,
};
use sendlens::store::{Dataset, Review, ReviewedTheme};

fn counts(has: u32, has_coded: u32, has_not: u32, has_not_coded: u32) -> LetterCounts {
    LetterCounts { has, has_coded, has_not, has_not_coded }
}

/// Corrected by the labels of waiting times, as answers are.
fn corrected(counted: Counted) -> Adjusted {
    correction::correct(bundled_model(None).unwrap(), &bundled().unwrap().flagged["waiting-times"], counted)
}

fn empty() -> (tempfile::TempDir, Dataset) {
    let dir = tempfile::tempdir().unwrap();
    let mut dataset = Dataset::open(dir.path()).unwrap();
    reference(&mut dataset);
    (dir, dataset)
}

/// A report whose formal item flags waiting times or leadership.
fn report(la_code: &str, start: &str, waiting: bool) -> Draft {
    letter(la_code, start).improve("Leaders should act.", &[if waiting { "waiting-times" } else { "leadership" }])
}

/// Records a report as if the current coder had coded it.
fn record(dataset: &mut Dataset, draft: &Draft) -> Vec<String> {
    let id = draft.letter.id();
    let mut processed = draft.processed(&format!("bytes of {id}"));
    processed.versions.code = code::VERSION;
    processed.versions.codebook = Coder::new(Codebook::bundled()).fingerprint();
    dataset.record(&web_publication(&id, None), &processed, &occasion()).unwrap();
    draft.findings().into_iter().map(|finding| finding.id).collect()
}

/// Records `total` reports of a year about areas 901 to 905, of which `flagged` flag waiting times.
fn record_year(dataset: &mut Dataset, year: u32, flagged: usize, total: usize) -> Vec<String> {
    let mut findings = Vec::new();
    for number in 0..total {
        let start = format!("{year}-{:02}-{:02}", 1 + number / 28, 1 + number % 28);
        findings.extend(record(dataset, &report(&format!("90{}", 1 + number % 5), &start, number < flagged)));
    }
    findings
}

fn under_2023() -> Filter {
    Filter { frameworks: vec![Framework::F2023], ..Filter::default() }
}

fn row<'a>(answer: &'a Themes, theme: &str) -> &'a ThemeShare {
    answer.rows.iter().find(|row| row.theme == theme).unwrap()
}

/// The labels of a coder's themes: a frequent one, one it finds badly, rare ones, and one that no labelled letter has.
const LABELLED: [(u32, u32, u32, u32); 6] =
    [(20, 18, 20, 1), (26, 23, 14, 0), (10, 4, 30, 2), (3, 3, 37, 1), (2, 1, 38, 0), (0, 0, 40, 0)];

fn labelled() -> Vec<LetterCounts> {
    LABELLED.map(|(has, has_coded, has_not, has_not_coded)| counts(has, has_coded, has_not, has_not_coded)).to_vec()
}

#[test]
fn a_corrected_share_is_that_of_rogan_and_gladen_and_its_interval_has_both_uncertainties() {
    let themes = labelled();
    let errors = ErrorModel::of(&themes);
    // Rates are from scipy, over a grid 500 times as fine. Ends of intervals are from 400,000 draws on that grid.
    for (theme, counted, (sensitivity, false_alarms), (low, high)) in [
        (0, Counted::by_coder(46, 100), (0.8648, 0.0458), (0.3598, 0.6837)),
        (1, Counted::by_coder(20, 40), (0.8581, 0.0208), (0.3816, 0.7929)),
        (2, Counted::by_coder(10, 40), (0.5115, 0.0559), (0.1292, 1.0000)),
        (3, Counted::by_coder(5, 40), (0.8424, 0.0308), (0.0107, 0.3325)),
        (4, Counted::by_coder(3, 40), (0.6453, 0.0132), (0.0048, 0.5271)),
        (5, Counted::by_coder(8, 150), (0.7105, 0.0129), (0.0000, 0.3185)),
    ] {
        let (found, added) = errors.expected(&themes[theme]);
        assert!((found - sensitivity).abs() < 0.003 && (added - false_alarms).abs() < 0.001, "{found} {added}");
        let adjusted = correction::correct(&errors, &themes[theme], counted);
        let share = (counted.coded as f64 / counted.of_coded as f64 - added) / (found - added);
        assert!((adjusted.adjusted_share.unwrap() - share.clamp(0.0, 1.0)).abs() < 1e-12);
        assert!((adjusted.adjusted_low.unwrap() - low).abs() < 0.025, "{adjusted:?}");
        assert!((adjusted.adjusted_high.unwrap() - high).abs() < 0.025, "{adjusted:?}");
        assert_eq!(adjusted.error_basis, Some(40).filter(|_| themes[theme].has + themes[theme].has_not == 40));
        assert_eq!(
            correction::correct(&errors, &themes[theme], counted),
            adjusted,
            "the interval is the same each time"
        );
    }
}

#[test]
fn a_coder_that_never_errs_leaves_the_share_and_nearly_its_interval() {
    let labelled = counts(5000, 5000, 5000, 0);
    let adjusted = correction::correct(&ErrorModel::of(&[labelled; 3]), &labelled, Counted::by_coder(30, 100));
    let (low, high) = wilson(30, 100).unwrap();
    assert!((adjusted.adjusted_share.unwrap() - 0.3).abs() < 0.001);
    assert!(
        (adjusted.adjusted_low.unwrap() - low).abs() < 0.01 && (adjusted.adjusted_high.unwrap() - high).abs() < 0.01
    );
    assert_eq!(adjusted.where_it_matters(Some(0.3)), None, "there is nothing to show beside the raw share");
}

#[test]
fn a_theme_with_few_labels_borrows_from_the_others_and_one_with_many_does_not() {
    let expected = |own: LetterCounts, others: LetterCounts| {
        let mut themes = vec![others; 12];
        themes.push(own);
        ErrorModel::of(&themes).expected(&own).0
    };
    let (good, bad) = (counts(20, 19, 20, 0), counts(20, 8, 20, 0));
    assert!(expected(counts(0, 0, 40, 0), good) > 0.85, "no labels: the rate of the others");
    assert!(expected(counts(0, 0, 40, 0), bad) < 0.55);
    assert!((expected(counts(200, 100, 20, 0), good) - 0.5).abs() < 0.05, "many labels: its own rate");
    let few = expected(counts(4, 2, 36, 0), good);
    let none = expected(counts(0, 0, 40, 0), good);
    assert!(few > 0.5 && few < none - 0.005, "few labels: between its own rate and theirs: {few} {none}");
}

#[test]
fn without_labels_or_with_a_coder_that_cannot_tell_letters_apart_a_reason_replaces_the_corrected_share() {
    let refused = |themes: &[LetterCounts]| {
        let adjusted = correction::correct(&ErrorModel::of(themes), &themes[0], Counted::by_coder(5, 20));
        assert_eq!((adjusted.adjusted_share, adjusted.adjusted_low, adjusted.error_basis), (None, None, None));
        adjusted.not_adjusted.unwrap()
    };
    assert_eq!(refused(&[counts(0, 0, 0, 0)]), "the coder hardly tells such letters from others");
    assert_eq!(refused(&[counts(20, 6, 20, 4); 5]), "the coder hardly tells such letters from others");
}

#[test]
fn shares_are_corrected_only_for_the_coder_whose_errors_were_counted() {
    let (_dir, mut d) = empty();
    record_year(&mut d, 2024, 20, 40);
    let answer = themes(&d, &under_2023(), None).unwrap();
    assert_eq!(row(&answer, "waiting-times").adjusted, corrected(Counted::by_coder(20, 40)));
    let reason = |answer: &Themes| row(answer, "waiting-times").adjusted.not_adjusted.clone().unwrap();
    let praise = Filter { polarities: vec![Polarity::Strength], ..under_2023() };
    assert_eq!(reason(&themes(&d, &praise, None).unwrap()), "error rates were counted on formal items only");
    let narrative = Filter { roles: vec![Role::Narrative], ..under_2023() };
    assert_eq!(reason(&themes(&d, &narrative, None).unwrap()), "error rates were counted on formal items only");
    record(&mut d, &letter("901", "2018-05-08").outcome_letter(true).weakness("long waits", &["waiting-times"]));
    let mixed = themes(&d, &Filter::default(), None).unwrap();
    assert_eq!(reason(&mixed), "the labelled letters are of the framework of 2023 only");
    // One letter by another coder: no rates are known for the whole.
    letter("902", "2025-05-12").improve("Cut waits.", &["waiting-times"]).store(&mut d);
    let other = themes(&d, &under_2023(), None).unwrap();
    assert!(reason(&other).contains("another coder"), "{}", reason(&other));
}

#[test]
fn letters_that_people_have_coded_whole_are_counted_without_correction() {
    let (_dir, mut d) = empty();
    let findings = record_year(&mut d, 2024, 20, 40);
    // People find that two of the first ten do not have the theme, and confirm the rest.
    let reviews: Vec<Review> = findings[..10]
        .iter()
        .enumerate()
        .map(|(number, id)| Review {
            finding_id: id.clone(),
            coder: "A. Reader".into(),
            reviewed_on: day("2024-12-01"),
            text: "Leaders should act.".into(),
            polarity: Polarity::Weakness,
            themes: vec![ReviewedTheme {
                id: if number < 8 { "waiting-times" } else { "leadership" }.into(),
                subtheme: None,
            }],
            note: None,
        })
        .collect();
    assert_eq!(d.add_reviews(&reviews).unwrap(), 2, "the other reviews change nothing");
    let answer = themes(&d, &under_2023(), None).unwrap();
    let counted = Counted { coded: 10, of_coded: 30, known: 8, of_known: 10 };
    let found = row(&answer, "waiting-times");
    assert_eq!((found.letters, found.adjusted.clone()), (18, corrected(counted)));
    let all = corrected(Counted { known: 12, of_known: 40, ..Counted::default() });
    let (low, high) = wilson(12, 40).unwrap();
    assert_eq!((all.adjusted_share, all.adjusted_low, all.adjusted_high), (Some(0.3), Some(low), Some(high)));
}

#[test]
fn a_trend_needs_three_years_of_ten_letters_and_is_put_in_words() {
    let (_dir, mut d) = empty();
    record_year(&mut d, 2023, 2, 20);
    record_year(&mut d, 2024, 10, 20);
    record_year(&mut d, 2025, 9, 9);
    assert!(themes(&d, &under_2023(), Some(By::Year)).unwrap().trends.is_empty(), "the third year has nine letters");
    record(&mut d, &report("901", "2025-06-02", true));
    let answer = themes(&d, &under_2023(), Some(By::Year)).unwrap();
    let waiting = answer.trends.iter().find(|trend| trend.theme == "waiting-times").unwrap();
    assert_eq!(waiting.words, "rising: 10% of 20 letters in 2023, 100% of 10 in 2025; clear");
    assert_eq!((waiting.direction, waiting.compared), ("rising", 2), "two of the four themes vary");
    // The two themes mirror each other, so both p-values are small and stay small after the correction.
    assert!(waiting.p <= waiting.adjusted_p && waiting.adjusted_p < 0.001);
    assert!(themes(&d, &Filter::default(), Some(By::Framework)).unwrap().trends.is_empty());
}

#[test]
fn a_trend_that_could_be_chance_says_so() {
    let (_dir, mut d) = empty();
    for (of_year, flagged) in [(2023, 5), (2024, 7), (2025, 9)] {
        record_year(&mut d, of_year, flagged, 15);
    }
    let answer = themes(&d, &under_2023(), Some(By::Year)).unwrap();
    let waiting = answer.trends.iter().find(|trend| trend.theme == "waiting-times").unwrap();
    assert_eq!(waiting.words, "rising: 33% of 15 letters in 2023, 60% of 15 in 2025; could still be chance");
    assert_eq!(waiting.direction, "no_clear_trend");
}

#[test]
fn groups_stand_out_only_after_a_correction_for_all_comparisons() {
    let (_dir, mut d) = empty();
    // Counties (901, 902) have 16 of 16 reports, unitary authorities 12 of 24.
    for number in 0..40 {
        let county = number < 16;
        let la_code = if county { "901" } else { "903" };
        let start = format!("2024-{:02}-{:02}", 1 + number / 28, 1 + number % 28);
        record(&mut d, &report(la_code, &start, county || number % 2 == 0));
    }
    let answer = themes(&d, &under_2023(), Some(By::LaType)).unwrap();
    assert_eq!(answer.compared, 4, "two groups and the two themes that occur");
    let waiting: Vec<_> = answer.rows.iter().filter(|r| r.theme == "waiting-times").map(|r| r.stands_out).collect();
    assert_eq!(waiting, [Some("above"), Some("below")]);
    let identification = answer.rows.iter().find(|row| row.theme == "identification").unwrap();
    assert_eq!(identification.stands_out, None, "no area was flagged for it");
    let by_region = themes(&d, &under_2023(), Some(By::Region)).unwrap();
    assert_eq!(by_region.compared, 0, "one region has nothing to be compared with");
}

#[test]
fn peers_come_in_the_order_asked_for() {
    let (_dir, mut d) = empty();
    record(&mut d, &letter("901", "2024-01-08").improve("Act on plans.", &["transitions"]));
    record(&mut d, &report("902", "2024-02-05", true));
    record(&mut d, &report("903", "2024-03-04", true));
    record(&mut d, &letter("905", "2024-04-08").improve("Act.", &["transitions", "waiting-times"]));
    let first = |order: PeerOrder| {
        let answer = peers_in_order(&d, "901", &Basis::Neighbours, &under_2023(), order).unwrap();
        answer.themes[0].theme.clone()
    };
    assert_eq!(first(PeerOrder::MostFlagged), "waiting-times");
    assert_eq!(first(PeerOrder::HereToo), "transitions");
    assert_eq!("here-too".parse(), Ok(PeerOrder::HereToo));
    assert!("best".parse::<PeerOrder>().unwrap_err().contains("most-unusual"));
}

#[test]
fn peers_are_corrected_where_each_has_one_letter() {
    let (_dir, mut d) = empty();
    for (la_code, outcome) in
        [("901", Outcome::Inconsistent), ("902", Outcome::Inconsistent), ("903", Outcome::Inconsistent)]
    {
        record(&mut d, &report(la_code, "2024-02-05", true).outcome(outcome));
    }
    let adjusted = |d: &Dataset| {
        let answer = peers_in_order(d, "901", &Basis::Neighbours, &under_2023(), PeerOrder::MostFlagged).unwrap();
        answer.themes[0].adjusted.clone()
    };
    assert_eq!(adjusted(&d), corrected(Counted::by_coder(2, 2)));
    record(&mut d, &report("902", "2025-02-03", true));
    assert!(adjusted(&d).not_adjusted.unwrap().contains("several letters"));
}

#[test]
fn groups_that_differ_in_mix_come_with_a_caution_and_can_be_standardised() {
    let (_dir, mut d) = empty();
    // In 2023 one report in ten is about a county, in 2024 half are. Every county is flagged, no unitary authority is.
    for (of_year, counties) in [(2023, 1), (2024, 5)] {
        for number in 0..10 {
            let county = number < counties;
            let la_code = if county { "901" } else { "903" };
            record(&mut d, &report(la_code, &format!("{of_year}-01-{:02}", 1 + number), county));
        }
    }
    let answer = themes_to_one_mix(&d, &under_2023(), Some(By::Year), Some(By::LaType)).unwrap();
    let waiting: Vec<_> = answer.rows.iter().filter(|row| row.theme == "waiting-times").collect();
    let shares: Vec<Option<f64>> = waiting.iter().map(|row| row.share.share).collect();
    assert_eq!(shares, [Some(0.1), Some(0.5)]);
    // All letters: 6 of 20 are about counties.
    for row in &waiting {
        let standardised = row.standardised.as_ref().unwrap();
        assert!((standardised.standardised_share.unwrap() - 0.3).abs() < 1e-12, "{standardised:?}");
    }
    let caution = "The mix of types of area differs between the groups: unitary authority is 50% of 10 letters (2024) and \
                90% of 10 letters (2023). Shares standardised to one mix leave that out.";
    assert_eq!(answer.cautions, [caution]);
    let lacking = themes_to_one_mix(&d, &under_2023(), Some(By::LaType), Some(By::LaType)).unwrap();
    let reason = lacking.rows[0].standardised.clone().unwrap().not_standardised.unwrap();
    assert_eq!(reason, "it has no letters of: unitary authority");
    record(&mut d, &letter("901", "2018-05-08").outcome_letter(true).weakness("long waits", &["waiting-times"]));
    let said = &themes(&d, &Filter::default(), None).unwrap().cautions[0];
    assert!(said.contains("(letters: 1)") && said.contains("(reports: 20)"), "{said}");
}
