//! How time and memory grow with the dataset: 1,000, 20,000 and 200,000 letters.
//!
//! `cargo bench --bench scale` makes each dataset with the generator, runs every step in a process of its own, and
//! writes `docs/scale.md` and `docs/scale.svg`. It fails where a step's time grows worse than linearly between two
//! sizes, or its memory passes a gigabyte. `SENDLENS_SCALE_LETTERS=1000,20000` takes other sizes.
//!
//! Time is the processor time of the step's process, so that other work on the machine counts little. Memory is the peak
//! of resident memory, which includes mapped pages of the database. Each letter has ten findings. Reading PDFs is measured on
//! copies of the fixture letters that differ by a comment after their end.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod chart;
#[path = "../support/generator.rs"]
mod generator;
#[path = "../../tests/support/http.rs"]
mod http;
#[path = "../support/memory.rs"]
mod memory;
#[path = "../../tests/support/serving.rs"]
#[allow(dead_code)]
mod serving;

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use sendlens::query::{Basis, By, Filter, findings, history, peers, search, themes};
use sendlens::store::Dataset;
use serving::Serving;

const FINDINGS_PER_LETTER: usize = 10;
/// Copies of each fixture letter.
const COPIES: [usize; 3] = [5, 25, 100];
/// Ticks of processor time in a second (`getconf CLK_TCK`), the same on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;
/// Growth counts as linear up to this exponent, since measurements scatter.
const MAX_LINEAR_EXPONENT: f64 = 1.15;
const MAX_MEMORY_MIB: f64 = 1024.0;

/// One measured step at one size.
pub struct Point {
    pub step: &'static str,
    /// Letters, or PDFs.
    pub size: usize,
    /// Seconds of processor time.
    pub seconds: f64,
    /// The peak of resident memory.
    pub mebibytes: f64,
}

fn main() -> ExitCode {
    if let Ok(step) = std::env::var("SENDLENS_SCALE_STEP") {
        inner(&step);
        return ExitCode::SUCCESS;
    }
    let sizes = std::env::var("SENDLENS_SCALE_LETTERS").unwrap_or_else(|_| "1000,20000,200000".to_owned());
    let mut points: Vec<Point> = COPIES.into_iter().map(measure_reading).collect();
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let mut fine = true;
    for size in sizes.split(',').map(|size| size.trim().parse().unwrap()) {
        measure_dataset(size, &mut points);
        let (table, in_bounds) = table(&points);
        fine = in_bounds;
        std::fs::write(docs.join("scale.md"), table).unwrap();
        std::fs::write(docs.join("scale.svg"), chart::chart(&points)).unwrap();
    }
    if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Makes an empty folder for measurements.
fn empty_folder(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    drop(std::fs::remove_dir_all(&dir));
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

/// Measures `ingest` of so many copies of each fixture letter.
fn measure_reading(copies: usize) -> Point {
    let dir = empty_folder("scale-pdfs");
    let letters = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/letters");
    let mut size = 0;
    for entry in std::fs::read_dir(letters).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.extension().is_some_and(|e| e == "pdf") {
            let bytes = std::fs::read(&entry).unwrap();
            let name = entry.file_stem().unwrap().to_str().unwrap();
            for copy in 0..copies {
                let mut file = std::fs::File::create(dir.join(format!("{name}-{copy}.pdf"))).unwrap();
                file.write_all(&bytes).unwrap();
                writeln!(file, "\n% copy {copy}").unwrap();
                size += 1;
            }
        }
    }
    let data = empty_folder("scale-read");
    let mut ingest = program(&data);
    ingest.arg("--reference").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/reference"));
    let (seconds, mebibytes) = run(ingest.arg("ingest").arg(&dir));
    print_point("reading PDFs (`ingest`)", size, seconds, mebibytes)
}

/// Measures every step on a generated dataset of so many letters.
fn measure_dataset(size: usize, points: &mut Vec<Point>) {
    let dir = empty_folder(&format!("scale-{size}"));
    let mut add = |step, (seconds, mebibytes)| points.push(print_point(step, size, seconds, mebibytes));
    add("recording letters", run(&mut own_process(&dir, "fill", size)));
    add("coding again (`rebuild --from code`)", run(program(&dir).args(["rebuild", "--from", "code"])));
    add("a question (mean of six)", measure_questions(&dir, size));
    let out = dir.join("out");
    add("export (CSV, Parquet)", run(program(&dir).args(["export", "--format", "csv,parquet", "--to"]).arg(&out)));
    add("a page (mean of six)", measure_pages(&dir));
    std::fs::remove_dir_all(dir).unwrap();
}

fn print_point(step: &'static str, size: usize, seconds: f64, mebibytes: f64) -> Point {
    println!("{step:<40} {size:>8} {seconds:>10.4} s {mebibytes:>8.0} MiB");
    Point { step, size, seconds, mebibytes }
}

/// The program on a data directory, coding by patterns alone.
fn program(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sendlens"));
    command.env("SENDLENS_NO_MODEL", "true").args(["--quiet", "--data"]).arg(data).stdout(Stdio::null());
    command
}

/// This bench in a process of its own.
fn own_process(dir: &Path, step: &str, size: usize) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env("SENDLENS_SCALE_STEP", format!("{step}:{size}:{}", dir.display()));
    command
}

