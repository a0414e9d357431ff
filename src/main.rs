//! The program `sendlens`.

fn main() {}
