//! The parts of the report, in their order.

use maud::{Markup, html};

use super::{Answers, Subject, UnderFramework, summary};
use crate::domain::Region;
use crate::query::{Group, Recurring, SMALL, ThemeShare, Themes, YearOutcome};
use crate::view::table::{Cell, Column, Table};
use crate::view::{chart, pieces, quality, tables, tilemap, words};

pub(super) fn body(answers: &Answers, subject: &Subject) -> Markup {
    html! {
        h1 { span.caption { "What inspections of local SEND services find" } (subject.name) }
        p.soft { "As of " (words::date(subject.today)) "." }
        h2 id="summary" { "Summary" }
        @for sentence in summary::sentences(answers) { p { (sentence) } }
        h2 id="outcomes" { "Outcomes" }
        (outcomes(&answers.years))
        (standings(answers, subject))
        @for under in &answers.frameworks { (framework(under)) }
        (recurrences(&answers.recurring))
        h2 id="strengths" { "Strengths inspectors reported" }
        p { "Share of letters in which a finding praises the theme, wholly or in part." }
        (frequencies("strengths", &answers.strengths, 12))
        (careful(answers))
    }
}

/// The outcomes by year, with their table.
fn outcomes(years: &[YearOutcome]) -> Markup {
    let Some(counted) = pieces::OutcomesByYear::of(years) else {
        return html! { p { "There is no inspection letter in the dataset yet." } };
    };
    let table = html! {
        table {
            thead { tr { th scope="col" { "Year" } @for s in &counted.series { th.n scope="col" { (s.label) } } } }
            tbody {
                @for (i, year) in counted.years.iter().enumerate() {
                    tr { th scope="row" { (year) } @for s in &counted.series { td.n { (s.counts[i]) } } }
                }
            }
        }
    };
    counted.figure(&table, &tables::outcomes(&counted).link())
}

/// Where the areas stand, as tiles and as a table.
fn standings(answers: &Answers, subject: &Subject) -> Markup {
    let tiles: Vec<tilemap::Tile> = answers
        .areas
        .iter()
        .map(|row| {
            let (class, mark, text) = pieces::standing_look(row.standing);
            tilemap::Tile {
                la_code: row.la_code.clone(),
                name: row.area.clone(),
                says: text.to_owned(),
                class,
                mark,
                outlined: row.region == Region::London,
                href: None,
            }
        })
        .collect();
    let legend: Vec<tilemap::Legend<'_>> = pieces::STANDINGS
        .into_iter()
        .map(|standing| {
            let (class, mark, text) = pieces::standing_look(standing);
            (class, mark, text, answers.areas.iter().filter(|a| a.standing == standing).count())
        })
        .filter(|(.., count)| *count > 0)
        .collect();
    html! {
        h2 id="areas" { "Latest outcome of every area" }
        p { "From the latest inspection held, under either framework. Every area is one tile of the same size; the line surrounds London." }
        (tilemap::tile_map("Tile map of areas and how they stand", &tiles, &legend))
        details {
            summary { "View as a table" }
            table {
                thead { tr { th scope="col" { "Area" } th scope="col" { "Latest outcome" } th scope="col" { "Inspected" } th scope="col" { "Next inspection" } } }
                tbody {
                    @for row in &answers.areas {
                        tr {
                            th scope="row" { (row.area) }
                            td { (pieces::standing_look(row.standing).2) @if row.standing_from == Some("register") { " (official register)" } }
                            td { @if let Some(day) = row.standing_since { (words::month_year(day)) } }
                            td {
                                @if let Some(day) = row.monitoring_due.or(row.next_full_inspection_due) { (words::month_year(day)) }
                                @if row.overdue { " (expected; no later report held)" }
                            }
                        }
                    }
                }
            }
            (tables::areas(&answers.areas, subject.today).link())
        }
    }
}

/// One framework: themes, years, regions, quotes.
fn framework(under: &UnderFramework) -> Markup {
    let name = words::framework(under.framework);
    html! {
        h2 id={ "framework-" (under.framework.to_string()) } { "What areas were flagged for under the " (name) }
        (pieces::scope(&under.all.scope))
        @if under.all.scope.letters < SMALL {
            div.note.warn { p { "Fewer than " (SMALL) " letters: the order of themes says little." } }
        }
        (pieces::cautions(&under.all.cautions))
        (frequencies(&format!("themes-{}", under.framework), &under.all, usize::MAX))
        h3 { "By year" }
        (grid(&under.by_year, "Year"))
        (tables::theme_shares(&format!("themes-{}-years", under.framework), &under.by_year.rows, &under.by_year.scope).link())
        @for trend in under.by_year.trends.iter().filter(|t| t.direction != "no_clear_trend") {
            @if let Some(row) = under.all.rows.iter().find(|row| row.theme == trend.theme) {
                p { (row.label) ": " (trend.words) "." }
            }
        }
        h3 { "By region" }
        (grid(&under.by_region, "Region"))
        (tables::theme_shares(&format!("themes-{}-regions", under.framework), &under.by_region.rows, &under.by_region.scope).link())
        h3 { "In the inspectors\u{2019} words" }
        @for (theme, quotes) in &under.quotes {
            @if let (Some(row), false) = (under.all.rows.iter().find(|row| row.theme == *theme), quotes.is_empty()) {
                h4 { (row.label) }
                @for quote in quotes {
                    blockquote {
                        p { (quote.text) }
                        cite.cite { (quote.area) ", " (words::month_year(quote.inspection_start)) ", page " (quote.page) }
                    }
                }
            }
        }
    }
}

