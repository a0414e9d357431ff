//! What reports of the 2023 framework have in common: the front page, the parts under their headings, the bodies
//! responsible, and the tables of formal items.

pub mod actors;
pub mod bodies;
pub mod formal;
pub mod front;
pub mod outcome;
pub mod parts;
pub mod verdicts;
