//! Rows that an engine wrote hold everything: a data directory filled from them answers like one that read the documents.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use parquet::arrow::ArrowWriter;
use sendlens::archive::Archive;
use sendlens::code::Coder;
use sendlens::codebook::Codebook;
use sendlens::domain::Reading;
use sendlens::export::arrow;
use sendlens::export::documents::DOCUMENTS;
use sendlens::extract::Limits;
use sendlens::pipeline::{self, DocumentRecord, FromParquetError, Stages, ingest_parquet};
use sendlens::query::{self, Filter, FindingRow, Kinds, LetterRow};
use sendlens::reference::Reference;
use sendlens::store::Dataset;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn stages() -> Stages {
    Stages {
        limits: Limits::default(),
        reference: Reference::load(&fixtures().join("reference")).unwrap(),
        coder: Coder::patterns_only(Codebook::bundled()),
    }
}

/// Copies the fixture letters to a folder, with a web page named like a letter, and lists the files.
fn copy_documents(dir: &Path) -> Vec<PathBuf> {
    for entry in fs::read_dir(fixtures().join("letters")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "pdf") {
            fs::copy(&path, dir.join(path.file_name().unwrap())).unwrap();
        }
    }
    fs::write(dir.join("missing page.pdf"), "<html>Page not found</html>").unwrap();
    pipeline::find(&[dir.to_owned()]).unwrap().into_iter().map(|f| f.path).collect()
}

/// Writes rows as an engine would: several files in partitions, with marker files beside them.
fn write_rows(dir: &Path, rows: &[DocumentRecord]) {
    for (number, part) in rows.chunks(rows.len().div_ceil(2)).enumerate() {
        let folder = dir.join("documents/run=1").join(format!("status={number}"));
        fs::create_dir_all(&folder).unwrap();
        let mut file = ArrowWriter::try_new(
            File::create(folder.join("part-0.snappy.parquet")).unwrap(),
            arrow::schema(&DOCUMENTS),
            None,
        )
        .unwrap();
        file.write(&arrow::batch(&DOCUMENTS, part).unwrap()).unwrap();
        file.close().unwrap();
        fs::write(folder.join(".part-0.snappy.parquet.crc"), "crc").unwrap();
    }
    fs::write(dir.join("documents/_SUCCESS"), "").unwrap();
}

fn answers(dataset: &Dataset) -> (Vec<LetterRow>, Vec<FindingRow>) {
    let all = Filter { kinds: Kinds::All, ..Filter::default() };
    (query::letters(dataset, &all).unwrap(), query::findings(dataset, &Filter::default()).unwrap())
}

#[test]
fn a_data_directory_filled_from_rows_answers_like_one_that_read_the_documents() {
    let stages = stages();
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("documents read");
    fs::create_dir(&folder).unwrap();
    let paths = copy_documents(&folder);

    let read = home.path().join("read");
    let mut dataset = Dataset::open(&read).unwrap();
    stages.describe(&mut dataset).unwrap();
    let found = pipeline::find(std::slice::from_ref(&folder)).unwrap();
    let archive = Archive::open(&read).unwrap();
    pipeline::ingest(&found, &stages, &archive, &mut dataset, 2, |_| {}).unwrap();
    let expected = answers(&dataset);
    assert!(expected.0.len() > 20 && expected.1.len() > 100);

    let rows: Vec<DocumentRecord> = paths
        .iter()
        .map(|path| {
            let processed = stages.process(&fs::read(path).unwrap());
            let address = format!("file:{}", path.display());
            let row = DocumentRecord::new(&processed, &address, &stages.reference).unwrap();
            assert_eq!(row.processed().unwrap().unwrap(), processed, "the row of {address} holds everything");
            row
        })
        .collect();
    write_rows(home.path(), &rows);

    let taken = home.path().join("taken");
    let mut dataset = Dataset::open(&taken).unwrap();
    stages.describe(&mut dataset).unwrap();
    let archive = Archive::open(&taken).unwrap();
    let report = ingest_parquet(home.path(), &stages, &archive, &mut dataset, |_| {}).unwrap();
    assert_eq!((report.tally.failed, report.documents.len()), (1, paths.len()));
    assert_eq!(answers(&dataset), expected);
    for row in &rows {
        assert!(archive.contains(row.sha256.as_ref().unwrap()), "the bytes of {} are in the archive", row.path);
    }

    let again = ingest_parquet(home.path(), &stages, &archive, &mut dataset, |_| {}).unwrap();
    assert_eq!((again.tally.stored, again.tally.revised), (0, 0));
    assert_eq!(again.tally.unchanged as usize, paths.len() - 1);
    assert_eq!(answers(&dataset), expected);
}

#[test]
fn rows_made_without_a_dataset_equal_those_that_questions_give() {
    let stages = stages();
    let home = tempfile::tempdir().unwrap();
    let mut dataset = Dataset::open(home.path()).unwrap();
    stages.describe(&mut dataset).unwrap();
    let found = pipeline::find(&[fixtures().join("letters")]).unwrap();
    pipeline::ingest(&found, &stages, &Archive::open(home.path()).unwrap(), &mut dataset, 2, |_| {}).unwrap();
    let (letters, findings) = answers(&dataset);
    for file in &found {
        let processed = stages.process(&fs::read(&file.path).unwrap());
        let row = LetterRow::of(&processed, Some(&file.name()), &stages.reference).unwrap();
        let Some(held) = letters.iter().find(|l| l.sha256 == row.sha256) else { continue };
        assert_eq!(row, *held);
        if let Reading::Letter { letter, .. } = &processed.reading {
            // What a verdict judges is in another letter, which a single document does not have.
            let alone = |f: &FindingRow| FindingRow { judges: None, similarity: None, joined_by: None, ..f.clone() };
            // Questions answer with formal items first; a document has its findings in the order of the text.
            let by_id = |mut rows: Vec<FindingRow>| {
                rows.sort_by(|a, b| a.id.cmp(&b.id));
                rows
            };
            let held = findings.iter().filter(|f| f.letter_id == letter.id()).map(alone).collect();
            assert_eq!(by_id(FindingRow::of(&processed, &stages.reference)), by_id(held));
        }
    }
}

#[test]
fn a_folder_of_something_else_is_refused_with_advice() {
    let stages = stages();
    let home = tempfile::tempdir().unwrap();
    let archive = Archive::open(home.path()).unwrap();
    let mut dataset = Dataset::open(home.path()).unwrap();
    let mut refusal = |dir: &Path| ingest_parquet(dir, &stages, &archive, &mut dataset, |_| {}).unwrap_err();
    assert!(matches!(refusal(home.path()), FromParquetError::NoDataset(_)));
    let documents = home.path().join("documents");
    fs::create_dir(&documents).unwrap();
    fs::write(documents.join("part.parquet"), "PAR1 and no more").unwrap();
    assert!(refusal(home.path()).to_string().contains("run the job that wrote it again"));
    fs::remove_dir_all(&documents).unwrap();
    let damaged = DocumentRecord {
        sha256: Some("0".repeat(64)),
        path: "/a.pdf".to_owned(),
        letter: Some("{}".to_owned()),
        ..DocumentRecord::default()
    };
    write_rows(home.path(), &[damaged]);
    assert!(refusal(home.path()).to_string().contains("the letter of /a.pdf"));
}
