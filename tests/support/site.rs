//! The bundled site behind the misbehaving server, and the program run against it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use sendlens::demo::{self, Entry, Site, SiteArea};
use serde_json::Value;

use super::server::{Hit, Reply, Server};

/// A site whose content and faults can change while it runs.
#[derive(Clone)]
pub struct LiveSite {
    pub server: Server,
    site: Arc<Mutex<Site>>,
    faults: Arc<Mutex<BTreeMap<String, Reply>>>,
}

impl LiveSite {
    pub fn start(site: Site) -> Self {
        let site = Arc::new(Mutex::new(site));
        let faults: Arc<Mutex<BTreeMap<String, Reply>>> = Arc::default();
        let (content, faults_to_serve) = (Arc::clone(&site), Arc::clone(&faults));
        let server = Server::start(move |hit| match faults_to_serve.lock().unwrap().get(&hit.path) {
            Some(fault) => fault.clone(),
            None => answer(&content.lock().unwrap(), hit),
        });
        Self { server, site, faults }
    }

    /// Changes the site.
    pub fn change(&self, change: impl FnOnce(&mut Site)) {
        change(&mut self.site.lock().unwrap());
    }

    /// Answers this path with this reply from now on.
    pub fn plant(&self, path: &str, reply: Reply) {
        self.faults.lock().unwrap().insert(path.to_owned(), reply);
    }

    /// Removes all planted replies.
    pub fn heal(&self) {
        self.faults.lock().unwrap().clear();
    }

    /// The paths of files that were requested, in order.
    pub fn files_asked(&self) -> Vec<String> {
        self.server.paths().into_iter().filter(|path| path.starts_with("/v1/file/")).collect()
    }
}

/// Pages with an entity tag, files without.
pub fn answer(site: &Site, hit: &Hit) -> Reply {
    let page = site.answer(&hit.path);
    let tag = format!("\"{}\"", sendlens::archive::sha256(&page.body));
    if hit.header("if-none-match") == Some(tag.as_str()) {
        return Reply::status(304);
    }
    Reply::Full { status: page.status, headers: vec![], body: page.body }
        .with("Content-Type", page.content_type)
        .with("ETag", &tag)
}

/// A data directory with a configuration for a site on loopback.
pub struct Home {
    pub dir: tempfile::TempDir,
    extra: String,
    sources: String,
}

/// How a run of the program ended.
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {}\n{}", self.stdout, self.stderr))
    }
}

impl Home {
    /// A home for the inspectorate's source at an address.
    pub fn new(site: &str) -> Self {
        Self::with(&format!("[[source]]\nname = \"ofsted_reports\"\naddress = \"{site}\"\n"), "")
    }

    /// A home with these `[[source]]` tables and these keys of `[crawl]`, which win over the fast ones of tests.
    pub fn with(sources: &str, crawl: &str) -> Self {
        let home = Self { dir: tempfile::tempdir().unwrap(), extra: crawl.to_owned(), sources: sources.to_owned() };
        demo::write_reference(&home.dir.path().join("reference")).unwrap();
        home.configure();
        home
    }

    fn configure(&self) {
        let fast = [
            ("contact", "\"tests@example.org\""),
            ("interval_seconds", "0.001"),
            ("backoff_seconds", "0.002"),
            // Long enough for a busy machine; tests of these limits set their own.
            ("timeout_seconds", "60"),
            ("stall_seconds", "30"),
            ("refused_retries", "1"),
            ("refused_pause_seconds", "0.002"),
            ("max_wait_seconds", "3"),
            ("retries", "2"),
            ("private_hosts", "[\"127.0.0.1\"]"),
        ];
        let mut text = "reference = \"reference\"\ndata = \"data\"\n[crawl]\n".to_owned();
        for (key, value) in fast.iter().filter(|(key, _)| !self.extra.contains(key)) {
            text.push_str(&format!("{key} = {value}\n"));
        }
        let (extra, sources) = (&self.extra, &self.sources);
        std::fs::write(self.dir.path().join("sendlens.toml"), format!("{text}{extra}\n{sources}")).unwrap();
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// The program with the home's configuration, ready for arguments.
    pub fn program(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sendlens"));
        command.env_clear().env("SENDLENS_NO_MODEL", "true").arg("--config").arg(self.dir.path().join("sendlens.toml"));
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.program().args(arguments).output().unwrap())
    }

    /// Exports the whole dataset in every format, and gives each file by its name.
    pub fn export(&self) -> BTreeMap<String, Vec<u8>> {
        let out = tempfile::tempdir().unwrap();
        let ended = self.run(&["export", "--to", out.path().to_str().unwrap()]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        files(out.path())
    }

    /// An update with its report.
    pub fn update(&self, arguments: &[&str]) -> (i32, Value) {
        let ended = self.run(&[&["update", "--format", "json"], arguments].concat());
        (ended.code.unwrap(), ended.json())
    }
}

/// The counts of a report: stored, unchanged, revised, set aside, failed.
pub fn counts(report: &Value) -> [u64; 5] {
    ["stored", "unchanged", "revised", "set_aside", "failed"].map(|name| report[name].as_u64().unwrap())
}

/// The outcome of one document of a report: status and code of the reason.
pub fn outcome(report: &Value, path: &str) -> (String, String) {
    let found: Vec<&Value> = report["documents"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|document| document["url"].as_str().is_some_and(|url| url.ends_with(path)))
        .collect();
    assert_eq!(found.len(), 1, "{path} must be accounted for exactly once: {found:?}");
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (word(&found[0]["status"]), word(&found[0]["reason"]["code"]))
}

/// Codes of all alarms of a report.
pub fn alarms(report: &Value) -> Vec<String> {
    let sources = report["sources"].as_array().unwrap().iter();
    let mut codes: Vec<String> = sources
        .flat_map(|source| source["alarms"].as_array().unwrap())
        .map(|alarm| alarm["code"].as_str().unwrap().to_owned())
        .collect();
    codes.sort();
    codes
}

/// An area without publications.
pub fn area(urn: u32, name: &str) -> SiteArea {
    SiteArea { urn: urn.to_string(), name: name.to_owned(), closed: false, entries: vec![] }
}

/// A publication in the usual form of today.
pub fn entry(number: u32, title: &str, published: &str) -> Entry {
    let published: jiff::civil::Date = published.parse().unwrap();
    let inspected = published.checked_sub(jiff::Span::new().days(49)).unwrap();
    Entry { number, title: title.to_owned(), inspected, published }
}

/// Every file below a folder, by its path within it.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(dir) = open.pop() {
        for item in std::fs::read_dir(dir).unwrap().map(Result::unwrap) {
            if item.path().is_dir() {
                open.push(item.path());
            } else {
                let name = item.path().strip_prefix(folder).unwrap().display().to_string();
                found.insert(name, std::fs::read(item.path()).unwrap());
            }
        }
    }
    found
}