/// Runs a command to its end. Gives its seconds of processor time and its peak memory in MiB.
fn run(command: &mut Command) -> (f64, f64) {
    let mut child = command.spawn().unwrap();
    let mut most = (0.0, 0.0);
    let status = loop {
        if let Some(now) = usage(&child) {
            most = now;
        }
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    assert!(status.success(), "{command:?}");
    most
}

/// The processor time so far, in seconds, and the peak memory so far, in MiB, of a running process.
fn usage(child: &Child) -> Option<(f64, f64)> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).ok()?;
    let mut fields = stat.rsplit(')').next()?.split_whitespace().skip(11);
    let ticks = fields.next()?.parse::<f64>().ok()? + fields.next()?.parse::<f64>().ok()?;
    Some((ticks / TICKS_PER_SECOND, memory::peak_kib(child.id())? as f64 / 1024.0))
}

/// What the bench does in a process of its own.
fn inner(step: &str) {
    let mut parts = step.splitn(3, ':');
    let (step, size, dir) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let dir = Path::new(dir);
    match step {
        "fill" => generator::fill(&mut Dataset::open(dir).unwrap(), size.parse().unwrap(), FINDINGS_PER_LETTER),
        _ => ask(dir),
    }
}

/// Asks six questions several times, and prints the mean processor time of one in seconds.
fn ask(dir: &Path) {
    let dataset = Dataset::open_read_only(dir).unwrap();
    let reference = dataset.reference().unwrap();
    let codes: Vec<&str> = reference.areas().iter().map(|area| area.la_code.as_str()).collect();
    let page = Filter { limit: Some(20), ..Filter::default() };
    let rounds = 5;
    let begun = processor_seconds();
    for code in codes.iter().take(rounds) {
        peers(&dataset, code, &Basis::Neighbours, &Filter::default()).unwrap();
        themes(&dataset, &Filter::default(), Some(By::Year)).unwrap();
        history(&dataset, code, &Filter::default(), jiff::civil::date(2026, 1, 1)).unwrap();
        search(&dataset, "hydrotherapy AND children", &page).unwrap();
        search(&dataset, "children", &page).unwrap();
        findings(&dataset, &Filter { themes: vec!["leadership".into()], ..page.clone() }).unwrap();
    }
    println!("{}", (processor_seconds() - begun) / (rounds * 6) as f64);
}

/// The processor time of this thread, in seconds.
fn processor_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1e9
}

