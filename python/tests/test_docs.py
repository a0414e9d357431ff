"""The examples of the documentation work, and DuckDB, Spark SQL and the package give the same answers."""

import json
import re

import pytest
import sendlens
from samples import ROOT
from sendlens import spark as job

README = (ROOT / "python" / "README.md").read_text()


def blocks(language: str, section: str) -> list[str]:
    text = re.split(rf"^##+ {re.escape(section)}$", README, flags=re.M)[1]
    text = re.split(r"^##+ ", text, flags=re.M)[0]
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.M | re.S)


def tidy(rows):
    return [tuple(str(value) if hasattr(value, "isoformat") else value for value in row) for row in rows]


@pytest.fixture(scope="module")
def answers(session, first):
    """The answers to the three questions from DuckDB and from Spark SQL."""
    dataset = first[0]
    duckdb = pytest.importorskip("duckdb", reason="the SQL of the documentation is tested where DuckDB is installed")
    connection = duckdb.connect()
    views, *questions = blocks("sql", "DuckDB")
    connection.execute(views.replace("'dataset/", f"'{dataset}/"))
    from_duckdb = [tidy(connection.execute(question).fetchall()) for question in questions]
    (code,) = blocks("python", "Spark SQL")
    exec(code.replace('f"dataset/', f'f"{dataset}/'), {"spark": session})
    from_spark = [tidy(session.sql(q.rstrip().rstrip(";")).collect()) for q in blocks("sql", "Spark SQL")]
    return from_duckdb, from_spark


def test_duckdb_and_spark_sql_agree(answers):
    from_duckdb, from_spark = answers
    assert len(from_duckdb) == len(from_spark) == 3
    assert all(from_duckdb)
    assert [[tuple(row) for row in answer] for answer in from_spark] == from_duckdb


def test_the_officers_question_has_the_packages_answer(answers, data):
    found = {label: (flagged, of) for label, flagged, of in answers[0][1]}
    peers = sendlens.Dataset(data).peers("Saltmere-on-Sea")
    flagged = peers[peers.peers_flagged > 0]
    assert found == dict(zip(flagged.label, zip(flagged.peers_flagged, flagged.of_peers, strict=True), strict=True))


def test_the_national_question_has_the_packages_answer(answers, data):
    dataset = sendlens.Dataset(data)
    for framework, role in (("2016", "significant_weakness"), ("2023", "priority_action")):
        kind = "outcome_letter" if framework == "2016" else "area_send_full"
        shares = dataset.themes(by="year", framework=framework, role=role, kind=kind)
        wanted = {(int(r.value), r.theme): (r.letters, r.of_letters) for r in shares.itertuples() if r.letters}
        found = {(y, theme): (n, of) for f, y, theme, n, of, _ in answers[0][2] if f == framework}
        assert found == wanted


def test_the_python_of_the_documentation_runs(data, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(ROOT)
    scope: dict = {}
    for code in blocks("python", "Read and code documents") + blocks("python", "Ask a data directory"):
        exec(code.replace('Dataset("corpus")', f"Dataset({str(data)!r})"), scope)
    assert "not_a_pdf" in capsys.readouterr().out
    assert len(scope["peers"]) > 0 and scope["answer"]["findings"]


def test_every_option_of_the_job_is_documented():
    options = {option for action in job._parser()._actions for option in action.option_strings}
    documented = README + (job.__doc__ or "")
    undocumented = {o for o in options - {"-h", "--help", "--task-bytes"} if o not in documented}
    assert not undocumented


def test_the_notebook_runs(data, program, tmp_path, monkeypatch):
    matplotlib = pytest.importorskip("matplotlib", reason="the notebook is run where matplotlib is installed")
    matplotlib.use("Agg")
    notebook = ROOT / "python" / "examples" / "areas-like-mine.ipynb"
    cells = [cell for cell in json.loads(notebook.read_text())["cells"] if cell["cell_type"] == "code"]
    monkeypatch.chdir(notebook.parent)
    monkeypatch.setenv("SENDLENS_PROGRAM", str(program))
    scope: dict = {"display": lambda *_: None}
    for cell in cells:
        exec("".join(cell["source"]), scope)
    assert len(scope["peers"]) > 0
