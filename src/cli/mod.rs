//! The command line: arguments in, tables, JSON and CSV out.
