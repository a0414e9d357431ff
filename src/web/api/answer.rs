//! The answers, as JSON values: exactly what the questions give, lists with their total.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use super::super::download::{Cell, Column, Table};
use super::super::error::Failure;
use super::super::filters;
use super::super::pages::{MAX_COMPARED_LETTERS, basis, comparable};
use super::super::params::Params;
use super::super::site::Site;
use super::{Answer, DEFAULT_LIMIT, Endpoint, MAX_LIMIT, MAX_OFFSET, schema};
use crate::query::{self, By, Filter, PeerOrder, QueryError};

fn value(answer: impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(answer).map_err(|e| Failure::Internal(e.to_string()))
}

/// A page of rows that are all at hand.
fn rows(all: Vec<impl Serialize>, filter: &Filter) -> Result<Value, Failure> {
    let total = all.len();
    let page: Vec<_> = all.into_iter().skip(filter.offset).take(filter.limit.unwrap_or(usize::MAX)).collect();
    Ok(json!({ "total": total, "items": value(page)? }))
}

/// Answers one question.
pub(super) async fn answer(asked: Answer, site: &Arc<Site>, params: &Params, given: String) -> Result<Value, Failure> {
    let limit = params.number("limit", DEFAULT_LIMIT, 1, MAX_LIMIT)?;
    let offset = params.number("offset", 0, 0, MAX_OFFSET)?;
    let unpaged = match asked {
        Answer::Changes => Filter::default(),
        _ => filters::read(params, &site.reference)?,
    };
    let filter = Filter { limit: Some(limit), offset, ..unpaged.clone() };
    let (today, pool) = (site.today(), &site.pool);
    match asked {
        Answer::Areas => {
            let all = pool.ask(move |d| query::areas(d, &unpaged, today)).await?;
            rows(all, &filter)
        }
        Answer::Area => {
            let code = area(site, &given)?;
            value(&*pool.ask(move |d| query::history(d, &code, &Filter::default(), today)).await?)
        }
        Answer::Peers => {
            let (code, basis) = (area(site, &given)?, basis(params, &site.reference)?);
            let order = match params.get("sort") {
                Some(given) => given.parse::<PeerOrder>().map_err(Failure::BadRequest)?,
                None => PeerOrder::default(),
            };
            value(pool.ask(move |d| query::peers_in_order(d, &code, &basis, &unpaged, order)).await?)
        }
        Answer::Compare => value(pool.ask(move |d| query::compare(d, &unpaged, today)).await?),
        Answer::Due => {
            let all = pool.ask(move |d| query::due(d, &unpaged, today)).await?;
            rows(all, &filter)
        }
        Answer::Letters => {
            let (total, items) = pool
                .ask(move |d| Ok::<_, QueryError>((query::count_letters(d, &unpaged)?, query::letters(d, &filter)?)))
                .await?;
            Ok(json!({ "total": total, "items": value(items)? }))
        }
        Answer::Letter => {
            let asked = given.clone();
            let found = pool.ask(move |d| query::letter(d, &asked)).await?;
            value(found.ok_or_else(|| Failure::NotFound(format!("There is no letter \"{given}\".")))?)
        }
        Answer::Findings => {
            let (total, items) = pool
                .ask(move |d| Ok::<_, QueryError>((query::count_findings(d, &unpaged)?, query::findings(d, &filter)?)))
                .await?;
            Ok(json!({ "total": total, "items": value(items)? }))
        }
        Answer::Finding => value(pool.ask(move |d| query::show(d, &given)).await?),
        Answer::Search => {
            let text = params
                .get("q")
                .ok_or_else(|| Failure::BadRequest("\"q\" is missing: what to search for.".to_owned()))?;
            let text = text.to_owned();
            let found = pool.ask(move |d| query::search(d, &text, &filter)).await?;
            Ok(json!({
                "total": found.total, "ranked": found.ranked, "understood": found.understood, "facets": value(&found.facets)?,
                "items": value(&found.hits)?,
            }))
        }
        Answer::Themes => {
            let (by, mix) = (by(params, "by")?, by(params, "standardise")?);
            let found = pool.ask(move |d| query::themes_to_one_mix(d, &unpaged, by, mix)).await?;
            let mut answer = rows(found.rows, &filter)?;
            answer["scope"] = value(&found.scope)?;
            answer["roles"] = value(&found.roles)?;
            answer["compared"] = value(found.compared)?;
            answer["cautions"] = value(&found.cautions)?;
            answer["trends"] = value(&found.trends)?;
            Ok(answer)
        }
        Answer::Recurring => {
            let asked = unpaged.clone();
            let found = pool
                .ask(move |d| Ok::<_, QueryError>(match comparable(d, &asked)? {
                    true => Some(query::recurring(d, &asked)?),
                    false => None,
                }))
                .await?
                .ok_or_else(|| Failure::BadRequest(format!("There are more than {MAX_COMPARED_LETTERS} letters that match, too many to compare all their wordings while you wait. Add a filter: a region, a type of area or a period.")))?;
            let mut answer = rows(found.groups, &filter)?;
            answer["scope"] = value(&found.scope)?;
            answer["flagged_again"] = value(&found.flagged_again)?;
            Ok(answer)
        }
        Answer::Codebook => {
            let themes = site.codebook.themes().iter().map(|t| {
                json!({ "id": t.id, "group": t.group, "label": t.label, "definition": t.definition, "includes": t.includes,
                    "excludes": t.excludes, "subthemes": t.subthemes })
            });
            rows(themes.collect(), &filter)
        }
        Answer::Changes => {
            let since = params.read("since")?;
            rows(pool.ask(move |d| query::changes(d, since)).await?, &filter)
        }
        Answer::Status => {
            let mut answer = value(&*pool.ask(query::status).await?)?;
            // Where the file lies on this machine is nobody's business.
            if let Some(object) = answer.as_object_mut() {
                object.remove("dataset");
            }
            Ok(answer)
        }
    }
}

