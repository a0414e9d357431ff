//! Joins the stages: bytes in, coded findings in the store.
//!
//! [`Stages`] reads one document and is pure: the same bytes and the same versions give the same result, on any thread
//! and in any order. Around it stand the ways into a dataset: [`ingest`] for local files, [`update`](mod@update) for
//! sources on the web, [`ingest_parquet`] for what a cluster read, and [`rebuild`] for what is held already. Each reads in
//! parallel and records with one writer, so that threads never change what is recorded.

mod check;
mod exchange;
mod files;
mod from_parquet;
mod ingest;
mod listing;
mod ordered;
mod rebuild;
mod report;
mod run;
mod stages;
mod titles;
pub mod update;

pub use check::{Checked, Problem, check};
pub use exchange::{DocumentRecord, RecordError};
pub use files::{Found, InputError, find};
pub use from_parquet::{FromParquetError, ingest_parquet};
pub use ingest::{IngestError, LOCAL, ReadError, ingest, read_document};
pub use ordered::ThreadsError;
pub use rebuild::{Rebuild, RebuildError, RebuildEvent, RebuildScope, rebuild};
pub use report::{DocumentReport, RunReport};
pub use stages::Stages;
