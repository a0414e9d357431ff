//! Each command that changes something, with the data that it starts from and what an undisturbed run gives.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sendlens::demo::Site;
use serde_json::Value;

use super::state;
use super::support::program::{fixtures, stdout};
use super::support::site::{Home, LiveSite};

/// The letters of the runs: every kind, few enough that hundreds of runs end.
const LETTERS: &[&str] = &[
    "2016-thornwick-outcome",
    "2017-norvale-outcome",
    "2018-calderbrook-focused-visit",
    "2018-thornwick-revisit",
    "2024-fenbridge-full",
    "2024-thornwick-monitoring",
];
/// The areas of the site, for an update.
const AREAS: &[&str] = &["Westhaven", "Wearmoor", "Saltmere-on-Sea"];

/// A command under test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Ingest,
    Update,
    /// `rebuild --from extract`.
    Rebuild,
    /// `rebuild` of what another codebook coded.
    Recode,
    /// `review import`.
    Review,
    Export,
}

impl Kind {
    pub const ALL: [Self; 6] = [Self::Ingest, Self::Update, Self::Rebuild, Self::Recode, Self::Review, Self::Export];
}

/// What a disturbed run left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// No database yet.
    Nothing,
    /// A run that has not ended.
    Midway,
    /// No run, or none that is open.
    Whole,
}

/// A command ready to be disturbed.
pub struct Scenario {
    kind: Kind,
    dir: tempfile::TempDir,
    home: Home,
    _site: Option<LiveSite>,
    start: PathBuf,
    arguments: Vec<String>,
    /// Reviews that the command stores.
    reviews: i64,
    /// Letters at the start.
    letters: i64,
    /// The export after an undisturbed run.
    expected: BTreeMap<String, String>,
    /// How long an undisturbed run takes.
    pub run_time: Duration,
}

static NEXT_NUMBER: AtomicUsize = AtomicUsize::new(0);

