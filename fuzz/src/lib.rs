//! The extraction by itself, so that the fuzz targets build without the web server, the database and the rest.

#[path = "../../src/domain/mod.rs"]
pub mod domain;
#[path = "../../src/extract/mod.rs"]
pub mod extract;
#[path = "../../tests/extract/wrap.rs"]
pub mod wrap;
