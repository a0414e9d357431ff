//! The whole dataset to take away, without a command line: one zip archive for programs, one workbook for people.
//!
//! Both are what `sendlens export` writes, with the dictionary of every column. The same dataset gives the same bytes.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::io::{Cursor, Write as _};
use std::path::Path;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::super::download;
use super::super::error::Failure;
use super::super::site::Site;
use crate::export::{Format, export};

/// The tables as CSV with their description, in one archive.
pub async fn archive(State(site): State<Arc<Site>>) -> Result<Response, Failure> {
    let bytes = exported(&site, Format::Csv, pack).await?;
    download::attachment("dataset", "zip", "application/zip", bytes)
}

/// The tables as sheets of one workbook.
pub async fn workbook(State(site): State<Arc<Site>>) -> Result<Response, Failure> {
    let bytes = exported(&site, Format::Xlsx, |dir| std::fs::read(dir.join("sendlens.xlsx")).map_err(failed)).await?;
    download::attachment("dataset", "xlsx", download::XLSX, bytes)
}

async fn exported(
    site: &Site,
    format: Format,
    read: fn(&Path) -> Result<Vec<u8>, Failure>,
) -> Result<Vec<u8>, Failure> {
    site.pool
        .ask(move |dataset| {
            let dir = tempfile::tempdir().map_err(failed)?;
            export(dataset, dir.path(), &BTreeSet::from([format])).map_err(failed)?;
            read(dir.path())
        })
        .await
}

/// Every file of a folder, in the order of names and without the time of its making.
fn pack(dir: &Path) -> Result<Vec<u8>, Failure> {
    let mut names: Vec<_> = std::fs::read_dir(dir)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.file_name())).collect())
        .map_err(failed)?;
    names.sort();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for name in names {
        zip.start_file(name.to_string_lossy(), SimpleFileOptions::DEFAULT).map_err(failed)?;
        zip.write_all(&std::fs::read(dir.join(&name)).map_err(failed)?).map_err(failed)?;
    }
    Ok(zip.finish().map_err(failed)?.into_inner())
}

fn failed(error: impl Display) -> Failure {
    Failure::Internal(format!("the dataset could not be exported: {error}"))
}
