//! Whether the end of a file is there.
//!
//! Every PDF ends with a list of where its objects lie. When a download breaks off, the last objects of the file have no
//! such list behind them. What is left can often be repaired and then looks like a whole letter with half its findings,
//! so a file without its end is refused.

use memchr::memmem;

/// How far behind its header an object says what it is, in bytes.
const LOOK_AHEAD_BYTES: usize = 400;

/// Whether the last object of the file has no list of objects behind it. A file without any object is not judged.
pub(super) fn is_missing(data: &[u8]) -> bool {
    let Some(last) = memmem::rfind_iter(data, b"obj").find(|&at| is_header(data, at)) else { return false };
    let rest = &data[last..];
    let own = &rest[..rest.len().min(LOOK_AHEAD_BYTES)];
    // The list is a table, or an object itself.
    let is_list = memmem::find(own, b"/XRef").is_some();
    let begins = |what: &[u8]| memmem::find(rest, what).is_some();
    // A file that was saved several times has a list for each saving, followed by the place of that list.
    let is_last_cut =
        memmem::rfind(rest, b"trailer").is_some_and(|last| memmem::find(&rest[last..], b"startxref").is_none());
    let has_earlier = begins(b"startxref");
    is_last_cut && has_earlier || !is_list && !begins(b"xref") && !begins(b"trailer")
}

/// Whether `obj` at this offset ends the header of an object: `12 0 obj`.
fn is_header(data: &[u8], at: usize) -> bool {
    // Headers are short; a long run of spaces or digits is none.
    let before = &data[at.saturating_sub(24)..at];
    let generation = before.trim_ascii_end();
    let number = without_digits(generation);
    let header = number.trim_ascii_end();
    number.len() < generation.len() && header.len() < number.len() && without_digits(header).len() < header.len()
}

fn without_digits(text: &[u8]) -> &[u8] {
    let digits = text.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    &text[..text.len() - digits]
}

#[cfg(test)]
mod tests {
    use super::is_missing;

    #[test]
    fn a_file_is_whole_if_a_list_of_objects_follows_its_last_object() {
        let whole: [&[u8]; 4] = [
            b"1 0 obj null endobj xref 0 1 trailer <<>> startxref 9 %%EOF",
            b"1 0 obj null endobj 2 0 obj <</Type/XRef>> stream",
            b"1 0 obj null endobj xref 0 1",
            b"no object",
        ];
        assert!(whole.iter().all(|data| !is_missing(data)));
    }

    #[test]
    fn a_file_is_cut_if_its_last_object_is_an_ordinary_one() {
        let cut: [&[u8]; 5] = [
            b"1 0 obj <</Type/XRef>> stream startxref 9 %%EOF xref 0 0 trailer <</Prev 9/X",
            b"1 0 obj null endobj 2 0 obj <</Length 900>> stream abc",
            b"9 0 obj <</Type/XRef>> endobj startxref 0 %%EOF 1 0 obj null endobj",
            b"1 0 obj null endobj xref trailer <<>> startxref 9 %%EOF\n12  0\nobj <<",
            b"1 0 obj null endobj xref trailer <<>> startxref 9 %%EOF xref trailer <</Prev 9",
        ];
        assert!(cut.iter().all(|data| is_missing(data)));
    }
}
