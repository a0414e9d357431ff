//! Compares what a listing says of a document with what the document turned out to be.
//!
//! Titles never make a letter: only the document's own words do. But where a title says that its document is a SEND
//! inspection letter and the document was set aside, one of the two is misread, and that must be seen: it is a failure.

use crate::crawl::names_send_letter;
use crate::domain::{Processed, Publication, Reading, Reason, SetAside};
use crate::parse::other::IS_ABOUT_SEND;

/// Turns a document that was set aside into a failure where the title of one of its publications names a SEND letter.
pub(super) fn hold_against_titles<'a>(
    processed: Processed,
    publications: impl IntoIterator<Item = &'a Publication>,
) -> Processed {
    let Reading::SetAside(SetAside { what, .. }) = &processed.reading else { return processed };
    // What is published around inspections has such titles, too.
    if IS_ABOUT_SEND.contains(&what.as_str()) {
        return processed;
    }
    let mut titles = publications.into_iter().filter_map(|publication| publication.title.as_deref());
    let Some(title) = titles.find(|title| names_send_letter(title)) else { return processed };
    let message = format!(
        "by its title (\"{title}\") this is a SEND inspection letter, but it was not recognised as one (read as: {what}); \
         open it, and report its opening words if it is one"
    );
    Processed { reading: Reading::Failed(Reason { code: "title_names_letter".to_owned(), message }), ..processed }
}
