//! What a crawl stores: its queue, so that a killed run goes on where it was, and what the next run needs to know about pages
//! and documents.
//!
//! A task is a page or a document. The tasks that a page leads to are inserted in the transaction that closes the page, so after
//! any crash a task is either open or has left everything that follows from it. The payloads belong to the crawler; this module
//! does not read them.

mod documents;
mod pages;
mod run;
mod tasks;

pub use documents::DocumentValidators;
pub use pages::PageRecord;
pub use run::{Action, Shown};
pub use tasks::{NewTask, Task, TaskKind, TaskState};
