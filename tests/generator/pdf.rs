//! Two writers of PDFs: with a structure tree and without. Bytes are built in memory; glyph widths are those of Helvetica.

use std::fmt::Write as _;

/// One part of a document.
#[derive(Debug, Clone)]
pub enum Part {
    Heading(String),
    Text(String),
    Italic(String),
    Bullet(u8, String),
    Lines(Vec<String>),
    /// Widths of the columns in hundredths, rows of cells of parts, and whether lines are drawn.
    Table(Vec<f32>, Vec<Vec<Vec<Part>>>, bool),
    Break,
}

/// How a document is laid out.
#[derive(Debug, Clone)]
pub struct Style {
    pub tagged: bool,
    /// Headings are marked as such (tagged) or larger than the text (untagged), not only bold.
    pub real_headings: bool,
    pub glyphs: [char; 2],
    pub size: f32,
    /// Where pages end: the height of the lower margin.
    pub bottom: f32,
    pub footer: Option<String>,
    /// Long words break at line ends with a soft hyphen.
    pub hyphenate: bool,
    /// Each word is placed by itself.
    pub by_word: bool,
}

const WIDTH: f32 = 595.0;
const HEIGHT: f32 = 842.0;
const MARGIN: f32 = 60.0;
/// Glyphs outside WinAnsi, which the third font has from code 0x21 on.
const EXTRA: [char; 10] = ['◼', '▪', '●', '○', '➢', '‣', '◦', '\u{f0b7}', '►', '\u{ad}'];
const ASCII: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
    556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
    260, 334, 584,
];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Face {
    Plain,
    Bold,
    Italic,
}

fn code(c: char) -> Option<u8> {
    Some(match c {
        ' '..='~' => u8::try_from(c).ok()?,
        '‘' => 0x91,
        '’' => 0x92,
        '“' => 0x93,
        '”' => 0x94,
        '•' => 0x95,
        '–' => 0x96,
        '—' => 0x97,
        '£' | '©' => u8::try_from(u32::from(c)).ok()?,
        _ => return None,
    })
}

fn width_of_code(code: u8) -> u16 {
    match code {
        0x20..=0x7e => ASCII[usize::from(code - 0x20)],
        0x91 | 0x92 => 222,
        0x93 | 0x94 => 333,
        0x95 => 350,
        0x97 => 1000,
        _ => 556,
    }
}

fn width(text: &str, size: f32) -> f32 {
    let of = |c: char| code(c).map_or(600, width_of_code);
    text.chars().map(|c| f32::from(of(c))).sum::<f32>() * size / 1000.0
}

