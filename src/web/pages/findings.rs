//! Full-text search over findings. The address holds the whole state, so that a search can be kept and sent on.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use maud::{Markup, html};

use super::super::error::Failure;
use super::super::layout::{Page, Part};
use super::super::params::Params;
use super::super::site::Site;
use super::super::{components, download, filters};
use super::{LAST_PAGE, PAGE_SIZE};
use crate::codebook::Codebook;
use crate::domain::{Framework, LaType, LetterKind, Outcome, Polarity, Role, Section, Term};
use crate::query::{
    Facets, Filter, FindingRow, Found, QueryError, Segment, facets, findings, search as full_text, total_of,
};
use crate::store::Dataset;
use crate::view::words;

/// The facets in the order of the page: filter, heading.
const FACETS: [(&str, &str); 9] = [
    ("polarity", "Praise or criticism"),
    ("theme", "Theme"),
    ("role", "Part in the letter"),
    ("framework", "Framework"),
    ("kind", "Kind of letter"),
    ("outcome", "Outcome"),
    ("region", "Region"),
    ("la_type", "Type of area"),
    ("area", "Area"),
];
/// Values of a facet that are shown at once; the rest is folded away.
const SHOWN_VALUES: usize = 8;

/// What a search or a mere choice of filters gives.
struct Answer {
    hits: Vec<(FindingRow, Vec<Segment>)>,
    total: Option<usize>,
    ranked: bool,
    facets: Facets,
}

fn ask(dataset: &Dataset, text: Option<&str>, filter: &Filter) -> Result<Answer, QueryError> {
    if let Some(text) = text {
        let Found { hits, total, ranked, facets, .. } = full_text(dataset, text, filter)?;
        return Ok(Answer { hits: hits.into_iter().map(|h| (h.finding, h.segments)).collect(), total, ranked, facets });
    }
    let rows = if filter.roles.is_empty() { formal_first(dataset, filter)? } else { findings(dataset, filter)? };
    let hits = rows.into_iter().map(|f| (f, Vec::new())).collect();
    let facets = facets(dataset, filter)?;
    Ok(Answer { hits, total: Some(total_of(&facets)), ranked: false, facets })
}

/// Formal items before all other findings, and on each page what only describes an area last.
fn formal_first(dataset: &Dataset, filter: &Filter) -> Result<Vec<FindingRow>, QueryError> {
    let of_roles =
        |formal: bool| -> Vec<Role> { Role::ALL.iter().copied().filter(|role| role.flags() == formal).collect() };
    let (limit, offset) = (filter.limit.unwrap_or(usize::MAX), filter.offset);
    let formal = Filter { roles: of_roles(true), ..filter.clone() };
    let mut rows = findings(dataset, &formal)?;
    if rows.len() < limit {
        let before = total_of(&facets(dataset, &formal)?);
        let rest = Filter {
            roles: of_roles(false),
            limit: Some(limit - rows.len()),
            offset: offset.saturating_sub(before),
            ..filter.clone()
        };
        let mut rest = findings(dataset, &rest)?;
        rest.sort_by_key(|finding| finding.section == Section::Context);
        rows.extend(rest);
    }
    Ok(rows)
}

pub async fn search(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let params = Params::parse(query.as_deref())?;
    let page = params.number("page", 1, 1, LAST_PAGE)?;
    let filter = filters::read(&params, &site.reference)?;
    let text = params.get("q").map(ToOwned::to_owned);
    let paged = Filter { limit: Some(PAGE_SIZE), offset: (page - 1) * PAGE_SIZE, ..filter };
    let asked = site.pool.ask(move |dataset| Ok::<_, Failure>(ask(dataset, text.as_deref(), &paged))).await?;
    let (answer, problem) = match asked {
        Ok(answer) => (Some(answer), None),
        // A search that cannot be understood is answered with help, beside the field that holds it.
        Err(error @ QueryError::Search { .. }) => (None, Some(error)),
        Err(error) => return Err(error.into()),
    };
    let body = html! {
        h1 { "Findings" }
        (form(&params, &site.codebook))
        @if let Some(QueryError::Search { problem, help, .. }) = &problem {
            div.note.warn role="alert" { p { strong { "The search cannot be understood: " } (problem) "." } p { (help) } }
        }
        @if let Some(answer) = &answer { (results(&params, answer, page, &site)) }
    };
    let bad = problem.is_some();
    let mut response = Page::new(Part::Findings, "Findings", body)
        .without_use_for(params.unused(&[&filters::NAMES[..], &["q", "page"]].concat()))
        .render(&site)
        .await;
    if bad {
        *response.status_mut() = axum::http::StatusCode::BAD_REQUEST;
    }
    Ok(response)
}

