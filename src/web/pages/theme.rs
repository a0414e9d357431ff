//! One theme: how often it is found, its trend, where it is found, wording that recurs, and strengths.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use maud::{Markup, html};

use super::super::error::Failure;
use super::super::layout::{Page, Part};
use super::super::params::Params;
use super::super::site::Site;
use super::super::sort::Order;
use super::super::{components, download, filters};
use super::shares::{self, GROUPINGS, Grouping};
use super::themes::{counts, judged, known, measure, measure_switch, measured};
use crate::codebook::Theme;
use crate::domain::{Polarity, Role, Section};
use crate::query::{
    By, FEW, Filter, FindingRow, QueryError, Recurring, ThemeShare, Themes, count_letters, findings, flagged_areas,
    recurring, themes_by,
};
use crate::store::Dataset;
use crate::view::citation::Citation;
use crate::view::figure::Figure;
use crate::view::{chart, words};

/// Examples of good practice shown.
const SHOWN_EXAMPLES: usize = 6;
/// The latest praise among which they are looked for.
const MAX_CANDIDATES: usize = 150;
/// Groups of recurring wordings shown.
const SHOWN_GROUPS: usize = 8;
/// Every wording is compared with every other, so beyond so many letters the comparison is left to the command line.
pub const MAX_COMPARED_LETTERS: usize = 1_000;

/// Whether the wordings of the letters that a filter means are few enough to be compared while a reader waits.
pub fn comparable(dataset: &Dataset, filter: &Filter) -> Result<bool, QueryError> {
    let letters = Filter { roles: Vec::new(), polarities: Vec::new(), themes: Vec::new(), ..filter.unpaged() };
    Ok(count_letters(dataset, &letters)? <= MAX_COMPARED_LETTERS)
}

struct Answers {
    all: Themes,
    areas: BTreeMap<String, bool>,
    by_year: Themes,
    by_region: Themes,
    by_type: Themes,
    recurring: Option<Recurring>,
    praise: Vec<FindingRow>,
}

