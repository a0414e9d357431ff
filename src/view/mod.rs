//! What the pages and the report share: charts and their files, the tile map, tables to take away, calendars, citations, figures in words, the briefing's questions, the style.
//!
//! Everything here turns values and typed answers into text or markup and does nothing else: no database, no network,
//! no clock.
//! Markup is made by maud, which escapes every value. Colour never stands alone: whatever a colour says is also
//! said by a mark, a pattern or a word.

pub mod briefing;
pub(crate) mod calendar;
pub(crate) mod chart;
pub(crate) mod citation;
pub(crate) mod figure;
pub(crate) mod pieces;
pub(crate) mod quality;
pub(crate) mod table;
pub(crate) mod tables;
pub(crate) mod tilemap;
pub(crate) mod words;

/// The stylesheet of the pages and of the report: screen, phone and print.
pub const STYLE: &str = include_str!("style.css");
