//! Lines broken between words, for terminals. No word is ever broken: a line ends at a space, or at a hyphen between
//! letters ("preparation-for-adulthood").

use std::io::{self, Write};

/// A part of a text that stays on one line, and whether a space stands before it.
struct Piece<'a> {
    text: &'a str,
    after_space: bool,
}

fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    text.split_whitespace().flat_map(|word| {
        let mut starts = vec![0];
        let characters: Vec<(usize, char)> = word.char_indices().collect();
        for three in characters.windows(3) {
            if let [(_, before), (_, '-'), (at, after)] = three
                && before.is_alphabetic()
                && after.is_alphabetic()
            {
                starts.push(*at);
            }
        }
        let ends: Vec<usize> = starts.iter().skip(1).copied().chain([word.len()]).collect();
        starts.into_iter().zip(ends).map(|(start, end)| Piece { text: &word[start..end], after_space: start == 0 })
    })
}

/// Columns that a text takes on a terminal. Codes that switch its style take none.
pub(super) fn shown_width(text: &str) -> usize {
    let mut width = 0;
    let mut in_code = false;
    for c in text.chars() {
        match c {
            '\u{1b}' => in_code = true,
            'm' if in_code => in_code = false,
            _ if in_code => {}
            _ => width += 1,
        }
    }
    width
}

/// The width below which a text cannot be shown without breaking a word.
pub(super) fn longest_piece(text: &str) -> usize {
    pieces(text).map(|piece| shown_width(piece.text)).max().unwrap_or(0)
}

/// The text in lines of at most this width, where words allow it. Line breaks of the text are kept.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let (mut line, mut filled) = (String::new(), 0);
        for piece in pieces(paragraph) {
            let space = usize::from(piece.after_space && !line.is_empty());
            let wide = shown_width(piece.text);
            if filled + space + wide > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                filled = 0;
            } else if space == 1 {
                line.push(' ');
                filled += 1;
            }
            line.push_str(piece.text);
            filled += wide;
        }
        lines.push(line);
    }
    if lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

/// A text that fits a width, its end replaced by an ellipsis where it does not.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// Wraps running text for a terminal: lines that are too long continue on the next line, a little indented.
pub(super) struct Page<W: Write> {
    out: W,
    /// `None` where lines are not broken: for a file or another program.
    width: Option<usize>,
    line: Vec<u8>,
}

impl<W: Write> Page<W> {
    pub(super) fn new(out: W, width: Option<usize>) -> Self {
        Self { out, width, line: Vec::new() }
    }

    fn end_line(&mut self, width: usize) -> io::Result<()> {
        const FURTHER_IN: usize = 2;
        let bytes = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&bytes);
        if shown_width(&line) <= width {
            return writeln!(self.out, "{line}");
        }
        let words = line.trim_start();
        let indent = line.len() - words.len();
        let further = indent + FURTHER_IN;
        for (number, part) in wrap(words, width.saturating_sub(further)).iter().enumerate() {
            let space = if number == 0 { indent } else { further };
            writeln!(self.out, "{:space$}{part}", "")?;
        }
        Ok(())
    }
}

impl<W: Write> Write for Page<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(width) = self.width else { return self.out.write(bytes) };
        for byte in bytes {
            if *byte == b'\n' {
                self.end_line(width)?;
            } else {
                self.line.push(*byte);
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.line.is_empty() {
            self.out.write_all(&std::mem::take(&mut self.line))?;
        }
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_between_words_and_after_hyphens_between_letters() {
        assert_eq!(
            wrap("waiting times; preparation-for-adulthood", 16),
            ["waiting times;", "preparation-for-", "adulthood"]
        );
        assert_eq!(wrap("since 2024-03-18", 12), ["since", "2024-03-18"]);
        assert_eq!(wrap("unbreakable words", 4), ["unbreakable", "words"]);
        assert_eq!(wrap("one\ntwo  three", 20), ["one", "two three"]);
        assert_eq!(wrap("", 9), [""]);
        assert_eq!((longest_piece("preparation-for-adulthood 2024-03-18"), longest_piece("")), (12, 0));
    }

    #[test]
    fn what_does_not_fit_ends_with_an_ellipsis() {
        assert_eq!(cut("985-2018-11-05-outcome", 12), "985-2018-11…");
        assert_eq!(cut("short", 5), "short");
    }

    #[test]
    fn running_text_goes_on_further_in_and_styles_take_no_room() {
        let page = |width| {
            let mut bytes = Vec::new();
            let mut page = Page::new(&mut bytes, width);
            write!(page, "Title\n  \u{1b}[1mwaiting\u{1b}[0m times are").unwrap();
            writeln!(page, " too long").unwrap();
            page.flush().unwrap();
            String::from_utf8(bytes).unwrap()
        };
        assert_eq!(page(Some(21)), "Title\n  \u{1b}[1mwaiting\u{1b}[0m times are\n    too long\n");
        assert_eq!(page(None), "Title\n  \u{1b}[1mwaiting\u{1b}[0m times are too long\n");
    }
}
