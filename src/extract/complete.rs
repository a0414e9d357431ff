//! Whether a file that has its end has everything before it.
//!
//! When a download loses a part in the middle, what is left can often be repaired and then looks like a whole letter
//! with half its findings. So what the file announces is compared with what is there: its pages and their numbers, the
//! objects that its pages name, and the content that its structure names. Sound files differ in none of these, so that
//! any difference refuses the file.

use super::content::Shown;
use super::error::{Result, incomplete};
use super::lines::lines_by_place;
use super::pdf::{Lookup, Page, Pdf};
use super::structure::Walked;

/// Content that the structure names may be missing from the pages in one of so many cases: some writers forget a few.
const ONE_LOST_MARK_IN: u32 = 20;

/// How deep the parts of a font nest: all fonts, one, its descendants, one of these, its widths or description.
const DEPTH_OF_FONT: usize = 5;

/// Refuses a file that lacks pages or objects. Whether the content of a page is whole is seen when it is read.
pub(super) fn check(pdf: &Pdf, pages: &[Page]) -> Result<()> {
    let root = pdf.catalog().and_then(|catalog| pdf.dict(catalog, b"Pages"));
    let announced = root.and_then(|root| root.int(b"Count")).unwrap_or(0);
    if announced > pages.len() as i64 {
        return incomplete("it announces more pages than it has");
    }
    for page in pages {
        let fonts = page.resources.and_then(|resources| resources.find(b"Font"));
        let forms = page.resources.and_then(|resources| resources.find(b"XObject"));
        for (part, depth) in [(page.dict.find(b"Resources"), 0), (fonts, DEPTH_OF_FONT), (forms, 1)] {
            if let Some(part) = part
                && pdf.lacks(part, depth)?
            {
                return incomplete("what a page shows is not in it");
            }
        }
    }
    pdf.object_streams().try_for_each(|stream| pdf.whole_stream_data(stream).map(|_| ()))
}

/// Refuses a file whose structure or page numbers announce content that no page shows.
pub(super) fn check_shown(shown: &Shown, walked: Option<&Walked>) -> Result<()> {
    if walked.is_some_and(|walked| walked.lost_marks > walked.marks / ONE_LOST_MARK_IN) {
        return incomplete("its structure names content that no page shows");
    }
    if numbers_more_pages(shown) {
        return incomplete("its footers count more pages than it has");
    }
    Ok(())
}

/// Whether most pages say "Page 3 of 12" with their own number and all with the same total, and there are not that many
/// pages.
fn numbers_more_pages(shown: &Shown) -> bool {
    let pages = shown.pages.len();
    let all: Vec<u32> = (0..shown.spans.len() as u32).collect();
    let mut totals: Vec<usize> = Vec::new();
    for page in all.chunk_by(|&a, &b| shown.spans[a as usize].page == shown.spans[b as usize].page) {
        let says = page.iter().any(|&i| shown.text_of(&shown.spans[i as usize]).to_ascii_lowercase().contains("page"));
        if says {
            let lines = lines_by_place(shown, page);
            totals.extend(lines.iter().filter_map(|line| page_of(&line.text, line.page as usize + 1)));
        }
    }
    let Some(&total) = totals.first() else { return false };
    total > pages && totals.len() * 2 > pages && totals.iter().all(|other| *other == total)
}

/// The number of pages that a line gives as "Page 3 of 12", where it gives this page's own.
fn page_of(line: &str, own: usize) -> Option<usize> {
    let line = line.to_ascii_lowercase();
    let mut words = line.split_whitespace().skip_while(|word| *word != "page").skip(1);
    let number: usize = words.next()?.parse().ok()?;
    let of = words.next()?;
    let total: usize = words.next()?.trim_matches(|c: char| !c.is_ascii_digit()).parse().ok()?;
    (number == own && of == "of").then_some(total)
}

#[cfg(test)]
mod tests {
    use super::page_of;

    #[test]
    fn a_footer_counts_the_pages_only_with_the_number_of_its_own() {
        assert_eq!(page_of("Page 3 of 12", 3), Some(12));
        assert_eq!(page_of("Orme report   PAGE 3 of 12.", 3), Some(12));
        assert_eq!(page_of("see page 4 of 12", 3), None);
        assert_eq!(page_of("page 3 shows 12", 3), None);
    }
}
