"""The Spark job gives the rows of `ingest` and `export`, and a data directory can ingest its dataset."""

import json
import shutil

import pyarrow.dataset as ds
import pytest
import sendlens
from compare import assert_same, load
from samples import hostile
from sendlens import spark as job


@pytest.fixture(scope="module")
def export(data, call, tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    call("--data", data, "export", "--to", folder, "--format", "parquet")
    return folder


def records(output):
    return ds.dataset(output / "documents", format="parquet", partitioning="hive").to_table().to_pylist()


def test_the_rows_are_those_of_ingest_and_export(first, export):
    counts = assert_same(first[0], export)
    assert counts["letters"] > 10 and counts["findings"] > 100
    # Links between letters are the same too.
    assert any(load(first[0], "findings")["judges"].to_pylist())


def test_every_document_is_one_row_and_hostile_ones_say_why(first, documents):
    output, report = first
    rows = records(output)
    assert len(rows) == len(list(documents.rglob("*.pdf"))) == sum(report.values())
    failed = {row["file"]: row["reason_code"] for row in rows if row["status"] == "failed"}
    assert set(failed) == set(hostile())
    assert failed["page-not-found.pdf"] == "not_a_pdf" and failed["bomb.pdf"] == "limit"
    assert report["failed"] == len(failed) and report["known"] == 0


def test_a_second_run_reads_only_what_is_new(session, reader, first, documents, tmp_path):
    output = tmp_path / "dataset"
    shutil.copytree(first[0], output)
    again = job.run(session, [str(documents)], str(output), reader)
    assert again == {"letter": 0, "set_aside": 0, "failed": 0, "known": sum(first[1].values())}
    more = tmp_path / "more"
    shutil.copytree(documents, more)
    new = next(iter(sorted(documents.glob("2*.pdf")))).read_bytes() + b"\n% another edition\n"
    (more / "new.pdf").write_bytes(new)
    third = job.run(session, [str(more)], str(output), reader)
    assert third == {"letter": 1, "set_aside": 0, "failed": 0, "known": sum(first[1].values())}
    assert len(records(output)) == sum(first[1].values()) + 1


def test_too_large_a_document_is_a_row_and_is_not_read(session, reader, documents, tmp_path, monkeypatch):
    smallest = min(path.stat().st_size for path in documents.glob("2*.pdf"))
    monkeypatch.setattr(sendlens.Reader, "max_bytes", smallest)
    output = tmp_path / "dataset"
    report = job.run(session, [str(documents)], str(output), reader)
    large = [row for row in records(output) if row["reason_code"] == "too_large"]
    assert len(large) == sum(path.stat().st_size > smallest for path in documents.rglob("*.pdf")) > 0
    assert all(row["sha256"] is None and row["size"] > smallest for row in large)
    assert job.run(session, [str(documents)], str(output), reader)["known"] == sum(report.values())


def test_a_folder_without_documents_gives_a_dataset_without_letters(session, reader, tmp_path):
    (tmp_path / "empty").mkdir()
    output = tmp_path / "dataset"
    report = job.run(session, [str(tmp_path / "empty")], str(output), reader)
    assert report == {"letter": 0, "set_aside": 0, "failed": 0, "known": 0}
    assert load(output, "areas").num_rows == len(reader.reference_rows("areas")) > 0
    assert not (output / "letters").exists()


def test_a_data_directory_can_ingest_the_dataset(first, export, call, documents, tmp_path):
    output, report = first
    data = tmp_path / "data"
    taken = json.loads(call("--data", data, "ingest", "--from-parquet", output, "--format", "json", codes=(2,)))
    assert taken["failed"] == report["failed"]
    assert len(taken["documents"]) == sum(report.values())
    again = tmp_path / "export"
    call("--data", data, "export", "--to", again, "--format", "parquet")
    for file in sorted(path.name for path in export.glob("*.parquet")):
        assert (again / file).read_bytes() == (export / file).read_bytes(), file
    # The documents can be found, so their bytes are archived, and a later run finds nothing to do.
    held = json.loads(call("--data", data, "ingest", documents, "--format", "json", codes=(2,)))
    assert held["unchanged"] == report["letter"] + report["set_aside"] and held["stored"] == 0
    call("--data", data, "rebuild")


def test_a_folder_of_something_else_is_refused_with_advice(call, export, tmp_path):
    with pytest.raises(AssertionError, match="folder that the Spark job wrote"):
        call("--data", tmp_path / "data", "ingest", "--from-parquet", export)
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "part-0.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(AssertionError, match="run the job that wrote it again"):
        call("--data", tmp_path / "data", "ingest", "--from-parquet", tmp_path)


def test_files_have_the_types_of_the_export(first, export):
    assert load(first[0], "findings").schema.equals(load(export, "findings").schema)
