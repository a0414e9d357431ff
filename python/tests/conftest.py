"""What the tests share: the documents, the program, and a data directory that it filled."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Spark's workers run the Python of these tests.
os.environ["PYSPARK_PYTHON"] = sys.executable
LETTERS = ROOT / "fixtures" / "letters"
REFERENCE = ROOT / "fixtures" / "reference"


def hostile() -> dict[str, bytes]:
    """Files that are named like PDFs and are not, or would like to cost more than they may."""
    import zlib

    bomb = zlib.compress(b"BT (x) Tj ET " * 8_000_000, 9)
    page = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>endobj\n"
    )
    stream = b"4 0 obj<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream endobj\n" % (len(bomb), bomb)
    end = b"trailer<</Root 1 0 R>>\n%%EOF\n"
    cycle = page.replace(b"/Kids[3 0 R]", b"/Kids[2 0 R 2 0 R]")
    letter = sorted(LETTERS.glob("*.pdf"))[0].read_bytes()
    return {
        "empty.pdf": b"",
        "page-not-found.pdf": b"<!DOCTYPE html><html><body>Page not found</body></html>",
        "half.pdf": letter[: len(letter) // 2],
        "bomb.pdf": page + stream + end,
        "deep.pdf": b"%PDF-1.4\n1 0 obj" + b"[" * 200_000 + b"endobj\n" + end,
        "cycle.pdf": cycle + end,
    }


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
    """Calls the program on the invented areas; gives its standard output."""

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
