//! The dataset as files for other tools.

pub mod arrow;
pub mod tables;
