//! A small site in the inspectorate's form about invented areas, carried in the program.
//!
//! `demo` serves it on loopback and runs the real update against it; the crawler's tests change and break it. The
//! pages come from `fixtures/site`, the letters from `fixtures/letters`, the areas from `fixtures/reference`.

mod pages;
mod server;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use serde::Deserialize;

pub use server::Server;

/// The letters, by the name of their file. A test holds this list against the folder.
macro_rules! letters {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../fixtures/letters/", $name, ".pdf")) as &[u8])),+]
    };
}

const LETTERS: &[(&str, &[u8])] = letters![
    "2016-brackenshire-outcome",
    "2016-thornwick-outcome",
    "2017-calderbrook-outcome",
    "2017-calderbrook-own-statement",
    "2017-norvale-outcome",
    "2018-calderbrook-focused-visit",
    "2018-hollingmere-outcome",
    "2018-saltmere-outcome",
    "2018-thornwick-revisit",
    "2018-westhaven-outcome",
    "2019-brackenford-joint-targeted",
    "2019-calderbrook-revisit",
    "2019-eastmarch-outcome",
    "2019-oakhampstead-outcome",
    "2019-pengarrow-revisit",
    "2019-wearmoor-outcome",
    "2020-brackenford-revisit",
    "2021-ashcombeshire-outcome",
    "2021-hollingmere-revisit",
    "2021-kingsmarsh-revisit",
    "2021-saltmere-revisit",
    "2021-south-norvale-revisit",
    "2021-st-wilfrids-outcome",
    "2022-ashcombeshire-revisit",
    "2022-fenbridge-outcome",
    "2022-oakhampstead-outcome",
    "2022-wearmoor-revisit",
    "2022-westhaven-revisit",
    "2023-aldersmere-full",
    "2023-hollingmere-full",
    "2023-kingsmarsh-thematic",
    "2023-north-norvale-full",
    "2023-pengarrow-full",
    "2023-thornwick-full",
    "2024-ashcombeshire-full",
    "2024-brackenshire-full",
    "2024-eastmarch-full",
    "2024-fenbridge-full",
    "2024-saltmere-full",
    "2024-thornwick-monitoring",
    "2025-aldersmere-monitoring",
    "2025-hollingmere-monitoring",
    "2025-kingsmarsh-full",
    "2025-north-norvale-monitoring",
    "2025-oakhampstead-full",
    "2025-pengarrow-full",
    "2025-wearmoor-full",
];

const REFERENCE: &[(&str, &str)] = &[
    ("areas.csv", include_str!("../../fixtures/reference/areas.csv")),
    ("neighbours.csv", include_str!("../../fixtures/reference/neighbours.csv")),
    ("register.csv", include_str!("../../fixtures/reference/register.csv")),
];

const ROBOTS: &str = include_str!("../../fixtures/site/robots.txt");
const SITE: &str = include_str!("../../fixtures/site/site.toml");

/// The site: what its pages show, and the files behind them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The robots.txt.
    pub robots: String,
    /// Results on one page of the listing, at most.
    pub rows: usize,
    /// The areas in the order of the listing, those that are closed among them.
    pub areas: Vec<SiteArea>,
    /// The files by number.
    pub files: BTreeMap<u32, Cow<'static, [u8]>>,
}

/// An area of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteArea {
    /// Number of the provider.
    pub urn: String,
    /// Its name.
    pub name: String,
    /// Whether it was abolished; the site lists it under another status then.
    pub closed: bool,
    /// What its page shows, newest first.
    pub entries: Vec<Entry>,
}

/// A publication on an area's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Number of its file.
    pub number: u32,
    /// Title.
    pub title: String,
    /// Day on which the inspection began; many pages show it above the entry.
    pub inspected: Date,
    /// Day of publication.
    pub published: Date,
}

/// What the site answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

#[derive(Deserialize)]
struct SiteFile {
    rows: usize,
    area: Vec<AreaFile>,
}

#[derive(Deserialize)]
struct AreaFile {
    urn: String,
    name: String,
    #[serde(default)]
    closed: bool,
    entries: Vec<EntryFile>,
}

#[derive(Deserialize)]
struct EntryFile {
    number: u32,
    title: String,
    inspected: toml::value::Datetime,
    published: toml::value::Datetime,
    letter: Option<String>,
}

impl Site {
    /// The site as it is carried in the program.
    #[must_use]
    pub fn bundled() -> Self {
        #[expect(clippy::expect_used, reason = "a constant of the program, which the tests read")]
        let file: SiteFile = toml::from_str(SITE).expect("the site's description is valid");
        let mut site = Self { robots: ROBOTS.to_owned(), rows: file.rows, areas: vec![], files: BTreeMap::new() };
        for area in file.area {
            let mut entries = Vec::new();
            for entry in area.entries {
                if let Some(letter) = entry.letter.as_deref().and_then(letter) {
                    site.files.insert(entry.number, Cow::Borrowed(letter));
                }
                if let (Ok(inspected), Ok(published)) =
                    (entry.inspected.to_string().parse(), entry.published.to_string().parse())
                {
                    entries.push(Entry { number: entry.number, title: entry.title, inspected, published });
                }
            }
            site.areas.push(SiteArea { urn: area.urn, name: area.name, closed: area.closed, entries });
        }
        site
    }

    /// What the site answers to a path with its query.
    #[must_use]
    pub fn answer(&self, path: &str) -> Page {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        if path == "/robots.txt" {
            return Page { status: 200, content_type: "text/plain", body: self.robots.clone().into_bytes() };
        }
        if path == "/search" {
            return html(200, pages::search(self, query));
        }
        if let Some(area) =
            path.strip_prefix("/provider/44/").and_then(|urn| self.areas.iter().find(|area| area.urn == urn))
        {
            return html(200, pages::provider(area));
        }
        let number = path.strip_prefix("/v1/file/").and_then(|number| number.parse().ok());
        match number.and_then(|number: u32| self.files.get(&number)) {
            Some(file) => Page { status: 200, content_type: "application/pdf", body: file.to_vec() },
            // As on the real site, a file that is not there is answered with a page.
            None => html(404, pages::not_found()),
        }
    }
}

fn html(status: u16, body: maud::Markup) -> Page {
    Page { status, content_type: "text/html; charset=utf-8", body: body.into_string().into_bytes() }
}

/// A bundled letter by the name of its file.
#[must_use]
pub fn letter(name: &str) -> Option<&'static [u8]> {
    LETTERS.iter().find(|(known, _)| *known == name).map(|(_, bytes)| *bytes)
}

/// Writes the tables of the invented areas into a folder, for `--reference`.
///
/// # Errors
/// The folder can't be written.
pub fn write_reference(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for (name, text) in REFERENCE {
        std::fs::write(folder.join(name), text)?;
    }
    Ok(())
}