/// The most frequent themes; the file `name` has all of them.
fn frequencies(name: &str, answer: &Themes, most: usize) -> Markup {
    html! {
        (pieces::bar_key(false))
        table {
            thead { tr { th scope="col" { "Theme" } th scope="col" { span.visually-hidden { "Bar" } } th.n scope="col" { "Letters" } th.n scope="col" { "Share (95% interval)" } } }
            tbody {
                @for row in answer.rows.iter().filter(|row| row.letters > 0).take(most) {
                    tr {
                        th scope="row" { (row.label) }
                        td.bar-cell { @if let Some(share) = pieces::drawn(row.share) { (chart::share_bar(share, None)) } }
                        td.n { (row.letters) " of " (row.of_letters) }
                        td.n { (share(row)) }
                    }
                }
            }
        }
        (pieces::corrected_note(answer.rows.iter().map(|row| &row.adjusted)))
        (tables::theme_shares(name, &answer.rows, &answer.scope).link())
    }
}

/// A share, and the corrected one where that differs.
fn share(row: &ThemeShare) -> Markup {
    html! {
        (pieces::share_text(row.share))
        @if let Some(share) = pieces::corrected(&row.adjusted, row.share) { div { small { "corrected: " (share) } } }
    }
}

/// The most frequent themes against the groups of letters.
fn grid(answer: &Themes, heading: &str) -> Markup {
    let mut groups: Vec<&str> = answer.rows.iter().filter_map(|row| row.value.as_deref()).collect();
    groups.sort_unstable();
    groups.dedup();
    let mut labels: Vec<(&str, &str, usize)> = Vec::new();
    for row in &answer.rows {
        match labels.iter_mut().find(|(id, ..)| *id == row.theme) {
            Some((.., total)) => *total += row.letters,
            None => labels.push((&row.theme, &row.label, row.letters)),
        }
    }
    labels.sort_by_key(|(.., total)| std::cmp::Reverse(*total));
    labels.truncate(super::QUOTED_THEMES);
    let cell = |theme: &str, group: &str| -> Option<&ThemeShare> {
        answer.rows.iter().find(|row| row.theme == theme && row.value.as_deref() == Some(group))
    };
    html! {
        div.table-frame tabindex="0" role="region" aria-label={ "Most flagged themes by " (heading.to_lowercase()) } {
            table {
                thead { tr { th scope="col" { (heading) } @for (_, label, _) in &labels { th.n.wrapping scope="col" { (label) } } } }
                tbody {
                    @for group in groups {
                        tr {
                            th scope="row" { (group) }
                            @for (id, ..) in &labels {
                                td.n { @if let Some(row) = cell(id, group) { (row.letters) "/" (row.of_letters) } }
                            }
                        }
                    }
                }
            }
        }
        p.soft { small { "Letters that flag the theme / letters in which they could. Small numbers vary by chance." } }
    }
}

/// What is said again in other words, and which themes came back.
fn recurrences(answer: &Recurring) -> Markup {
    let again: Vec<_> = answer.flagged_again.iter().filter(|a| a.of_areas > 0).collect();
    html! {
        h2 id="recurs" { "Wording that recurs" }
        @if answer.groups.is_empty() { p { "No wording recurs in several areas." } }
        @else { p { "Formal items that say the same thing in other words, widest first. Each quote is the most typical of its group." } }
        @for (group, labels) in once(&answer.groups) {
            blockquote {
                p { (group.exemplar.text) }
                cite.cite {
                    (labels.join("; ")) ": " (words::count(group.areas, "area", "areas")) ", "
                    (words::list(&group.years.iter().map(ToString::to_string).collect::<Vec<_>>())) ". This one: "
                    (group.exemplar.area) ", " (words::month_year(group.exemplar.inspection_start)) ", page " (group.exemplar.page)
                }
            }
        }
        @if !again.is_empty() {
            h3 { "Flagged under both frameworks" }
            table {
                thead { tr { th scope="col" { "Theme" } th.n scope="col" { "Flagged again" } th.n scope="col" { "Share (95% interval)" } } }
                tbody {
                    @for row in again {
                        tr { th scope="row" { (row.label) } td.n { (row.again) " of " (row.of_areas) } td.n { (pieces::share_text(row.share)) } }
                    }
                }
            }
            p.soft { small { "Areas flagged for the theme from 2016 to 2022 that have a full report since 2023." } }
            (flagged_again(answer).link())
        }
    }
}

