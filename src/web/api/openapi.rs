//! The OpenAPI document, made from the list of endpoints.

use serde_json::{Map, Value, json};

use super::super::params::MAX_VALUES;
use super::super::site::Site;
use super::{DEFAULT_LIMIT, ENDPOINTS, Endpoint, MAX_LIMIT, MAX_OFFSET, filters, schema};

/// The description of the API.
pub(super) fn document(site: &Site) -> Value {
    let mut paths = Map::new();
    for endpoint in ENDPOINTS {
        paths.insert(format!("/api/v1{}", endpoint.path), json!({ "get": operation(&endpoint, false) }));
        if endpoint.rows {
            paths.insert(format!("/api/v1{}.csv", endpoint.path), json!({ "get": operation(&endpoint, true) }));
        }
    }
    let mut schemas = schema::schemas();
    let named = |ids: Vec<&str>, what: &str| json!({ "type": "string", "enum": ids, "description": what });
    schemas.insert(
        schema::AREA_CODE.to_owned(),
        named(
            site.reference.areas().iter().map(|area| area.la_code.as_str()).collect(),
            "Three-digit code of a local area. An ONS code, a URN or the name in any usual spelling is understood too.",
        ),
    );
    schemas.insert(
        schema::THEME_ID.to_owned(),
        named(site.codebook.themes().iter().map(|theme| theme.id.as_str()).collect(), "Id of a theme of the codebook."),
    );
    schemas.insert(
        "Problem".to_owned(),
        json!({
            "type": "object", "required": ["type", "title", "status", "detail", "instance"],
            "properties": {
                "type": { "type": "string" }, "title": { "type": "string" }, "status": { "type": "integer" },
                "detail": { "type": "string" }, "instance": { "type": "string" },
            },
        }),
    );
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "sendlens", "version": env!("CARGO_PKG_VERSION"),
            "description": "What inspections of local SEND services in England find: letters, findings, themes, areas. Read only.",
            "license": { "name": "Open Government Licence v3.0 (text of the inspectorates)",
                "url": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/" },
        },
        "paths": paths,
        "components": { "schemas": schemas },
    })
}

fn operation(endpoint: &Endpoint, csv: bool) -> Value {
    let content = if csv {
        json!({ "text/csv": { "schema": { "type": "string" } } })
    } else if endpoint.rows {
        json!({ "application/json": { "schema": rows(endpoint) }, "text/csv": { "schema": { "type": "string" } } })
    } else {
        json!({ "application/json": { "schema": { "$ref": format!("#/components/schemas/{}", endpoint.schema) } } })
    };
    let problem = |what: &str| json!({ "description": what, "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } });
    json!({
        "summary": endpoint.summary,
        "operationId": format!("{:?}{}", endpoint.answer, if csv { "Csv" } else { "" }),
        "parameters": parameters(endpoint),
        "responses": {
            "200": { "description": "The answer", "content": content },
            "304": { "description": "Nothing has changed" },
            "400": problem("The question cannot be understood"),
            "404": problem("There is no such thing"),
            "405": problem("Only reading is possible"),
            "414": problem("The address is too long"),
            "503": problem("Busy, or no dataset yet"),
            "504": problem("The question took too long"),
        },
    })
}

fn rows(endpoint: &Endpoint) -> Value {
    let items = json!({ "type": "array", "items": { "$ref": format!("#/components/schemas/{}", endpoint.schema) } });
    let count = json!({ "type": "integer", "minimum": 0 });
    let (mut properties, mut required) = (Map::new(), vec!["total", "items"]);
    properties.insert("total".to_owned(), count.clone());
    properties.insert("items".to_owned(), items);
    let mut add = |name: &'static str, schema: Value| {
        properties.insert(name.to_owned(), schema);
        required.push(name);
    };
    match endpoint.schema {
        "Hit" => {
            add("ranked", json!({ "type": "boolean" }));
            add("understood", json!({ "type": "string" }));
            add(
                "facets",
                json!({ "type": "object", "additionalProperties": { "type": "array", "items": {
                "type": "array", "items": { "anyOf": [{ "type": "string" }, count.clone()] }, "minItems": 2, "maxItems": 2 } } }),
            );
            add("total", json!({ "anyOf": [count, { "type": "null" }] }));
        }
        "ThemeShare" => {
            add("scope", json!({ "$ref": "#/components/schemas/Scope" }));
            add("roles", json!({ "type": "array", "items": { "type": "string" } }));
            add("compared", count.clone());
            add("cautions", json!({ "type": "array", "items": { "type": "string" } }));
            add("trends", json!({ "type": "array", "items": { "$ref": "#/components/schemas/Trend" } }));
        }
        "Group" => {
            add("scope", json!({ "$ref": "#/components/schemas/Scope" }));
            add("flagged_again", json!({ "type": "array", "items": { "$ref": "#/components/schemas/FlaggedAgain" } }));
        }
        _ => {}
    }
    required.sort_unstable();
    required.dedup();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn parameters(endpoint: &Endpoint) -> Vec<Value> {
    let path = endpoint.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut all: Vec<Value> =
        path.map(|name| json!({ "name": name, "in": "path", "required": true, "schema": schema::text(200) })).collect();
    for name in endpoint.own {
        let schema = match *name {
            "basis" => {
                json!({ "type": "string", "enum": ["neighbours", "region", "type", "all", "list"], "default": "neighbours" })
            }
            "with" => {
                let codes = json!({ "type": "array", "items": schema::filter_schema("area"), "minItems": 1 });
                all.push(json!({ "name": name, "in": "query", "required": false, "style": "form", "explode": false, "schema": codes,
                    "description": "The areas to compare with, for the basis \"list\"." }));
                continue;
            }
            "sort" => {
                json!({ "type": "string", "enum": ["most-unusual", "most-flagged", "here-too"], "default": "most-unusual" })
            }
            "by" | "standardise" => {
                json!({ "type": "string", "enum": ["year", "region", "la_type", "framework", "outcome"] })
            }
            other => schema::filter_schema(other),
        };
        all.push(json!({ "name": name, "in": "query", "required": *name == "q", "schema": schema }));
    }
    if endpoint.filters {
        for name in filters::NAMES {
            let list = !matches!(name, "neighbours_of" | "since" | "until" | "confident");
            let one = schema::filter_schema(name);
            // With every filter at its longest, an address stays within what is read.
            let schema = if list {
                json!({ "type": "array", "items": one, "uniqueItems": true, "maxItems": MAX_VALUES })
            } else {
                one
            };
            all.push(json!({ "name": name, "in": "query", "required": false, "explode": true, "schema": schema }));
        }
    }
    if endpoint.rows {
        for (name, default, least, most) in [("limit", DEFAULT_LIMIT, 1, MAX_LIMIT), ("offset", 0, 0, MAX_OFFSET)] {
            let schema = json!({ "type": "integer", "minimum": least, "maximum": most, "default": default });
            all.push(json!({ "name": name, "in": "query", "required": false, "schema": schema }));
        }
    }
    all
}
