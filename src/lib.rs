//! sendlens reads the letters and reports that Ofsted and the Care Quality Commission publish after inspecting
//! how an area of England serves children with special educational needs and disabilities (SEND), codes every
//! finding against a theme codebook, and keeps the result as a dataset that anyone can query.
//!
//! The modules are the stages of one pipeline and know only the stages before them:
//! [`domain`] <- [`extract`], [`parse`], [`code`], [`store`] <- `query` <- `export`, `report`, `web` <- `cli`;
//! `view` holds what `report` and `web` share.

pub mod archive;
pub mod cli;
pub mod code;
pub mod codebook;
pub mod config;
pub mod crawl;
pub mod demo;
pub mod domain;
pub mod evaluate;
pub mod export;
pub mod extract;
pub mod parse;
pub mod pipeline;
#[cfg(feature = "python")]
mod python;
pub mod query;
pub mod reference;
pub mod report;
pub mod store;
pub mod view;
pub mod web;