fn flagged_again(answer: &Recurring) -> Table {
    let columns = [
        ("theme", "Theme code"),
        ("label", "Theme"),
        ("again", "Flagged again"),
        ("of_areas", "Of areas"),
        ("share", "Share"),
        ("low", "Share, lower end of 95% interval"),
        ("high", "Share, upper end of 95% interval"),
    ];
    Table {
        name: "flagged-again".to_owned(),
        columns: columns.map(|(name, heading)| Column::new(name, heading)).to_vec(),
        rows: answer
            .flagged_again
            .iter()
            .map(|row| {
                vec![
                    row.theme.as_str().into(),
                    row.label.as_str().into(),
                    row.again.into(),
                    row.of_areas.into(),
                    Cell::share(row.share.share),
                    Cell::share(row.share.low),
                    Cell::share(row.share.high),
                ]
            })
            .collect(),
        more: Vec::new(),
        about: String::new(),
    }
}

/// An item that stands for groups of several themes, once, with the names of all; what it says of the widest.
fn once(groups: &[Group]) -> Vec<(&Group, Vec<&str>)> {
    let mut seen: Vec<(&Group, Vec<&str>)> = Vec::new();
    for group in groups {
        match seen.iter_mut().find(|(known, _)| known.exemplar.finding_id == group.exemplar.finding_id) {
            Some((_, labels)) => labels.push(&group.label),
            None => seen.push((group, vec![&group.label])),
        }
    }
    seen
}

/// What to be careful about.
fn careful(answers: &Answers) -> Markup {
    let register = answers.areas.iter().filter(|a| a.standing_from == Some("register")).count();
    let without = answers.areas.iter().filter(|a| a.letters == 0).count();
    html! {
        h2 id="careful" { "What to be careful about" }
        ul {
            li { "Shares count letters, never sentences. An interval says how far the share could differ by chance; it does not make up for letters that are missing." }
            li { (words::count(without, "area has", "areas have")) " no letter in the dataset; the standing of " (words::thousands(register)) " comes from the official register." }
            li { "Inspectors did not choose areas at random in any one year, so years and regions differ in more than quality." }
            li { "The two frameworks name formal items differently. They are shown apart and should not be added up." }
            li { "Themes are assigned by a program, with the errors that the table below shows. The quotes lead back to page and letter: check before relying on one." }
        }
        h2 id="method" { "Method and source" }
        p { "Letters and reports by Ofsted and the Care Quality Commission were read from their PDFs; formal items and sentences were coded with the themes of the sendlens codebook. Intervals are Wilson 95% score intervals." }
        (quality::explained())
        (coding())
        p { "Contains public sector information: Crown copyright, licensed under the Open Government Licence v3.0. sendlens is not a service of Ofsted or the Care Quality Commission." }
    }
}

/// How good the coding is.
fn coding() -> Markup {
    let table = quality::BY_TEXT.read();
    html! {
        div.table-frame tabindex="0" role="region" aria-label=(quality::BY_TEXT.title) {
            table {
                thead { tr { @for (i, name) in table.head.iter().enumerate() { th.n[i > 0].wrapping[i > 0] scope="col" { (name) } } } }
                tbody {
                    @for row in &table.rows {
                        tr { @for (i, cell) in row.iter().enumerate() { @if i == 0 { th scope="row" { (cell) } } @else { td.n { (cell) } } } }
                    }
                }
            }
        }
        (quality::BY_TEXT.file(&table).link())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{Adjusted, stats};

    #[test]
    fn a_share_that_the_correction_changes_stands_with_its_corrected_one() {
        let mut row = ThemeShare {
            theme: "a".to_owned(),
            label: "A".to_owned(),
            by: None,
            value: None,
            letters: 4,
            of_letters: 10,
            share: stats::Share::of(4, 10),
            adjusted: Adjusted {
                adjusted_share: Some(0.33),
                adjusted_low: Some(0.1),
                adjusted_high: Some(0.6),
                error_basis: Some(40),
                not_adjusted: None,
            },
            standardised: None,
            small: false,
            stands_out: None,
            frameworks: Vec::new(),
            first_inspection: None,
            last_inspection: None,
        };
        let shown = "40% (17% to 69%)<div><small>corrected: 33% (10% to 60%)</small></div>";
        assert_eq!(share(&row).into_string(), shown);
        row.adjusted = Adjusted::default();
        assert_eq!(share(&row).into_string(), "40% (17% to 69%)");
    }
}
