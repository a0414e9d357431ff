"""Fixtures that the tests share: the documents, the program, and a data directory that it filled."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import sendlens
from samples import LETTERS, REFERENCE, ROOT, hostile

# Program and package code with patterns only, since most tests do not need the model.
os.environ["SENDLENS_NO_MODEL"] = "true"
# Spark's workers run the Python of these tests. The JVM lives too briefly for thorough compilation to pay.
os.environ["PYSPARK_PYTHON"] = sys.executable
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")


@pytest.fixture(scope="session")
def program() -> Path:
    """The sendlens program of this checkout."""
    given = os.environ.get("SENDLENS_PROGRAM")
    places = [Path(given)] if given else [ROOT / "target" / p / "sendlens" for p in ("debug", "release")]
    for place in places:
        if place.is_file():
            return place
    pytest.skip("the program is not built: run `cargo build` first, or set SENDLENS_PROGRAM")


@pytest.fixture(scope="session")
def call(program):
    """Calls the program on the invented areas, and gives its standard output."""

    def run(*arguments: str | Path, codes: tuple[int, ...] = (0,)) -> str:
        command = [program, "--reference", REFERENCE, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
        assert done.returncode in codes, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def documents(tmp_path_factory) -> Path:
    """All fixture letters, one of them twice, one in a folder below, and the hostile files."""
    folder = tmp_path_factory.mktemp("documents")
    (folder / "below").mkdir()
    for place, path in enumerate(sorted(LETTERS.glob("*.pdf"))):
        shutil.copy(path, folder / "below" if place == 0 else folder)
        if place == 1:
            shutil.copy(path, folder / "below" / f"a copy of {path.name}")
    for name, data in hostile().items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture(scope="session")
def data(documents, call, tmp_path_factory) -> Path:
    """A data directory that the program filled with these documents."""
    folder = tmp_path_factory.mktemp("data")
    call("--data", folder, "ingest", documents, codes=(2,))
    return folder


@pytest.fixture(scope="session")
def rows(data, call):
    """Rows as the program prints them as JSON."""

    def ask(*arguments: str) -> list[dict]:
        return json.loads(call("--data", data, *arguments, "--format", "json"))

    return ask


@pytest.fixture(scope="session")
def reader():
    """A reader that knows the invented areas."""
    return sendlens.Reader(reference=REFERENCE, patterns_only=True)


@pytest.fixture(scope="session")
def session():
    """One Spark session with two threads; starting one takes longer than most tests."""
    sql = pytest.importorskip("pyspark.sql", reason="the Spark job is tested where PySpark is installed")
    if not shutil.which("java") and "JAVA_HOME" not in os.environ:
        pytest.skip("the Spark job is tested where Java 17 is installed")
    from sendlens import spark as job

    builder = sql.SparkSession.builder.master("local[2]").appName("sendlens tests")
    for key, value in {**job.SETTINGS, "spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2"}.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def first(session, reader, documents, tmp_path_factory):
    """The dataset of one run of the job over all documents, with the run's report."""
    from sendlens import spark as job

    output = tmp_path_factory.mktemp("spark") / "dataset"
    return output, job.run(session, [str(documents)], str(output), reader)