fn form(params: &Params, codebook: &Codebook) -> Markup {
    let own = ["q", "theme", "page"];
    html! {
        form method="get" action="/findings" role="search" aria-label="Search the findings" {
            @for (name, value) in params.pairs().filter(|(name, _)| !own.contains(name)) { input type="hidden" name=(name) value=(value); }
            div.row {
                div.grow {
                    label for="q" { "Search for words in findings" }
                    span.hint id="q-hint" { "Use quotes for a phrase, * for any ending, and AND, OR, NOT between words." }
                    input type="search" id="q" name="q" value=[params.get("q")] aria-describedby="q-hint" maxlength="400";
                }
                div {
                    label for="theme" { "Theme" }
                    select id="theme" name="theme" {
                        option value="" { "Any theme" }
                        @for theme in codebook.themes() { option value=(theme.id) selected[params.all("theme").any(|t| t == theme.id)] { (theme.label) } }
                    }
                }
                button type="submit" { "Search" }
            }
        }
    }
}

fn results(params: &Params, answer: &Answer, page: usize, site: &Site) -> Markup {
    html! {
        div.with-facets {
            (narrow(params, answer, site))
            section aria-label="Results" {
                (chips(params, site))
                p {
                    @match answer.total {
                        Some(total) => { strong { (words::count(total, "finding", "findings")) } }
                        None => { strong { "Very many findings" } ": too many to count or rank, so the newest are shown. Add a word or a filter." }
                    }
                    @if answer.hits.is_empty() {} @else if answer.ranked { ", best matches first" } @else if answer.total.is_some() && params.get("q").is_none() && params.get("role").is_none() { ", formal items first, then latest inspections first" } @else if answer.total.is_some() { ", latest inspections first" }
                }
                @if answer.hits.is_empty() { (nothing(params, &site.codebook)) }
                ul.results { @for (finding, segments) in &answer.hits { (result(finding, segments, &site.codebook)) } }
                (components::doubt_note(answer.hits.iter().map(|(finding, _)| finding)))
                @match answer.total {
                    Some(total) => { (components::pager(params, "/findings", page, PAGE_SIZE, total.min(PAGE_SIZE * LAST_PAGE))) }
                    None => { (components::pager(params, "/findings", page, PAGE_SIZE, page * PAGE_SIZE + answer.hits.len())) }
                }
                @if !answer.hits.is_empty() {
                    ul.actions {
                        li { a.button.quiet href=(params.with("/findings.xlsx", "page", None)) { "Download this result for Excel" } }
                        li { a.button.quiet href=(params.with("/findings.csv", "page", None)) { "Download as CSV" } }
                    }
                }
            }
        }
    }
}

/// What to do where nothing matches: only advice that applies here.
fn nothing(params: &Params, codebook: &Codebook) -> Markup {
    let filtered = params.pairs().any(|(name, _)| filters::NAMES.contains(&name));
    let searched = params.get("q").map(str::to_lowercase);
    // Themes whose name or definition has one of the words searched for.
    let near: Vec<_> = searched
        .iter()
        .flat_map(|text| {
            let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() >= 4).collect();
            codebook.themes().iter().filter(move |theme| {
                let about = format!("{} {}", theme.label, theme.definition).to_lowercase();
                words.iter().any(|word| about.contains(word))
            })
        })
        .take(5)
        .collect();
    html! {
        ul {
            @if searched.is_some() { li { "Try fewer words, or another spelling." } }
            @if filtered { li { "Remove a filter above, or " a href=(params.with_all("/findings", &filters::NAMES.map(|name| (name, None)))) { "remove all filters" } "." } }
            @if near.is_empty() { li { a href="/themes" { "Choose a theme" } " instead." } }
            @else {
                li {
                    "Look under a theme: "
                    @for (i, theme) in near.iter().enumerate() { @if i > 0 { ", " } a href={ "/findings?theme=" (theme.id) } { (theme.label) } }
                    "."
                }
            }
        }
    }
}

