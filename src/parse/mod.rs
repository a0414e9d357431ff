//! Blocks -> a typed letter: kind, area, dates, outcome, sections, formal items, verdicts. Pure.
