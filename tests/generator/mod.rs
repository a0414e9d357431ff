//! Letters generated from a seed, each with its truth: invented areas, people and findings.
//!
//! A letter is drawn variation by variation. [`Draw::pick`] names each choice, so that results can be counted by it. The
//! letter is written as a PDF, read by the program, and compared with what it was made from.
#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "a test's generator")]

pub mod compare;
mod outcome;
pub mod pdf;
mod report;
mod revisit;
mod words;

use jiff::ToSpan;
use jiff::civil::Date;
use sendlens::domain::{LetterKind, Outcome, Role, Section, Verdict};

/// What must be read from a letter.
#[derive(Debug, Clone, PartialEq)]
pub struct Truth {
    pub kind: LetterKind,
    pub la_code: String,
    pub start: Date,
    pub end: Date,
    pub letter_date: Option<Date>,
    pub outcome: Option<Outcome>,
    pub wsoa_required: Option<bool>,
    pub previous: Option<(Date, Date)>,
    pub required_on: Option<Date>,
    pub fit_on: Option<Date>,
    pub full_months: Option<u32>,
    pub monitoring_months: Option<u32>,
    pub councils: Vec<String>,
    pub health: Vec<String>,
    /// Formal items in their order: role, section, text with sub-bullets.
    pub items: Vec<Item>,
    /// Bullets and paragraphs of evaluative sections.
    pub bullets: Vec<(Section, String)>,
    /// A sub-heading of this section is in unknown words: its bullets must have no formal role, and the letter must say so.
    pub unknown_heading: Option<Section>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub role: Role,
    pub section: Section,
    pub text: String,
    pub responsible: Option<String>,
    pub verdict: Option<Verdict>,
}

/// A letter with its truth and the choices that made it.
pub struct GeneratedLetter {
    pub pdf: Vec<u8>,
    pub truth: Truth,
    pub choices: Vec<(&'static str, String)>,
}

/// The kinds of letters that are made.
pub const KINDS: [LetterKind; 4] =
    [LetterKind::OutcomeLetter, LetterKind::RevisitLetter, LetterKind::AreaSendFull, LetterKind::AreaSendMonitoring];

/// Makes the letter of a seed.
pub fn make(kind: LetterKind, seed: u64) -> GeneratedLetter {
    make_changed(kind, seed, |_| ())
}

/// Makes the letter of a seed with some of its parts changed.
pub fn make_changed(kind: LetterKind, seed: u64, change: impl FnOnce(&mut Vec<pdf::Part>)) -> GeneratedLetter {
    let mut draw = Draw {
        rng: fastrand::Rng::with_seed(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ kind as u64),
        choices: Vec::new(),
    };
    let style = style(&mut draw, kind);
    let (mut parts, truth) = match kind {
        LetterKind::OutcomeLetter => outcome::letter(&mut draw),
        LetterKind::RevisitLetter => revisit::letter(&mut draw),
        LetterKind::AreaSendFull => report::full(&mut draw),
        _ => report::monitoring(&mut draw),
    };
    change(&mut parts);
    let parts = with_page_breaks(&mut draw, parts);
    GeneratedLetter { pdf: pdf::write(&parts, &style), truth, choices: draw.choices }
}

/// Adds page breaks before some parts, besides those that the margin makes.
fn with_page_breaks(draw: &mut Draw, parts: Vec<pdf::Part>) -> Vec<pdf::Part> {
    let by_hand = *draw.pick("page breaks", &["by the margin", "by the margin", "some by hand"]) == "some by hand";
    let mut out = Vec::new();
    for (at, part) in parts.into_iter().enumerate() {
        if by_hand && at > 8 && draw.rng.u8(..100) < 4 {
            out.push(pdf::Part::Break);
        }
        out.push(part);
    }
    out
}

fn style(draw: &mut Draw, kind: LetterKind) -> pdf::Style {
    let tagged = *draw.pick("writer", &["tagged", "untagged"]) == "tagged";
    let glyphs = *draw.pick("bullets", &["• •", "▪ •", "◼ ▪", "● ○", "• ◦", "\u{f0b7} \u{f0b7}", "– –", "➢ ‣"]);
    let mut marks = glyphs.chars().filter(|c| *c != ' ');
    let glyphs = [marks.next().unwrap(), marks.next().unwrap()];
    let footers: &[&str] = if kind.framework() == Some(sendlens::domain::Framework::F2016) {
        &["none", "page numbers", "Joint local area SEND inspection letter"]
    } else {
        &["none", "page numbers", "Area SEND inspection report"]
    };
    let footer = match *draw.pick("footer", footers) {
        "none" => None,
        "page numbers" => Some(String::new()),
        text => Some(text.to_owned()),
    };
    pdf::Style {
        tagged,
        real_headings: *draw.pick("headings", &["bold", "real"]) == "real",
        glyphs,
        size: f32::from(*draw.any_of(&[10u8, 11, 12])),
        bottom: f32::from(*draw.any_of(&[70u16, 90, 120, 160, 220, 300])),
        footer,
        hyphenate: *draw.pick("hyphens", &["none", "none", "soft"]) == "soft",
        by_word: *draw.pick("placing", &["lines", "words"]) == "words",
    }
}

/// A source of random choices, which notes them by name.
pub struct Draw {
    pub rng: fastrand::Rng,
    choices: Vec<(&'static str, String)>,
}

impl Draw {
    /// Takes one of several, and notes which.
    pub fn pick<'a, T: AsRef<str> + ?Sized>(&mut self, what: &'static str, from: &'a [&'a T]) -> &'a &'a T {
        let taken = &from[self.rng.usize(..from.len())];
        self.choices.push((what, (**taken).as_ref().chars().take(60).collect()));
        taken
    }