fn area(site: &Site, given: &str) -> Result<String, Failure> {
    match site.reference.resolve(given) {
        Ok(area) => Ok(area.la_code.clone()),
        Err(_) => Err(Failure::NotFound(format!("No local area is called \"{given}\"."))),
    }
}

fn by(params: &Params, name: &str) -> Result<Option<By>, Failure> {
    match params.get(name) {
        None => Ok(None),
        Some("year") => Ok(Some(By::Year)),
        Some("region") => Ok(Some(By::Region)),
        Some("la_type") => Ok(Some(By::LaType)),
        Some("framework") => Ok(Some(By::Framework)),
        Some("outcome") => Ok(Some(By::Outcome)),
        Some(_) => Err(Failure::BadRequest(format!("\"{name}\" must be year, region, la_type, framework or outcome."))),
    }
}

/// The rows of an answer as a table whose columns are those of the schema.
pub(super) fn table(endpoint: Endpoint, answer: &Value) -> Table {
    let columns = schema::columns(endpoint.schema);
    let items = answer["items"].as_array().map_or(&[][..], Vec::as_slice);
    let rows = items.iter().map(|item| columns.iter().map(|column| cell(item, column)).collect()).collect();
    let columns = columns.into_iter().map(|name| Column::new(name, name)).collect();
    let name = endpoint.path.trim_matches('/').replace('/', "-");
    Table { name, columns, rows, more: Vec::new(), about: String::new() }
}

fn cell(item: &Value, column: &str) -> Cell {
    let found = column.split('.').fold(item, |value, key| &value[key]);
    match found {
        Value::Null => Cell::Empty,
        Value::Bool(yes) => Cell::Flag(*yes),
        Value::Number(n) => n
            .as_u64()
            .and_then(|n| usize::try_from(n).ok())
            .map_or_else(|| n.as_f64().map_or(Cell::Empty, Cell::Number), Cell::Count),
        Value::String(text) => text.as_str().into(),
        Value::Array(list) => list.iter().map(element).collect::<Vec<_>>().join("; ").as_str().into(),
        Value::Object(_) => found.to_string().as_str().into(),
    }
}

/// An element of a list in one cell: a tag by its id, a piece of text by its text.
fn element(value: &Value) -> String {
    let name = value["id"].as_str().or_else(|| value["text"].as_str()).or_else(|| value.as_str());
    name.map_or_else(|| value.to_string(), ToOwned::to_owned)
}
