//! Helpers that several test files share.
#![allow(dead_code, unused_imports, reason = "each test file uses a part")]

pub mod blocks;
pub mod browser;
#[cfg(unix)]
pub mod disk;
pub mod http;
pub mod program;
pub mod server;
pub mod service;
pub mod serving;
pub mod site;
pub mod untagged;