fn wrap(text: &str, room: f32, size: f32, hyphenate: bool) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.last_mut().unwrap();
        let space = if last.is_empty() { "" } else { " " };
        if width(last, size) + width(space, size) + width(word, size) <= room {
            *last += space;
            *last += word;
            continue;
        }
        let long = hyphenate && word.len() > 9 && word.chars().all(|c| c.is_ascii_lowercase());
        if long && width(last, size) + width(&word[..5], size) + 12.0 <= room && !last.is_empty() {
            *last = format!("{last} {}\u{ad}", &word[..5]);
            lines.push(word[5..].to_owned());
        } else if last.is_empty() {
            *last = word.to_owned();
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// A structure element, or a piece of marked content.
enum Node {
    Mark(usize, usize),
    Element(&'static str, Vec<Node>),
}

struct Line {
    x: f32,
    mark: Option<(f32, char)>,
    text: String,
    face: Face,
    size: f32,
}

struct Writer<'a> {
    style: &'a Style,
    pages: Vec<String>,
    marks: Vec<usize>,
    y: f32,
    tree: Vec<Node>,
}

/// The document as a PDF.
pub fn write(parts: &[Part], style: &Style) -> Vec<u8> {
    let mut writer = Writer { style, pages: Vec::new(), marks: Vec::new(), y: 0.0, tree: Vec::new() };
    writer.start_page();
    let mut at = 0;
    while at < parts.len() {
        at += writer.set_part(&parts[at..]);
    }
    writer.finish()
}

impl Writer<'_> {
    fn start_page(&mut self) {
        self.pages.push(String::new());
        self.marks.push(0);
        self.y = HEIGHT - MARGIN;
        let number = self.pages.len();
        if let Some(footer) = self.style.footer.clone().filter(|_| number > 1) {
            let page = self.pages.last_mut().unwrap();
            if self.style.tagged {
                page.push_str("/Artifact BMC\n");
            }
            show(page, MARGIN, 40.0, &footer, Face::Plain, 9.0, false);
            show(page, WIDTH - MARGIN - 12.0, 40.0, &number.to_string(), Face::Plain, 9.0, false);
            if self.style.tagged {
                page.push_str("EMC\n");
            }
        }
    }

    fn room(&self) -> f32 {
        WIDTH - 2.0 * MARGIN
    }

    fn lines_of(&self, part: &Part, x: f32, room: f32) -> Vec<Line> {
        let size = self.style.size;
        let plain = |text: &str, face: Face, size: f32| -> Vec<Line> {
            wrap(text, room, size, self.style.hyphenate && face == Face::Plain)
                .into_iter()
                .map(|text| Line { x, mark: None, text, face, size })
                .collect()
        };
        match part {
            Part::Heading(text) => plain(text, Face::Bold, if self.style.real_headings { size + 3.0 } else { size }),
            Part::Text(text) => plain(text, Face::Plain, size),
            Part::Italic(text) => plain(text, Face::Italic, size),
            Part::Lines(lines) => {
                lines.iter().map(|text| Line { x, mark: None, text: text.clone(), face: Face::Plain, size }).collect()
            }
            Part::Bullet(level, text) => {
                let inner = x + 18.0 * f32::from(*level);
                let mark = (inner - 14.0, self.style.glyphs[usize::from(*level - 1).min(1)]);
                let mut lines: Vec<Line> = wrap(text, room - 18.0 * f32::from(*level), size, self.style.hyphenate)
                    .into_iter()
                    .map(|text| Line { x: inner, mark: None, text, face: Face::Plain, size })
                    .collect();
                lines[0].mark = Some(mark);
                lines
            }
            Part::Table(..) | Part::Break => Vec::new(),
        }
    }

    /// Sets the first part, or the whole list that begins with it, and gives how many parts it took.
    fn set_part(&mut self, parts: &[Part]) -> usize {
        match &parts[0] {
            Part::Break => self.start_page(),
            Part::Table(widths, rows, ruled) => self.set_table(widths, rows, *ruled),
            Part::Bullet(..) => {
                let taken = parts.iter().take_while(|p| matches!(p, Part::Bullet(..))).count();
                let list = self.set_list(&parts[..taken], 1);
                self.tree.push(list);
                return taken;
            }
            part => {
                let keep = matches!(part, Part::Heading(_));
                let lines = self.lines_of(part, MARGIN, self.room());
                let tag = match part {
                    Part::Heading(_) if self.style.real_headings => "H2",
                    _ => "P",
                };
                let needed = self.style.size * if keep { 4.5 } else { 0.0 };
                if self.y - needed < self.style.bottom {
                    self.start_page();
                }
                let marks = self.set(&lines, tag);
                self.tree.push(Node::Element(tag, marks));
                self.y -= self.style.size * 0.7;
            }
        }
        1
    }

    fn set_list(&mut self, parts: &[Part], level: u8) -> Node {
        let mut items: Vec<Node> = Vec::new();
        let mut at = 0;
        while at < parts.len() {
            let lines = self.lines_of(&parts[at], MARGIN, self.room());
            let mut body = vec![];
            let mut label = vec![];
            let (marks, labelled) = self.set_item(&lines);
            label.extend(labelled);
            body.extend(marks);
            self.y -= self.style.size * 0.4;
            at += 1;
            let deeper = parts[at..].iter().take_while(|p| matches!(p, Part::Bullet(l, _) if *l > level)).count();
            let mut kids = vec![Node::Element("Lbl", label), Node::Element("LBody", body)];
            if deeper > 0 {
                kids.push(self.set_list(&parts[at..at + deeper], level + 1));
                at += deeper;
            }
            items.push(Node::Element("LI", kids));
        }
        Node::Element("L", items)
    }

    fn set_item(&mut self, lines: &[Line]) -> (Vec<Node>, Vec<Node>) {
        let leading = self.style.size * 1.25;
        if self.y - leading < self.style.bottom {
            self.start_page();
        }
        let mut label = Vec::new();
        if let Some((x, glyph)) = lines[0].mark {
            label.push(self.open("Lbl"));
            let y = self.y - leading;
            let size = self.style.size;
            show(self.pages.last_mut().unwrap(), x, y, &glyph.to_string(), Face::Plain, size, false);
            self.close();
        }
        (self.set(lines, "LBody"), label)
    }

    /// Sets lines on as many pages as they need, as one piece of marked content on each page.
    fn set(&mut self, lines: &[Line], tag: &str) -> Vec<Node> {
        let mut nodes = Vec::new();
        let mut open = false;
        for line in lines {
            let leading = line.size * 1.25;
            if self.y - leading < self.style.bottom {
                if std::mem::take(&mut open) {
                    self.close();
                }
                self.start_page();
            }
            if !open {
                nodes.push(self.open(tag));
                open = true;
            }
            self.y -= leading;
            let page = self.pages.last_mut().unwrap();
            show(page, line.x, self.y, &line.text, line.face, line.size, self.style.by_word);
        }
        if open {
            self.close();
        }
        nodes
    }

    fn open(&mut self, tag: &str) -> Node {
        let page = self.pages.len() - 1;
        let mark = self.marks[page];
        if self.style.tagged {
            writeln!(self.pages[page], "/{tag} <</MCID {mark}>> BDC").unwrap();
        }
        self.marks[page] += 1;
        Node::Mark(page, mark)
    }

    fn close(&mut self) {
        if self.style.tagged {
            self.pages.last_mut().unwrap().push_str("EMC\n");
        }
    }

    fn set_table(&mut self, widths: &[f32], rows: &[Vec<Vec<Part>>], ruled: bool) {
        const PAD: f32 = 5.0;
        let leading = self.style.size * 1.25;
        let total: f32 = widths.iter().sum();
        let mut table = Vec::new();
        for row in rows {
            let mut cells: Vec<Vec<(Line, usize)>> = Vec::new();
            let mut lefts = Vec::new();
            let mut x = MARGIN;
            for (cell, share) in row.iter().zip(widths) {
                let room = self.room() * share / total;
                lefts.push(x);
                let lines = cell.iter().enumerate().flat_map(|(part, p)| {
                    self.lines_of(p, x + PAD, room - 2.0 * PAD).into_iter().map(move |l| (l, part))
                });
                cells.push(lines.collect());
                x += room;
            }
            lefts.push(x);
            let longest = cells.iter().map(Vec::len).max().unwrap_or(0);
            let mut nodes: Vec<Vec<Vec<Node>>> = row.iter().map(|c| c.iter().map(|_| Vec::new()).collect()).collect();
            let mut done = 0;
            while done < longest {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let fits = (((self.y - self.style.bottom - 2.0 * PAD) / leading).max(0.0)) as usize;
                if fits == 0 {
                    self.start_page();
                    continue;
                }
                let end = longest.min(done + fits);
                let top = self.y;
                for (at, lines) in cells.iter().enumerate() {
                    let mut current = None;
                    for (place, (line, part)) in lines.iter().enumerate().take(end).skip(done) {
                        if current != Some(*part) {
                            if current.is_some() {
                                self.close();
                            }
                            let mark = self.open("P");
                            nodes[at][*part].push(mark);
                            current = Some(*part);
                        }
                        #[allow(clippy::cast_precision_loss)]
                        let y = top - PAD - leading * (place - done + 1) as f32 + 3.0;
                        let page = self.pages.last_mut().unwrap();
                        if let Some((x, glyph)) = line.mark {
                            show(page, x, y, &glyph.to_string(), Face::Plain, line.size, false);
                        }
                        show(page, line.x, y, &line.text, line.face, self.style.size, self.style.by_word);
                    }
                    if current.is_some() {
                        self.close();
                    }
                }
                #[allow(clippy::cast_precision_loss)]
                let bottom = top - 2.0 * PAD - leading * (end - done) as f32;
                if ruled {
                    let page = self.pages.last_mut().unwrap();
                    if self.style.tagged {
                        page.push_str("/Artifact BMC\n");
                    }
                    for pair in lefts.windows(2) {
                        writeln!(page, "{} {} {} {} re S", pair[0], bottom, pair[1] - pair[0], top - bottom).unwrap();
                    }
                    if self.style.tagged {
                        page.push_str("EMC\n");
                    }
                }
                self.y = bottom;
                done = end;
                if done < longest {
                    self.start_page();
                }
            }
            let cells = nodes
                .into_iter()
                .map(|parts| Node::Element("TD", parts.into_iter().map(|marks| Node::Element("P", marks)).collect()));
            table.push(Node::Element("TR", cells.collect()));
        }
        self.tree.push(Node::Element("Table", table));
        self.y -= self.style.size;
    }

    fn finish(self) -> Vec<u8> {
        let mut pdf = Objects::default();
        let (catalog, pages_no) = (pdf.reserve(), pdf.reserve());
        let fonts: Vec<usize> = ["Helvetica", "Helvetica-Bold", "Helvetica-Oblique"]
            .iter()
            .map(|name| {
                let widths: Vec<String> = (0x20..=0xffu8).map(|c| width_of_code(c).to_string()).collect();
                pdf.add(format!("<</Type/Font/Subtype/Type1/BaseFont/{name}/Encoding/WinAnsiEncoding/FirstChar 32/LastChar 255/Widths[{}]>>", widths.join(" ")))
            })
            .collect();
        let mut map = String::from(
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def 1 begincodespacerange <00> <FF> endcodespacerange\n",
        );
        writeln!(map, "{} beginbfchar", EXTRA.len()).unwrap();
        for (at, c) in EXTRA.iter().enumerate() {
            writeln!(map, "<{:02X}> <{:04X}>", 0x21 + at, u32::from(*c)).unwrap();
        }
        map.push_str("endbfchar endcmap end end");
        let map = pdf.stream(&map);
        let widths = vec!["600"; EXTRA.len()].join(" ");
        let symbols = pdf.add(format!("<</Type/Font/Subtype/TrueType/BaseFont/Marks/FirstChar 33/LastChar {}/Widths[{widths}]/ToUnicode {map} 0 R>>", 32 + EXTRA.len()));
        let resources = pdf
            .add(format!("<</Font<</F1 {} 0 R/F2 {} 0 R/F3 {} 0 R/F4 {symbols} 0 R>>>>", fonts[0], fonts[1], fonts[2]));
        let mut pages = Vec::new();
        for content in &self.pages {
            let content = pdf.stream(content);
            pages.push(pdf.add(format!("<</Type/Page/Parent {pages_no} 0 R/MediaBox[0 0 {WIDTH} {HEIGHT}]/Resources {resources} 0 R/Contents {content} 0 R>>")));
        }
        let kids: Vec<String> = pages.iter().map(|p| format!("{p} 0 R")).collect();
        pdf.set(pages_no, format!("<</Type/Pages/Count {}/Kids[{}]>>", pages.len(), kids.join(" ")));
        let mut extra = String::new();
        if self.style.tagged {
            let root = pdf.reserve();
            let document = pdf.reserve();
            let kids: Vec<String> = self.tree.iter().map(|n| node(n, document, &pages, &mut pdf)).collect();
            pdf.set(document, format!("<</Type/StructElem/S/Document/P {root} 0 R/K[{}]>>", kids.join(" ")));
            pdf.set(root, format!("<</Type/StructTreeRoot/K[{document} 0 R]>>"));
            extra = format!("/StructTreeRoot {root} 0 R/MarkInfo<</Marked true>>");
        }
        pdf.set(catalog, format!("<</Type/Catalog/Pages {pages_no} 0 R{extra}>>"));
        pdf.bytes(catalog)
    }
}

