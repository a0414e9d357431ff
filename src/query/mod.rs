//! Typed questions -> typed answers with denominators and intervals.
