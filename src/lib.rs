//! sendlens reads the letters and reports that Ofsted and the Care Quality Commission publish after inspecting
//! how an area of England serves children with special educational needs and disabilities (SEND), codes every
//! finding against a theme codebook, and keeps the result as a dataset that anyone can query.
//!
//! # Read one PDF
//!
//! [`extract::extract`] gives the text as typed blocks, and [`parse::parse`] makes a letter of them. Both are pure, and both
//! refuse what they cannot read instead of guessing.
//!
//! ```
//! use sendlens::{extract, parse, reference::Reference};
//!
//! let bytes = std::fs::read("fixtures/letters/2024-saltmere-full.pdf")?;
//! let text = extract::extract(&bytes, &extract::Limits::default())?;
//! // The fixtures are about invented areas; `Reference::bundled()` knows those of England.
//! let areas = Reference::load("fixtures/reference".as_ref())?;
//! let parse::Parsed::Letter(letter) = parse::parse(&text, &areas)? else { panic!("not a SEND letter") };
//! assert_eq!(letter.kind.to_string(), "area_send_full");
//! assert!(letter.counts.area_for_improvement > 0);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # Code one sentence
//!
//! A [`code::Coder`] gives a text its themes, each with the words that earned it, and says whether it praises or criticises.
//!
//! ```
//! use sendlens::{code::{Coder, Input}, codebook::Codebook, domain::Polarity};
//!
//! // `Coder::new` also asks the language model, which takes longer.
//! let coder = Coder::patterns_only(Codebook::bundled());
//! let coding = coder.code(&Input { text: "Children wait too long for an autism assessment.", ..Input::default() });
//! assert_eq!(coding.polarity, Polarity::Weakness);
//! assert!(coding.themes.iter().any(|code| code.id == "waiting-times"));
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # Ask one question
//!
//! [`pipeline::ingest`] takes documents into a data directory, and [`query`] answers from it, with the denominator of every
//! share.
//!
//! ```
//! use sendlens::{
//!     archive::Archive, code::Coder, codebook::Codebook, extract::Limits, pipeline, query, reference::Reference,
//!     store::Dataset,
//! };
//!
//! let data = tempfile::tempdir()?;
//! let stages = pipeline::Stages {
//!     limits: Limits::default(),
//!     reference: Reference::load("fixtures/reference".as_ref())?,
//!     coder: Coder::patterns_only(Codebook::bundled()),
//! };
//! let mut dataset = Dataset::open(data.path())?;
//! stages.describe(&mut dataset)?;
//! let files = pipeline::find(&["fixtures/letters/2024-saltmere-full.pdf".into()])?;
//! pipeline::ingest(&files, &stages, &Archive::open(data.path())?, &mut dataset, 1, |_| ())?;
//!
//! let themes = query::themes(&dataset, &query::Filter::default(), None)?;
//! assert_eq!(themes.scope.letters, 1);
//! let most_frequent = &themes.rows[0];
//! println!("{}: {} of {} letters", most_frequent.label, most_frequent.letters, most_frequent.of_letters);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # Modules
//!
//! The modules are the stages of one pipeline and know only the stages before them:
//! [`domain`] <- [`extract`], [`parse`], [`code`], [`store`] <- [`query`] <- [`export`], `report`, [`web`] <- [`cli`];
//! [`view`] holds what `report` and `web` share. `docs/architecture.md` follows a document and a question through them.

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
mod report;
pub mod store;
pub mod view;
pub mod web;
