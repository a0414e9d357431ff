//! What a crawl keeps: its queue, so that a run that was killed goes on where it was, and what it remembers of pages
//! and documents for the next one.
//!
//! A task is a page or a document. What a page leads to is entered in the same transaction that closes the page, so
//! after any crash each task is either open or has left everything that follows from it. The payloads are the
//! crawler's own and are not looked into here.

mod documents;
mod pages;
mod run;
mod tasks;

pub use documents::DocumentValidators;
pub use pages::PageRecord;
pub use run::{Action, Shown};
pub use tasks::{NewTask, Task, TaskKind, TaskState};