fn result(finding: &FindingRow, segments: &[Segment], codebook: &Codebook) -> Markup {
    html! {
        li {
            h2 { a href=(components::finding_href(&finding.letter_id, &finding.id)) { (finding.area) ", " (words::month_year(finding.inspection_start)) ", page " (finding.page) } }
            blockquote {
                p {
                    @if segments.is_empty() { (finding.text) }
                    @for segment in segments { @if segment.hit { mark { (segment.text) } } @else { (segment.text) } }
                }
            }
            div.meta { (components::judgement(finding)) span { (words::role(finding.role)) } (components::theme_tags(finding, codebook)) }
        }
    }
}

/// The filters that are set, each with a link that removes it.
fn chips(params: &Params, site: &Site) -> Markup {
    let set: Vec<(&str, &str)> = params.pairs().filter(|(name, _)| filters::NAMES.contains(name)).collect();
    html! {
        @if !set.is_empty() {
            ul.chips aria-label="Filters that are set" {
                @for (name, value) in set {
                    li { a href=(params.with("/findings", name, None)) { span.visually-hidden { "Remove the filter: " } (shown(name, value, site)) " \u{d7}" } }
                }
            }
        }
    }
}

fn narrow(params: &Params, answer: &Answer, site: &Site) -> Markup {
    html! {
        aside.facets aria-label="Narrow the result" {
            @if answer.facets.is_empty() && answer.total.is_none() { p.soft { "Too many findings to count here." } }
            @if params.get("confident").is_none() {
                p { a href=(params.with("/findings", "confident", Some("true"))) { "Leave out doubtful codes" } }
            }
            (years(params, answer))
            @for (name, heading) in FACETS {
                @if let Some(values) = answer.facets.get(name) {
                    @let (first, rest) = values.split_at(SHOWN_VALUES.min(values.len()));
                    // A value that is set is never folded away.
                    @let unfolded = rest.iter().any(|(value, _)| params.all(name).any(|v| v == value));
                    details open {
                        summary { (heading) }
                        ul { @for (value, count) in first { (choice(params, name, value, *count, site)) } }
                        @if !rest.is_empty() {
                            details open[unfolded] {
                                summary { (rest.len()) " more" span.visually-hidden { ": " (heading) } }
                                ul { @for (value, count) in rest { (choice(params, name, value, *count, site)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The years in which inspections began, the latest first, as a facet: choosing one sets both ends of the period.
fn years(params: &Params, answer: &Answer) -> Markup {
    let mut counted: Vec<(&str, usize)> =
        answer.facets.get("year").into_iter().flatten().map(|(year, count)| (year.as_str(), *count)).collect();
    counted.sort_unstable_by_key(|(year, _)| std::cmp::Reverse(*year));
    let chosen = |year: &str| {
        params.get("since") == Some(&*format!("{year}-01-01")) && params.get("until") == Some(&*format!("{year}-12-31"))
    };
    html! {
        @if !counted.is_empty() {
            details open {
                summary { "Year of inspection" }
                ul {
                    @for (year, count) in counted {
                        @let on = chosen(year);
                        @let (since, until) = (format!("{year}-01-01"), format!("{year}-12-31"));
                        li {
                            a href=(params.with_all("/findings", &[("since", (!on).then_some(since.as_str())), ("until", (!on).then_some(until.as_str()))]))
                                aria-current=[on.then_some("true")] { (year) @if on { " \u{2713}" } }
                            span.n { (words::thousands(count)) }
                        }
                    }
                }
            }
        }
    }
}

/// A value of a facet, with the number of findings that choosing it leaves; choosing it again lets it go.
fn choice(params: &Params, name: &str, value: &str, count: usize, site: &Site) -> Markup {
    let on = params.all(name).any(|v| v == value);
    html! {
        li {
            a href=(params.with("/findings", name, (!on).then_some(value))) aria-current=[on.then_some("true")] { (shown(name, value, site)) @if on { " \u{2713}" } }
            span.n { (words::thousands(count)) }
        }
    }
}

/// A day as people read it.
fn day(value: &str) -> String {
    value.parse().map_or_else(|_| value.to_owned(), words::date)
}

/// A filter's value as people read it.
fn shown(name: &str, value: &str, site: &Site) -> String {
    fn word<T: Term>(value: &str, words: impl Fn(T) -> &'static str) -> Option<&'static str> {
        value.parse().ok().map(words)
    }
    if name != "area" && value.contains(',') {
        let parts: Vec<String> = value.split(',').map(|part| shown(name, part.trim(), site)).collect();
        return words::either(&parts.iter().map(String::as_str).collect::<Vec<_>>());
    }
    let found = match name {
        "polarity" => word::<Polarity>(value, words::polarity),
        "role" => word::<Role>(value, words::role),
        "framework" => word::<Framework>(value, words::framework),
        "kind" => word::<LetterKind>(value, words::kind),
        "outcome" => word::<Outcome>(value, words::outcome),
        "la_type" => word::<LaType>(value, words::la_type),
        "theme" => return components::theme_label(value, &site.codebook).to_owned(),
        "area" => return site.reference.resolve(value).map_or_else(|_| value.to_owned(), |a| a.name.clone()),
        "neighbours_of" => {
            let name = site.reference.resolve(value).map_or(value, |a| a.name.as_str());
            return format!("Neighbours of {name}");
        }
        "confident" => Some(if value == "true" { "without doubtful codes" } else { "with doubtful codes" }),
        "since" => return format!("inspected since {}", day(value)),
        "until" => return format!("inspected until {}", day(value)),
        _ => None,
    };
    found.map_or_else(|| value.to_owned(), ToOwned::to_owned)
}

const COLUMNS: [download::Column; 13] = [
    download::Column::new("id", "Finding"),
    download::Column::new("letter_id", "Letter"),
    download::Column::new("la_code", "Area code"),
    download::Column::new("area", "Area"),
    download::Column::new("inspection_start", "Inspection started"),
    download::Column::new("role", "Part in the letter"),
    download::Column::new("section", "Section"),
    download::Column::new("ordinal", "Number in the letter"),
    download::Column::new("polarity", "Praise or criticism"),
    download::Column::new("themes", "Themes"),
    download::Column::new("text", "Quote"),
    download::Column::new("page", "Page"),
    download::Column::new("url", "Original"),
];

async fn table_of(site: &Arc<Site>, query: Option<&str>) -> Result<download::Table, Failure> {
    let params = Params::parse(query)?;
    let filter = Filter { limit: Some(download::MAX_ROWS), ..filters::read(&params, &site.reference)? };
    let text = params.get("q").map(ToOwned::to_owned);
    let rows: Vec<FindingRow> = site
        .pool
        .ask(move |dataset| match text {
            Some(text) => {
                Ok::<_, QueryError>(full_text(dataset, &text, &filter)?.hits.into_iter().map(|h| h.finding).collect())
            }
            None => findings(dataset, &filter),
        })
        .await?;
    let cells = |f: &FindingRow| -> Vec<download::Cell> {
        let themes: Vec<&str> = f.themes.iter().map(|t| t.id.as_str()).collect();
        vec![
            f.id.as_str().into(),
            f.letter_id.as_str().into(),
            f.la_code.as_str().into(),
            f.area.as_str().into(),
            f.inspection_start.to_string().as_str().into(),
            f.role.as_str().into(),
            f.section.as_str().into(),
            (f.ordinal as usize).into(),
            f.polarity.as_str().into(),
            themes.join(";").as_str().into(),
            f.text.as_str().into(),
            (f.page as usize).into(),
            f.url.as_deref().into(),
        ]
    };
    let about = format!(
        "Findings of the search {}. At most {} rows.",
        params.with("/findings", "page", None),
        words::thousands(download::MAX_ROWS)
    );
    Ok(download::Table {
        name: "findings".to_owned(),
        columns: COLUMNS.to_vec(),
        rows: rows.iter().map(cells).collect(),
        more: Vec::new(),
        about,
    })
}

/// The result as CSV.
pub async fn csv(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    download::csv(&table_of(&site, query.as_deref()).await?)
}

/// The result for spreadsheet programs.
pub async fn xlsx(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    download::xlsx(&table_of(&site, query.as_deref()).await?)
}