    /// Takes one of several without noting it.
    pub fn any_of<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.rng.usize(..from.len())]
    }

    pub fn between(&mut self, least: usize, most: usize) -> usize {
        self.rng.usize(least..=most)
    }

    pub fn chance(&mut self, percent: u8) -> bool {
        self.rng.u8(..100) < percent
    }
}

/// An area: code, name in the tables, council, and name as a letter may print it.
pub struct Place {
    pub la_code: &'static str,
    pub name: &'static str,
    pub council: &'static str,
    pub printed: String,
    pub health: Vec<String>,
}

const PLACES: &[(&str, &str, &str, &[&str])] = &[
    ("970", "Aldersmere", "London Borough of Aldersmere", &["Aldersmere", "the London Borough of Aldersmere"]),
    ("971", "Thornwick", "Thornwick Metropolitan Borough Council", &["Thornwick"]),
    ("972", "Calderbrook", "Calderbrook Council", &["Calderbrook"]),
    ("973", "Wearmoor", "Wearmoor County Council", &["Wearmoor", "County Wearmoor"]),
    ("974", "Eastmarch", "Eastmarch County Council", &["Eastmarch"]),
    ("975", "Saltmere-on-Sea", "Saltmere-on-Sea Borough Council", &["Saltmere-on-Sea"]),
    ("976", "Brackenshire", "Brackenshire County Council", &["Brackenshire"]),
    ("977", "Brackenford", "Brackenford City Council", &["Brackenford", "the City of Brackenford"]),
    ("978", "Fenbridge and Marsh", "Fenbridge and Marsh Council", &["Fenbridge and Marsh"]),
    ("982", "Pengarrow", "Pengarrow Council", &["Pengarrow"]),
    ("983", "Ashcombeshire", "Ashcombeshire County Council", &["Ashcombeshire"]),
    ("984", "Kingsmarsh", "Kingsmarsh Council", &["Kingsmarsh"]),
    ("985", "Westhaven", "Westhaven City Council", &["Westhaven", "the City of Westhaven"]),
    ("986", "Hollingmere", "Hollingmere Metropolitan Borough Council", &["Hollingmere"]),
    ("987", "Oakhampstead", "London Borough of Oakhampstead", &["Oakhampstead", "the London Borough of Oakhampstead"]),
    ("988", "St Wilfrids", "St Wilfrids Borough Council", &["St Wilfrids", "St. Wilfrids"]),
];

pub fn place(draw: &mut Draw, group: &str) -> Place {
    let (la_code, name, council, printed) = *draw.any_of(PLACES);
    let printed = (*draw.pick("name", printed)).to_owned();
    let number = draw.between(1, 3);
    let mut health = Vec::new();
    for direction in ["North", "South", "West"].iter().take(number) {
        let place = if number == 1 { name.to_owned() } else { format!("{direction} {name}") };
        health.push(format!("NHS {place} {group}"));
    }
    Place { la_code, name, council, printed, health }
}

/// A week of inspection in the years given, from a Monday.
pub fn week(draw: &mut Draw, years: std::ops::RangeInclusive<i16>) -> (Date, Date) {
    let year = draw.rng.i16(years);
    let day = Date::new(year, draw.rng.i8(1..=12), draw.rng.i8(1..=28)).unwrap();
    let monday = day.checked_sub(i32::from(day.weekday().to_monday_zero_offset()).days()).unwrap();
    let monday = if monday.year() == year { monday } else { monday.checked_add(7.days()).unwrap() };
    (monday, monday.checked_add(i64::from(*draw.any_of(&[2i8, 4, 4, 4])).days()).unwrap())
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub fn long_date(date: Date) -> String {
    format!("{} {} {}", date.day(), MONTHS[usize::try_from(date.month()).unwrap() - 1], date.year())
}

/// A span in one of the forms that letters use; `joint` is "and" or "to".
pub fn span(draw: &mut Draw, start: Date, end: Date, joint: &str) -> String {
    let month = |d: Date| MONTHS[usize::try_from(d.month()).unwrap() - 1];
    let same_year = start.year() == end.year();
    let same_month = same_year && start.month() == end.month();
    let full = format!("{} {joint} {}", long_date(start), long_date(end));
    match *draw.pick("dates", &["short", "full", "month twice", "weekdays", "ordinals", "padded"]) {
        "short" if same_month => format!("{} {joint} {}", start.day(), long_date(end)),
        "month twice" if same_year => format!("{} {} {joint} {}", start.day(), month(start), long_date(end)),
        "weekdays" => {
            let day = |d: Date| {
                ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
                    [usize::try_from(d.weekday().to_monday_zero_offset()).unwrap()]
            };
            format!("{} {} {joint} {} {}", day(start), long_date(start), day(end), long_date(end))
        }
        "ordinals" => {
            let th = |d: i8| match d {
                1 | 21 | 31 => "st",
                2 | 22 => "nd",
                3 | 23 => "rd",
                _ => "th",
            };
            format!(
                "{}{} {} {joint} {}{} {} {}",
                start.day(),
                th(start.day()),
                month(start),
                end.day(),
                th(end.day()),
                month(end),
                end.year()
            )
            .replacen(
                month(start),
                &if same_year { month(start).to_owned() } else { format!("{} {}", month(start), start.year()) },
                1,
            )
        }
        "padded" if same_month => format!("{:02} {joint} {:02} {} {}", start.day(), end.day(), month(end), end.year()),
        _ => full,
    }
}

pub fn later(date: Date, days: i64) -> Date {
    date.checked_add(days.days()).unwrap()
}
