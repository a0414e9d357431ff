//! Makes documents of blocks from lines of text.

use sendlens::domain::{Block, BlockKind, DocumentText, Method, TextStatus};

/// Makes a document from lines:
///
/// | line | block |
/// |---|---|
/// | `# text`, `## text` | heading |
/// | `- text`, `-- text` | list item of the first or second level, with its mark |
/// | `~ text` | list item whose mark was lost |
/// | `1) text` | list item with a number as its label |
/// | `** text` | bold paragraph |
/// | <code>&#124; a &#124; b</code> | row of a table; ` // ` divides a cell into blocks, which may begin with `- ` |
/// | `====` | new page; a table that continues there is another table |
/// | anything else | paragraph |
pub fn document(text: &str) -> DocumentText {
    let mut builder = Builder { page: 1, tables: 0, row: 0, blocks: Vec::new() };
    let mut in_table = false;
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
        if line == "====" {
            builder.page += 1;
            in_table = false;
        } else if let Some(cells) = line.strip_prefix('|') {
            if !in_table {
                builder.tables += 1;
                builder.row = 0;
            }
            in_table = true;
            builder.row += 1;
            for (column, cell) in cells.split('|').enumerate() {
                let pieces: Vec<&str> = cell.split(" // ").map(str::trim).filter(|p| !p.is_empty()).collect();
                for piece in &pieces {
                    let kind = if pieces.len() == 1 { BlockKind::TableCell } else { BlockKind::Paragraph };
                    builder.add_line(piece, kind, Some(u32::try_from(column).unwrap() + 1));
                }
            }
        } else {
            in_table = false;
            builder.add_line(line, BlockKind::Paragraph, None);
        }
    }
    DocumentText {
        pages: builder.page,
        method: Method::Tagged,
        status: TextStatus::Good,
        blocks: builder.blocks,
        quality: Vec::new(),
    }
}

struct Builder {
    page: u32,
    tables: u32,
    row: u32,
    blocks: Vec<Block>,
}

impl Builder {
    fn add_line(&mut self, line: &str, plain: BlockKind, column: Option<u32>) {
        let (mark, text) = line.split_once(' ').unwrap_or((line, ""));
        let (kind, level, label, bold) = match mark {
            "#" => (BlockKind::Heading, 1, None, true),
            "##" => (BlockKind::Heading, 2, None, true),
            "-" => (BlockKind::ListItem, 1, Some("▪".to_owned()), false),
            "--" => (BlockKind::ListItem, 2, Some("▪".to_owned()), false),
            "~" => (BlockKind::ListItem, 1, None, false),
            "**" => (plain, 0, None, true),
            number if number.ends_with(')') && number.len() <= 3 => {
                (BlockKind::ListItem, 1, Some(number.to_owned()), false)
            }
            _ => (plain, 0, None, false),
        };
        let whole = kind == plain && !bold;
        self.blocks.push(Block {
            page: self.page,
            kind,
            level,
            table: column.map(|_| self.tables),
            row: column.map(|_| self.row),
            column,
            text: if whole { line } else { text }.to_owned(),
            label,
            size: 12.0,
            bold,
            page_breaks: Vec::new(),
        });
    }
}
