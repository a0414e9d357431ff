//! The dataset described for machines and people: `datapackage.json` (Frictionless), `metadata.json` (Datasette) and
//! the data dictionary.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::Written;
use super::tables::{Column, Kind, TABLES};
use crate::query::Totals;

/// Title of the dataset.
pub const TITLE: &str = "Findings of local area SEND inspections in England";

/// What the dataset is, in a sentence.
pub const DESCRIPTION: &str = "Letters and reports that Ofsted and the Care Quality Commission published after \
    inspecting how local areas of England serve children and young people with special educational needs and \
    disabilities (SEND), with every finding quoted, coded by theme and polarity, and traceable to its page.";

/// Name and address of the licence of everything that the inspectorates, the Department and the Office published.
pub const LICENCE: (&str, &str) =
    ("Open Government Licence v3.0", "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/");

/// Where the facts come from.
pub const SOURCES: &[(&str, &str)] = &[
    ("Ofsted and the Care Quality Commission: letters and reports", "https://reports.ofsted.gov.uk/"),
    (
        "Ofsted official statistics: local area SEND inspections and revisits to 31 August 2022",
        "https://www.gov.uk/government/collections/local-area-send-inspection-outcomes",
    ),
    (
        "Department for Education: statistical neighbours, local authority codes",
        "https://www.gov.uk/government/publications/local-authority-interactive-tool-lait",
    ),
    ("Office for National Statistics: area codes", "https://geoportal.statistics.gov.uk/"),
];

/// What the numbers of the dataset mean and do not mean, for the about sheet and the dictionary.
pub const NOTES: &[&str] = &[
    "An area is flagged for a theme when a letter has a formal item (significant weakness, priority action, area for \
     improvement, area for development) on it. Shares count letters or areas, never sentences.",
    "Quotes are exact. Themes and polarity are given by the codebook's rules and can be wrong: the evidence stands \
     beside each theme.",
    "Empty means that the letter does not say it or that the framework has no such thing; what could not be read is \
     listed among the suspicious values, and previous_inspection_status tells unreadable from absent.",
    "Compare letters of one framework with each other: the formal items of 2016-2022 and of 2023 are not alike.",
];

/// The Frictionless description of what was written.
pub(super) fn datapackage(written: &[Written], totals: &Totals) -> Value {
    // The same rows are one resource; the other forms of them are listed as files.
    let form = if written.iter().any(|w| w.path.ends_with(".csv")) { ".csv" } else { ".jsonl" };
    let tabular = |w: &&Written| w.table.is_some() && w.path.ends_with(form);
    let resources: Vec<Value> = written.iter().filter(tabular).map(resource).collect();
    let files: Vec<Value> = written
        .iter()
        .filter(|w| !tabular(w))
        .map(|w| json!({"path": w.path, "bytes": w.bytes, "hash": format!("sha256:{}", w.sha256)}))
        .collect();
    let versions: Vec<Value> = totals
        .versions
        .iter()
        .map(|v| {
            json!({"extract": v.versions.extract, "parse": v.versions.parse, "code": v.versions.code,
            "codebook": v.versions.codebook, "documents": v.documents})
        })
        .collect();
    json!({
        "name": "sendlens",
        "title": TITLE,
        "description": DESCRIPTION,
        "version": env!("CARGO_PKG_VERSION"),
        "licenses": [{"name": "OGL-UK-3.0", "title": LICENCE.0, "path": LICENCE.1}],
        "sources": SOURCES.iter().map(|(title, path)| json!({"title": title, "path": path})).collect::<Vec<_>>(),
        "counts": {"letters": totals.letters, "findings": totals.findings},
        "readers": versions,
        "notes": NOTES,
        "resources": resources,
        "files": files,
    })
}

fn resource(written: &Written) -> Value {
    let extension = written.path.rsplit('.').next().unwrap_or_default();
    let media_type = if extension == "csv" { "text/csv" } else { "application/jsonl" };
    let mut resource = json!({
        "name": written.table.map_or("", |t| t.name).replace('_', "-"),
        "path": written.path,
        "format": extension,
        "mediatype": media_type,
        "encoding": "utf-8",
        "bytes": written.bytes,
        "hash": format!("sha256:{}", written.sha256),
    });
    if let (Some(table), Some(fields)) = (written.table, resource.as_object_mut()) {
        fields.insert("description".to_owned(), table.about.into());
        fields.insert("rows".to_owned(), written.rows.into());
        if extension == "csv" {
            fields.insert("profile".to_owned(), "tabular-data-resource".into());
            let mut schema = json!({"fields": table.columns.iter().map(field).collect::<Vec<_>>()});
            if table.columns.first().is_some_and(|c| c.path == "id") {
                schema["primaryKey"] = "id".into();
            }
            fields.insert("schema".to_owned(), schema);
        }
    }
    resource
}

fn field(column: &Column) -> Value {
    let kind = match column.kind {
        Kind::Text => "string",
        Kind::Whole => "integer",
        Kind::Number => "number",
        Kind::Truth => "boolean",
        Kind::Day => "date",
        Kind::Texts | Kind::Records(_) => "array",
    };
    json!({"name": column.name(), "type": kind, "description": column.about})
}

/// The description that Datasette shows beside the SQLite copy.
pub(super) fn metadata() -> Value {
    let tables: Map<String, Value> = TABLES
        .iter()
        .map(|table| {
            let columns: Map<String, Value> = table.columns.iter().map(|c| (c.name(), Value::from(c.about))).collect();
            let title = table.name.replace('_', " ");
            (table.name.to_owned(), json!({"title": title, "description": table.about, "columns": columns}))
        })
        .collect();
    json!({
        "title": TITLE,
        "description": DESCRIPTION,
        "license": LICENCE.0,
        "license_url": LICENCE.1,
        "source": "Ofsted and the Care Quality Commission",
        "source_url": SOURCES[0].1,
        "databases": {"sendlens": {"tables": tables}},
    })
}

/// The data dictionary, in Markdown.
#[must_use]
pub fn dictionary() -> String {
    let mut text = format!("# {TITLE}\n\n{DESCRIPTION}\n\n");
    for note in NOTES {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "- {note}");
    }
    for table in TABLES {
        let _ = writeln!(text, "\n## {}\n\n{}\n\n| column | type | meaning |\n|---|---|---|", table.name, table.about);
        for column in table.columns {
            let kind = match column.kind {
                Kind::Text => "text".to_owned(),
                Kind::Whole => "whole number".to_owned(),
                Kind::Number => "number".to_owned(),
                Kind::Truth => "true or false".to_owned(),
                Kind::Day => "date".to_owned(),
                Kind::Texts => "list of texts".to_owned(),
                Kind::Records(fields) => {
                    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
                    format!("list of records ({})", names.join(", "))
                }
            };
            let _ = writeln!(text, "| {} | {kind} | {} |", column.name(), column.about);
        }
    }
    let _ = writeln!(text, "\n## Sources and licence\n");
    for (title, address) in SOURCES {
        let _ = writeln!(text, "- {title}: <{address}>");
    }
    let _ = writeln!(
        text,
        "\nContains public sector information licensed under the [{}]({}). © Crown copyright.",
        LICENCE.0, LICENCE.1
    );
    text
}