fn node(of: &Node, parent: usize, pages: &[usize], pdf: &mut Objects) -> String {
    match of {
        Node::Mark(page, mark) => format!("<</Type/MCR/Pg {} 0 R/MCID {mark}>>", pages[*page]),
        Node::Element(tag, kids) => {
            let number = pdf.reserve();
            let kids: Vec<String> = kids.iter().map(|n| node(n, number, pages, pdf)).collect();
            pdf.set(number, format!("<</Type/StructElem/S/{tag}/P {parent} 0 R/K[{}]>>", kids.join(" ")));
            format!("{number} 0 R")
        }
    }
}

/// Shows one line of text, in as many pieces as it needs fonts.
fn show(page: &mut String, x: f32, y: f32, text: &str, face: Face, size: f32, by_word: bool) {
    let font = match face {
        Face::Plain => "F1",
        Face::Bold => "F2",
        Face::Italic => "F3",
    };
    let mut x = x;
    let pieces: Vec<&str> = if by_word { text.split_inclusive(' ').collect() } else { vec![text] };
    for piece in pieces {
        let mut run = String::new();
        let mut run_extra = false;
        let mut run_width = 0.0;
        let mut flush = |run: &mut String, extra: bool, x: &mut f32, width: &mut f32| {
            if !run.is_empty() {
                let font = if extra { "F4" } else { font };
                writeln!(page, "BT /{font} {size} Tf {x:.2} {y:.2} Td <{run}> Tj ET").unwrap();
                *x += *width;
                run.clear();
                *width = 0.0;
            }
        };
        for c in piece.chars() {
            let (byte, extra, w) = match code(c) {
                Some(byte) => (byte, false, width_of_code(byte)),
                None => {
                    let at = EXTRA.iter().position(|e| *e == c).unwrap_or_else(|| panic!("no glyph for {c:?}"));
                    (0x21 + u8::try_from(at).unwrap(), true, 600)
                }
            };
            if extra != run_extra {
                flush(&mut run, run_extra, &mut x, &mut run_width);
                run_extra = extra;
            }
            write!(run, "{byte:02X}").unwrap();
            run_width += f32::from(w) * size / 1000.0;
        }
        flush(&mut run, run_extra, &mut x, &mut run_width);
    }
}

