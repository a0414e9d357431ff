//! What several test files share.
#![allow(dead_code, unused_imports, reason = "each test file uses a part")]

pub mod program;
pub mod server;
pub mod site;