/// One theme.
pub async fn page(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let params = Params::parse(query.as_deref())?;
    let theme = theme(&site, &id)?.clone();
    let (measure, order, mix) = (measure(&params)?, shares::order(&params)?, shares::mix(&params)?);
    let asked = Filter { themes: vec![id.clone()], ..filters::read(&params, &site.reference)? };
    let answers = site
        .pool
        .ask(move |dataset| {
            let filter = measured(&asked, measure);
            let praise = Filter { polarities: vec![Polarity::Strength], limit: Some(MAX_CANDIDATES), ..asked.clone() };
            let by = [None, Some(By::Year), Some(By::Region), Some(By::LaType)];
            let [all, by_year, by_region, by_type] = themes_by(dataset, &filter, by, mix)?;
            let most = Filter { limit: Some(SHOWN_GROUPS), ..asked.clone() };
            let recurring = comparable(dataset, &most)?.then(|| recurring(dataset, &most)).transpose()?;
            Ok::<_, QueryError>(Answers {
                all,
                recurring,
                areas: flagged_areas(dataset, &asked.themes[0], &asked)?,
                by_year,
                by_region,
                by_type,
                praise: findings(dataset, &praise)?,
            })
        })
        .await?;
    let path = format!("/themes/{id}");
    let [years, regions, types] =
        [(&GROUPINGS[0], &answers.by_year), (&GROUPINGS[1], &answers.by_region), (&GROUPINGS[2], &answers.by_type)]
            .map(|(grouping, answer)| Grouped::new(grouping, answer, order.as_ref()));
    let mut citations = Vec::new();
    for grouping in &GROUPINGS {
        citations.push(site.chart_citation(&shares::title(&theme.label, grouping)).await);
    }
    let body = html! {
        h1 { (theme.label) }
        p.lead { (theme.definition) }
        @let note = |text: &Option<String>| text.as_deref().and_then(|text| components::theme_note(text, &site.codebook));
        @let (includes, excludes) = (note(&theme.includes), note(&theme.excludes));
        @if includes.is_some() || excludes.is_some() {
            dl.summary {
                @if let Some(includes) = includes { div { dt { "Includes" } dd { (includes) } } }
                @if let Some(excludes) = excludes { div { dt { "Found under another theme" } dd { (excludes) } } }
            }
        }
        (measure_switch(&params, &path, measure))
        (super::filter_form(&params, &path, &["framework", "region", "la_type", "since", "until", "confident"]))
        (judged(measure))
        (headline(&answers.all, measure))
        h2 id="trend" { "By year of inspection" }
        (by_year(&params, &path, &years, &citations[0]))
        (shares::mixes(&params, &path, mix))
        h2 id="where" { "By region and type of area" }
        @for (heading, groups, citation) in [("Region", &regions, &citations[1]), ("Type of area", &types, &citations[2])] {
            h3 { (heading) }
            (groups.table(&params, &path))
            (groups.take(&params, &path, citation))
        }
        (components::cautions(answers.by_region.cautions.iter().chain(&answers.by_type.cautions)))
        h3 id="areas" { "Areas flagged" }
        (flagged(&answers.areas, &site))
        h2 id="recurs" { "Wording that recurs" }
        (recurs(answers.recurring.as_ref(), &id))
        h2 id="practice" { "Strengths inspectors reported" }
        (practice(&answers.praise, &id))
        ul.actions {
            li { a.button href={ "/findings?theme=" (id) } { "All findings on this theme" } }
            li { a.button.quiet href={ "/map?show=" (id) } { "On the map" } }
            li { a href={ "/feeds/themes/" (id) ".atom" } { "Feed of this theme" } }
        }
    };
    let page = Page::new(Part::Themes, theme.label.clone(), body)
        .under("/themes", "Themes")
        .without_use_for(params.unused(&[&known()[..], &["standardise"]].concat()));
    Ok(page
        .feed(format!("/feeds/themes/{id}.atom"), format!("Letters flagged for {}", theme.label))
        .render(&site)
        .await)
}

fn headline(all: &Themes, measure: &str) -> Markup {
    let Some(row) = all.rows.first() else { return html! {} };
    html! {
        div.note {
            p {
                strong { (words::thousands(row.letters)) " of " (words::count(row.of_letters, "letter", "letters")) }
                @match measure {
                    "weakness" => { " name it as a weakness" }
                    "strength" => { " name it as a strength" }
                    _ => { " flag it in a formal item" }
                }
                @if row.of_letters < FEW { ". These are too few for a share." } @else { ": " (components::share_text(row.share)) "." }
            }
            @if let (Some(share), true) = (components::corrected(&row.adjusted, row.share), row.of_letters >= FEW) { p { "Corrected for the program\u{2019}s errors: " (share) "." } }
        }
        (components::scope(&all.scope))
    }
}

fn by_year(params: &Params, path: &str, years: &Grouped<'_>, citation: &Citation) -> Markup {
    let Some((points, summary)) = trend_of(&years.rows) else {
        return html! { p { "No letter matches these filters." } };
    };
    let drawing = chart::inline("trend-chart", &citation.title, &summary, &chart::trend(&points));
    html! {
        (chart::with_table("Share of letters by year in which the inspection began", &drawing, &years.table(params, path), &years.take(params, path, citation)))
        @if points.iter().any(|point| point.small) {
            p.soft { "A hollow point stands for fewer than five letters, too few for a share that says much. No line joins it." }
        }
        (components::cautions(&years.answer.cautions))
        @for trend in &years.answer.trends { p {
                @if trend.direction == "no_clear_trend" { "There is no clear trend (" (trend.words) ")." }
                @else { "Over these years " (trend.words) "." }
            } }
    }
}