#[derive(Default)]
struct Objects(Vec<String>);

impl Objects {
    fn reserve(&mut self) -> usize {
        self.0.push(String::new());
        self.0.len()
    }

    fn set(&mut self, number: usize, body: String) {
        self.0[number - 1] = body;
    }

    fn add(&mut self, body: String) -> usize {
        self.0.push(body);
        self.0.len()
    }

    fn stream(&mut self, content: &str) -> usize {
        self.add(format!("<</Length {}>>\nstream\n{content}\nendstream", content.len()))
    }

    fn bytes(&self, catalog: usize) -> Vec<u8> {
        let mut out = String::from("%PDF-1.5\n");
        let mut places = Vec::new();
        for (at, body) in self.0.iter().enumerate() {
            places.push(out.len());
            writeln!(out, "{} 0 obj\n{body}\nendobj", at + 1).unwrap();
        }
        let start = out.len();
        writeln!(out, "xref\n0 {}\n0000000000 65535 f ", places.len() + 1).unwrap();
        for place in places {
            writeln!(out, "{place:010} 00000 n ").unwrap();
        }
        write!(out, "trailer\n<</Size {}/Root {catalog} 0 R>>\nstartxref\n{start}\n%%EOF\n", self.0.len() + 1).unwrap();
        out.into_bytes()
    }
}
