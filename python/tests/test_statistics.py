"""Every published figure is computed again from an export, with scipy and statsmodels."""

import importlib.util
import os
import subprocess
from pathlib import Path

import pytest
from samples import LETTERS, REFERENCE, ROOT

pytest.importorskip("scipy", reason="figures are computed again where scipy is installed")
pytest.importorskip("statsmodels", reason="figures are computed again where statsmodels is installed")


@pytest.fixture(scope="module")
def example():
    spec = importlib.util.spec_from_file_location("check_statistics", ROOT / "python/examples/check_statistics.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ingest_and_export(program: Path, folder: Path, documents: list[Path], *options: str | Path, model: bool) -> tuple[Path, Path]:
    """Ingests these documents and exports the dataset. Gives the data directory and the export."""
    environment = dict(os.environ)
    if model:
        environment.pop("SENDLENS_NO_MODEL", None)
    data, export = folder / "data", folder / "export"
    for arguments in (["ingest", *documents], ["export", "--to", export, "--format", "parquet"]):
        command = [program, *options, "--data", data, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, env=environment)
        assert done.returncode in (0, 2), done.stderr
    return data, export


def test_figures_of_invented_letters_are_computed_again(example, program, tmp_path):
    data, export = ingest_and_export(program, tmp_path, sorted(LETTERS.glob("*.pdf")), "--reference", REFERENCE, model=False)
    said = example.check(export, data)
    assert ", 0 of them corrected" in said, "patterns alone are not the coder whose errors were counted"


def test_corrected_shares_are_computed_again(example, program, tmp_path):
    reports = sorted(LETTERS.glob("202[345]-*-full.pdf"))[:4]
    _, export = ingest_and_export(program, tmp_path, reports, "--reference", REFERENCE, model=True)
    shares, corrected = example.check_shares(example.Export(export))
    assert shares == corrected == 34, "every theme has a corrected share"


def test_figures_of_published_reports_are_computed_again(example, program, tmp_path):
    reports = ROOT.parent / "shared" / "letters" / "area-send-2023"
    if not reports.is_dir():
        pytest.skip("no published reports beside the checkout")
    data, export = ingest_and_export(program, tmp_path, [reports], model=False)
    print(example.check(export, data))


def test_a_wrong_figure_is_named(example, program, tmp_path):
    _, export = ingest_and_export(program, tmp_path, sorted(LETTERS.glob("*-full.pdf")), "--reference", REFERENCE, model=False)
    wrong = example.Export(export)
    wrong.shares.loc[0, "high"] += 0.01
    with pytest.raises(AssertionError, match="high"):
        example.check_shares(wrong)