/// The points of the trend, one for each year from the first to the last, and the chart in a sentence.
fn trend_of(rows: &[ThemeShare]) -> Option<(Vec<chart::Point>, String)> {
    let years: Vec<i16> = rows.iter().filter_map(|row| row.value.as_deref()?.parse().ok()).collect();
    let (first, last) = (*years.iter().min()?, *years.iter().max()?);
    let points = (first..=last)
        .map(|year| {
            let value = rows.iter().find(|r| r.value.as_deref() == Some(&year.to_string()));
            let letters = value.map_or(0, |row| row.of_letters);
            let share = value.and_then(|row| components::drawn(row.share));
            chart::Point { label: year.to_string(), value: share, letters, small: (1..FEW).contains(&letters) }
        })
        .collect();
    Some((points, format!("Share of letters of each year from {first} to {last}, with 95% intervals.")))
}

/// The groups of an answer as they stand in their table.
struct Grouped<'a> {
    grouping: &'a Grouping,
    answer: &'a Themes,
    order: Option<&'a Order>,
    rows: Vec<ThemeShare>,
}

impl<'a> Grouped<'a> {
    fn new(grouping: &'a Grouping, answer: &'a Themes, order: Option<&'a Order>) -> Self {
        Self { grouping, answer, order, rows: shares::groups(answer, grouping, order) }
    }

    fn table(&self, params: &Params, path: &str) -> Markup {
        let table = shares::sorted(self.grouping.name, self.grouping.columns, self.order);
        html! {
            table.stack.sortable id=(table.id) {
                caption.visually-hidden { "Share of letters by " (self.grouping.word) }
                thead { (table.head(params, path)) }
                tbody { @for row in &self.rows { (shares::row(&table, row, &html! { (shares::name(row)) })) } }
            }
        }
    }

    fn take(&self, params: &Params, path: &str, citation: &Citation) -> Markup {
        let file = |ending: &str| params.with(&format!("{path}/{}.{ending}", self.grouping.name), "page", None);
        components::take_chart(&file("svg"), &file("csv"), citation)
    }
}

/// A chart of the page as a file, or its figures: `years.svg`, `regions.csv` and so on.
pub async fn file(
    State(site): State<Arc<Site>>,
    Path((id, file)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let unknown = || Failure::NotFound(format!("The page of a theme has no file \"{file}\"."));
    let (name, ending) = file.split_once('.').filter(|(_, e)| ["svg", "csv"].contains(e)).ok_or_else(unknown)?;
    let grouping = GROUPINGS.iter().find(|grouping| grouping.name == name).ok_or_else(unknown)?;
    let theme = theme(&site, &id)?;
    let params = Params::parse(query.as_deref())?;
    let (measure, order, mix) = (measure(&params)?, shares::order(&params)?, shares::mix(&params)?);
    let asked = Filter { themes: vec![id.clone()], ..filters::read(&params, &site.reference)? };
    let (filter, by) = (measured(&asked, measure), grouping.by);
    let [answer] = site.pool.ask(move |dataset| themes_by(dataset, &filter, [Some(by)], mix)).await?;
    let rows = shares::groups(&answer, grouping, order.as_ref());
    let file = format!("{id}-{name}");
    if ending == "csv" {
        return shares::csv(&file, &rows, &answer);
    }
    let citation = site.chart_citation(&shares::title(&theme.label, grouping)).await;
    match trend_of(&rows).filter(|_| by == By::Year) {
        None => shares::bars(&file, &rows, counts(measure), &answer, &citation),
        Some((points, summary)) => {
            let says = format!(
                "{} {summary} A hollow point rests on fewer than {FEW} letters. {}",
                counts(measure),
                answer.scope.sentence()
            );
            let drawing = chart::trend(&points);
            let figure = Figure {
                title: &citation.title,
                says: &says,
                drawing: &drawing,
                legend: &[],
                source: &citation.sentence,
            };
            download::svg(&file, &figure)
        }
    }
}

fn theme<'a>(site: &'a Site, id: &str) -> Result<&'a Theme, Failure> {
    let unknown = || Failure::NotFound(format!("The codebook has no theme \"{id}\". See the list of themes."));
    site.codebook.theme(id).ok_or_else(unknown)
}

