//! Sources -> publications and documents, politely and incrementally. Only this module names an HTTP client.
//!
//! [`Fetcher`] is the one way to the network and keeps the manners; a [`Source`] is pure and says what its pages mean.

mod address;
mod error;
mod error_page;
mod fetch;
mod host;
mod html;
mod link_list;
mod manners;
mod ofsted_reports;
mod page;
mod robots;
mod settings;
mod source;
mod titles;

pub use address::{AllowedHosts, is_public};
pub use error::{FetchError, SetupError};
pub use fetch::{Answer, Body, Fetcher, RefusalPause, Request, Validators};
pub use host::HostStatistics;
pub use link_list::{LinkList, LinkListError, LinkListSettings};
pub use manners::Settings;
pub use ofsted_reports::OfstedReports;
pub use reqwest::Url;
pub use robots::Robots;
pub use settings::{CrawlFile, SourceError, SourceFile, sources};
pub use source::{Alarm, Contents, OFSTED_REPORTS, PageKind, PageRequest, Source, Unlisted};
pub use titles::{OTHER_PROGRAMMES, TitleRule, names_send_letter};
