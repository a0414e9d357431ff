//! What the standard roles of elements mean for text.

/// What an element does to the text in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Holds blocks.
    Group,
    /// Is a block.
    Block,
    Heading(u8),
    List,
    Item,
    Label,
    Body,
    Table,
    Row,
    Cell,
    /// Is part of a block.
    Inline,
    /// Is no text of the document.
    Artifact,
}

impl Kind {
    pub(super) fn of(role: &[u8]) -> Self {
        match role {
            b"P" | b"Caption" | b"TOCI" | b"Note" | b"BibEntry" | b"Title" | b"FENote" | b"Index" => Self::Block,
            b"H" | b"H1" => Self::Heading(1),
            b"H2" => Self::Heading(2),
            b"H3" => Self::Heading(3),
            b"H4" => Self::Heading(4),
            b"H5" => Self::Heading(5),
            b"H6" => Self::Heading(6),
            b"L" => Self::List,
            b"LI" => Self::Item,
            b"Lbl" => Self::Label,
            b"LBody" => Self::Body,
            b"Table" => Self::Table,
            b"TR" => Self::Row,
            b"TD" | b"TH" => Self::Cell,
            b"Span" | b"Link" | b"Quote" | b"Em" | b"Strong" | b"Reference" | b"Annot" | b"Code" | b"Formula"
            | b"Sub" | b"Ruby" | b"RB" | b"RT" | b"RP" | b"Warichu" | b"WT" | b"WP" | b"Form" => Self::Inline,
            b"Artifact" => Self::Artifact,
            _ => Self::Group,
        }
    }
}