fn recurs(answer: Option<&Recurring>, id: &str) -> Markup {
    let Some(answer) = answer else {
        return html! { p { "There are too many letters to compare all wordings here: " code { "sendlens recurring --theme " (id) } " does it." } };
    };
    html! {
        @if answer.groups.is_empty() { p { "No wording recurs in several areas." } }
        @else { p { "Formal items that say the same thing in other words. Each quote is the most typical of its group." } }
        @for group in &answer.groups {
            blockquote {
                p { (group.exemplar.text) }
                cite.cite {
                    (words::count(group.areas, "area", "areas")) ", " (words::list(&group.years.iter().map(ToString::to_string).collect::<Vec<_>>())) ". This one: "
                    a href=(components::finding_href(&group.exemplar.letter_id, &group.exemplar.finding_id)) { (group.exemplar.area) ", page " (group.exemplar.page) }
                }
            }
        }
        @for again in answer.flagged_again.iter().filter(|a| a.of_areas > 0) {
            p {
                "Of " (words::count(again.of_areas, "area", "areas")) " flagged for it from 2016 to 2022 and reported on since, "
                (again.again) " " @if again.again == 1 { "was" } @else { "were" } " flagged for it again" @if again.of_areas >= FEW { ": " (components::share_text(again.share)) } "."
            }
        }
    }
}

/// The areas that are flagged for the theme, by name.
fn flagged(areas: &BTreeMap<String, bool>, site: &Site) -> Markup {
    let mut named: Vec<(&str, &str)> = areas
        .iter()
        .filter(|(_, flagged)| **flagged)
        .map(|(code, _)| (site.reference.area(code).map_or(code.as_str(), |area| area.name.as_str()), code.as_str()))
        .collect();
    named.sort_unstable();
    html! {
        p {
            (words::thousands(named.len())) " of " (words::count(areas.len(), "area", "areas"))
            " with a letter " @if named.len() == 1 { "has" } @else { "have" } " been flagged for it in a formal item."
        }
        @if !named.is_empty() {
            details {
                summary { "Which areas" }
                ul.names { @for (name, code) in &named { li { a href={ "/areas/" (code) } { (name) } } } }
            }
        }
    }
}

/// Beginnings of sentences that cannot be understood without the one before.
const LEANING: [&str; 14] = [
    "they ",
    "this ",
    "these ",
    "those ",
    "their ",
    "it ",
    "its ",
    "some ",
    "however",
    "consequently",
    "as a result",
    "for example",
    "for instance",
    "in addition",
];

/// How poor an example of good practice a finding is: what is named as a strength or as effective comes before other
/// praise, a sentence that stands alone before one that depends on the one before it, and praise of this theme alone
/// before praise of many.
fn poorness(finding: &FindingRow, theme: &str) -> (bool, bool, usize) {
    let named = finding.role == Role::Strength || finding.section == Section::Effective;
    let text = finding.text.to_lowercase();
    let leans = finding.themes.iter().any(|tag| tag.id == theme && tag.from_previous)
        || LEANING.iter().any(|start| text.starts_with(start));
    (!named, leans, finding.themes.len())
}

fn practice(praise: &[FindingRow], theme: &str) -> Markup {
    let mut candidates: Vec<&FindingRow> = praise
        .iter()
        .filter(|f| f.role != Role::ProgressVerdict && (60..=400).contains(&f.text.chars().count()))
        .collect();
    // The sort is stable: among equals the latest inspection comes first.
    candidates.sort_by_key(|f| poorness(f, theme));
    let mut seen = BTreeSet::new();
    candidates.retain(|f| seen.insert(f.la_code.as_str()));
    html! {
        @if candidates.is_empty() { p { "No strength is recorded on this theme." } }
        @else { p { "From recent letters, one quote for each area. What inspectors list as a strength or as effective comes first." } }
        @for finding in candidates.iter().take(SHOWN_EXAMPLES) { (super::cited(finding)) }
    }
}
