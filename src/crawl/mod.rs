//! Sources -> publications and documents, politely and incrementally. Only this module names an HTTP client.

mod address;
mod error;
mod fetch;
mod host;
mod robots;

pub use address::{AllowedHosts, is_public};
pub use error::{FetchError, SetupError};
pub use fetch::{Answer, Body, Fetcher, Request, Settings, Validators};
pub use host::HostStatistics;
pub use reqwest::Url;
pub use robots::Robots;