impl Scenario {
    pub fn new(kind: Kind) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let site = (kind == Kind::Update).then(|| {
            let mut content = Site::bundled();
            content.areas.retain(|area| AREAS.contains(&area.name.as_str()));
            LiveSite::start(content)
        });
        let home = Home::new(&site.as_ref().map_or("http://127.0.0.1:9/".to_owned(), |site| site.server.url("/")));
        let letters = dir.path().join("letters");
        std::fs::create_dir(&letters).unwrap();
        for name in LETTERS {
            let name = format!("{name}.pdf");
            std::fs::copy(fixtures("letters").join(&name), letters.join(&name)).unwrap();
        }
        let mut scenario = Self {
            kind,
            start: dir.path().join("start"),
            arguments: Vec::new(),
            reviews: 0,
            letters: 0,
            expected: BTreeMap::new(),
            run_time: Duration::ZERO,
            dir,
            home,
            _site: site,
        };
        let ingest = ["ingest".to_owned(), letters.display().to_string()];
        scenario.arguments = match kind {
            Kind::Ingest => ingest.to_vec(),
            Kind::Update => words("update"),
            Kind::Rebuild => scenario.fill_start(&ingest, &[], "rebuild --from extract"),
            Kind::Recode => {
                let codebook = scenario.write_shorter_codebook();
                scenario.fill_start(&ingest, &["--codebook", &codebook], "rebuild")
            }
            Kind::Review => {
                let mut import = scenario.fill_start(&ingest, &[], "review import");
                import.push(scenario.write_reviewed_sheet());
                import.extend(words("--coder Reader --on 2026-01-02"));
                import
            }
            Kind::Export => scenario.fill_start(&ingest, &[], "export --to {out}"),
        };
        scenario.measure();
        scenario
    }

    /// Ingests the letters into the data that the command starts from, and gives the words of the command.
    fn fill_start(&self, ingest: &[String], options: &[&str], command: &str) -> Vec<String> {
        let output = self.program(&self.start).args(options).args(ingest).output().unwrap();
        stdout(&output, 0);
        words(command)
    }

    /// Writes a codebook that lacks the last theme.
    fn write_shorter_codebook(&self) -> String {
        let whole = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/codebook.toml")).unwrap();
        let path = self.dir.path().join("codebook.toml");
        std::fs::write(&path, &whole[..whole.rfind("[[theme]]").unwrap()]).unwrap();
        path.display().to_string()
    }

    /// Writes a sheet in which a reviewer gave every finding another polarity.
    fn write_reviewed_sheet(&mut self) -> String {
        let path = self.dir.path().join("sheet.csv");
        let output = self.program(&self.start).args(["review", "export", "--to"]).arg(&path).output().unwrap();
        stdout(&output, 0);
        let mut sheet = csv::Reader::from_path(&path).unwrap();
        let head = sheet.headers().unwrap().clone();
        let polarity = head.iter().position(|name| name == "polarity").unwrap();
        let rows: Vec<csv::StringRecord> = sheet.records().map(Result::unwrap).collect();
        let mut out = csv::Writer::from_path(&path).unwrap();
        out.write_record(&head).unwrap();
        for row in &rows {
            out.write_record(row.iter().enumerate().map(|(n, field)| match field {
                "mixed" if n == polarity => "neutral",
                _ if n == polarity => "mixed",
                _ => field,
            }))
            .unwrap();
        }
        out.flush().unwrap();
        self.reviews = i64::try_from(rows.len()).unwrap();
        path.display().to_string()
    }

    /// Runs the command undisturbed, and keeps what it gives and how long it takes.
    fn measure(&mut self) {
        let data = self.new_data();
        let connection = state::open_sound_database(&data, "at the start");
        self.letters = connection.map_or(0, |c| state::count(&c, "SELECT count(*) FROM all_letters"));
        let begun = Instant::now();
        self.repeat(&data, "undisturbed");
        self.run_time = begun.elapsed();
        let connection = state::open_sound_database(&data, "undisturbed").unwrap();
        let letters = state::count(&connection, "SELECT count(*) FROM all_letters");
        self.expected = self.export(&data);
        let files = self.expected.len();
        assert!(letters >= 5 && files > 10, "an undisturbed run must give something: {files} files");
    }

    /// Makes a data directory of its own, as it is before the command.
    pub fn new_data(&self) -> PathBuf {
        let data = self.dir.path().join(format!("data-{}", NEXT_NUMBER.fetch_add(1, Ordering::Relaxed)));
        state::copy(&self.start, &data);
        data
    }

    /// The program on a data directory.
    pub fn program(&self, data: &Path) -> Command {
        let mut command = self.home.program();
        command.args(["--quiet", "--threads", "2", "--data"]).arg(data);
        command
    }

    /// The command under test on a data directory.
    pub fn command(&self, data: &Path) -> Command {
        let mut command = self.program(data);
        command.args(
            self.arguments.iter().map(|word| if word == "{out}" { export_folder(data) } else { PathBuf::from(word) }),
        );
        command
    }

    /// Starts the command and kills it after a while. False if it had ended before.
    pub fn run_and_kill(&self, data: &Path, after: Duration) -> bool {
        let mut child = self.command(data).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(after);
        child.kill().unwrap();
        child.wait().unwrap().signal() == Some(9)
    }

    /// Verifies what a disturbed run left, runs the command again, and verifies that all is as after an undisturbed run.
    pub fn assert_survives(&self, data: &Path, context: &str) -> Left {
        let context = format!("{:?} {context}", self.kind);
        let left = self.inspect(data, &context);
        // The next run comes a day later.
        state::age_partials(data);
        self.repeat(data, &context);
        assert!(self.problems(data, &context).is_empty(), "{context}: not sound after the repeat");
        assert!(state::open_sound_database(data, &context).is_some());
        state::assert_archive_is_sound(data, &context);
        let partial: Vec<PathBuf> = state::paths(data).into_iter().filter(|path| state::is_partial(path)).collect();
        assert!(partial.is_empty(), "{context}: {partial:?} were not removed");
        assert!(self.export(data) == self.expected, "{context}: the export differs from that of an undisturbed run");
        std::fs::remove_dir_all(data).unwrap();
        left
    }

    /// What the disturbed run left. Asserts that it is sound and that nothing is lost that was there before.
    fn inspect(&self, data: &Path, context: &str) -> Left {
        // The program is the first to open the dataset, as it is for a user.
        for problem in self.problems(data, context) {
            let expected =
                self.kind == Kind::Recode && problem["what"] == "version" && problem["mend"] == "sendlens rebuild";
            assert!(expected, "{context}: {problem}");
        }
        state::assert_archive_is_sound(data, context);
        let Some(connection) = state::open_sound_database(data, context) else { return Left::Nothing };
        let letters = state::count(&connection, "SELECT count(*) FROM all_letters");
        assert!(letters >= self.letters, "{context}: {letters} letters are left of {}", self.letters);
        let reviews = state::count(&connection, "SELECT count(*) FROM reviews");
        assert!(reviews == 0 || reviews == self.reviews, "{context}: {reviews} of {} reviews", self.reviews);
        let open = state::count(&connection, "SELECT count(*) FROM runs WHERE finished_at IS NULL");
        if open > 0 { Left::Midway } else { Left::Whole }
    }

    /// The problems that `check` finds. None where there is no dataset yet.
    fn problems(&self, data: &Path, context: &str) -> Vec<Value> {
        let output = self.program(data).args(["check", "--format", "json"]).output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(1) if message.contains("there is no dataset") => Vec::new(),
            Some(0 | 2) => {
                let checked: Value = serde_json::from_slice(&output.stdout).unwrap();
                checked["problems"].as_array().unwrap().clone()
            }
            code => panic!("{context}: check ended with {code:?}: {message}"),
        }
    }

    /// Runs the command to its end.
    pub fn repeat(&self, data: &Path, context: &str) {
        assert_success(&self.command(data).output().unwrap(), context);
    }

    /// The files of an export, with the hash of each.
    fn export(&self, data: &Path) -> BTreeMap<String, String> {
        let to = export_folder(data);
        if self.kind != Kind::Export {
            let mut export = self.program(data);
            export.args(["export", "--format", "csv,jsonl", "--to"]).arg(&to);
            assert_success(&export.output().unwrap(), "export");
        }
        state::files(&to)
    }
}

/// Where a data directory is exported to.
fn export_folder(data: &Path) -> PathBuf {
    data.join("out")
}

fn assert_success(output: &Output, context: &str) {
    assert_eq!(output.status.code(), Some(0), "{context}: {}", String::from_utf8_lossy(&output.stderr));
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}