fn measure_questions(dir: &Path, size: usize) -> (f64, f64) {
    let mut command = own_process(dir, "ask", size);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut memory = 0.0;
    while child.try_wait().unwrap().is_none() {
        memory = usage(&child).map_or(memory, |(_, mebibytes)| mebibytes);
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    (text.trim().parse().unwrap(), memory)
}

/// Measures pages that all differ, so that none comes from the cache.
fn measure_pages(dir: &Path) -> (f64, f64) {
    let server = Serving::with(program(dir), &["--today", "2026-01-01"]);
    let codes: Vec<String> = {
        let dataset = Dataset::open_read_only(dir).unwrap();
        let reference = dataset.reference().unwrap();
        let areas = reference.areas().iter().filter(|area| area.abolished_on.is_none());
        areas.map(|area| area.la_code.clone()).take(8).collect()
    };
    get(server.at, "/");
    let (begun, _) = usage(&server.child).unwrap();
    let mut count = 0;
    for code in &codes {
        for path in [
            format!("/areas/{code}"),
            format!("/areas/{code}/briefing"),
            format!("/areas/{code}?basis=all"),
            format!("/findings?area={code}&q=children"),
            format!("/letters?area={code}"),
            format!("/themes?area={code}"),
        ] {
            get(server.at, &path);
            count += 1;
        }
    }
    let (ended, memory) = usage(&server.child).unwrap();
    ((ended - begun) / f64::from(count), memory)
}

fn get(at: SocketAddr, path: &str) {
    assert_eq!(http::get(at, path).status, 200, "{path}");
}

/// The figures as a page, and whether growth and memory are within their bounds.
fn table(points: &[Point]) -> (String, bool) {
    let mut text = String::from(
        "# Time and memory against size\n\n![Time and memory against size](scale.svg)\n\n\
         Processor time of each step, and the most memory that it had. *Growth* is the exponent between the two sizes: 1 is \
         linear, less is better. Made by `cargo bench --bench scale`",
    );
    let day = jiff::Zoned::now().date();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    writeln!(text, " on {day}, {} {}, {cores} cores.\n", std::env::consts::ARCH, std::env::consts::OS).unwrap();
    text +=
        "| step | letters or PDFs | processor time | for each | growth | memory |\n|---|---:|---:|---:|---:|---:|\n";
    let mut fine = true;
    for step in steps(points) {
        let of_step: Vec<&Point> = points.iter().filter(|point| point.step == step).collect();
        for (n, point) in of_step.iter().enumerate() {
            let before = n.checked_sub(1).map(|n| of_step[n]);
            let growth = before.map(|before| growth(before, point));
            fine &= growth.is_none_or(|growth| growth <= MAX_LINEAR_EXPONENT) && point.mebibytes <= MAX_MEMORY_MIB;
            writeln!(
                text,
                "| {step} | {} | {} | {:.1} µs | {} | {:.0} MiB |",
                point.size,
                seconds(point.seconds),
                point.seconds / point.size as f64 * 1e6,
                growth.map_or(String::new(), |growth| format!("{growth:.2}")),
                point.mebibytes
            )
            .unwrap();
        }
    }
    let verdict = if fine { "No step grows" } else { "Some step grows" };
    writeln!(
        text,
        "\n{verdict} worse than linearly (exponent {MAX_LINEAR_EXPONENT}) or takes more than {MAX_MEMORY_MIB} MiB."
    )
    .unwrap();
    (text, fine)
}

fn growth(before: &Point, after: &Point) -> f64 {
    (after.seconds / before.seconds).ln() / (after.size as f64 / before.size as f64).ln()
}

fn seconds(seconds: f64) -> String {
    if seconds < 1.0 { format!("{:.1} ms", seconds * 1e3) } else { format!("{seconds:.1} s") }
}

/// The steps in their order.
pub fn steps(points: &[Point]) -> Vec<&'static str> {
    let mut steps = Vec::new();
    for point in points {
        if !steps.contains(&point.step) {
            steps.push(point.step);
        }
    }
    steps
}
