//! The writer beside the readers: the program ingests documents that the dataset has never had, in long runs and with the
//! priority that `docs/systemd` gives to the nightly update.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// Copies of each letter in one run.
const COPIES: usize = 20;

/// How much was written.
pub struct Written {
    runs: usize,
    documents: usize,
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} documents were ingested by {} runs", self.documents, self.runs)
    }
}

/// The running writer.
pub struct Writer {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Written>,
}

fn project(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The program on a dataset.
pub fn sendlens(data: &Path, reference: &Path) -> Command {
    let mut command = super::silent(Command::new(env!("CARGO_BIN_EXE_sendlens")));
    command.arg("--data").arg(data).arg("--reference").arg(reference);
    command
}

/// Writes reference tables that have the invented areas of the fixtures after the real ones.
pub fn write_reference(dir: &Path) -> PathBuf {
    let joined = dir.join("reference");
    std::fs::create_dir_all(&joined).unwrap();
    for name in ["areas.csv", "neighbours.csv", "register.csv"] {
        let read = |folder: &str| std::fs::read_to_string(project(folder).join(name)).unwrap();
        let (mut table, invented) = (read("corpus/reference"), read("fixtures/reference"));
        let rows = invented.lines().filter(|line| !line.starts_with('#')).skip(1);
        table.extend(rows.flat_map(|row| [row, "\n"]));
        std::fs::write(joined.join(name), table).unwrap();
    }
    joined
}

impl Writer {
    /// Starts the writer after one complete run.
    pub fn start(data: &Path, reference: &Path) -> Self {
        let (data, reference) = (data.to_owned(), reference.to_owned());
        let incoming = data.join("incoming");
        let ingest = move |run: usize, copies: usize| -> usize {
            let files = write_new_documents(&incoming, run, copies);
            let program = sendlens(&data, &reference);
            let mut command = super::silent(Command::new("nice"));
            command.args(["-n", "10"]).arg(program.get_program()).args(program.get_args()).arg("ingest").arg(&incoming);
            let code = command.status().unwrap().code();
            assert!(matches!(code, Some(0 | 2)), "ingest ended with {code:?}");
            files
        };
        ingest(0, 1);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut written = Written { runs: 0, documents: 0 };
            while !stopped.load(Ordering::Relaxed) {
                written.runs += 1;
                written.documents += ingest(written.runs, COPIES);
            }
            written
        });
        Self { stop, thread }
    }

    /// Lets the current run end, and gives how much was written.
    pub fn stop(self) -> Written {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

/// Writes copies of the fixture letters, each with bytes of its own: a comment after the end of a PDF changes nothing else.
fn write_new_documents(incoming: &Path, run: usize, copies: usize) -> usize {
    drop(std::fs::remove_dir_all(incoming));
    let mut files = 0;
    for copy in 0..copies {
        let folder = incoming.join(copy.to_string());
        std::fs::create_dir_all(&folder).unwrap();
        for entry in std::fs::read_dir(project("fixtures/letters")).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "pdf") {
                let mut bytes = std::fs::read(&path).unwrap();
                bytes.extend_from_slice(format!("\n%{run} {copy}\n").as_bytes());
                std::fs::write(folder.join(path.file_name().unwrap()), bytes).unwrap();
                files += 1;
            }
        }
    }
    files
}
