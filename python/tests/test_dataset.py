"""Answers of a data directory are those of the command line, as typed tables."""

import datetime
import json

import pandas as pd
import pyarrow as pa
import pytest
import sendlens


@pytest.fixture(scope="module")
def dataset(data) -> sendlens.Dataset:
    return sendlens.Dataset(data)


def plain(value):
    """The value of a table as JSON has it."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value


def value_at(row, name, names):
    """The value of a flattened column in a row of JSON."""
    if name in row or name in names:
        return row.get(name)
    for key, value in row.items():
        if name.startswith(f"{key}_"):
            return value.get(name.removeprefix(f"{key}_")) if value is not None else None
    return None


def assert_same_rows(table: pa.Table, rows: list[dict]) -> None:
    top = {key for row in rows for key, value in row.items() if not isinstance(value, dict)}
    wanted = [{name: value_at(row, name, top - {"latest_letter", "revisit"}) for name in table.column_names} for row in rows]
    found = [plain(row) for row in table.to_pylist()]
    assert rows and found == wanted


def test_letters_and_findings_are_those_of_the_command_line(dataset, rows):
    assert_same_rows(dataset.letters(form="arrow"), rows("letters"))
    assert_same_rows(dataset.letters(kind="other", form="arrow"), rows("letters", "--kind", "other"))
    found = dataset.findings(form="arrow")
    assert_same_rows(found, rows("findings"))
    assert found.schema.field("inspection_start").type == pa.date32()


def test_areas_are_those_of_the_command_line(dataset, rows):
    assert_same_rows(dataset.areas(form="arrow"), rows("areas"))


def test_themes_and_peers_are_those_of_the_command_line(dataset, rows):
    names = ["theme", "letters", "of_letters", "share", "low", "high"]
    found = dataset.themes(framework="2023", form="arrow").select(names)
    assert found.to_pylist() == [{n: row[n] for n in names} for row in rows("themes", "--framework", "2023")]
    by_year = dataset.themes(by="year", role="area_for_improvement")
    assert set(by_year["by"]) == {"year"} and by_year.attrs["scope"]["letters"] > 0
    area = rows("letters")[0]["area"]
    peers = dataset.peers(area, basis="all")
    wanted = rows("peers", area, "--basis", "all")
    wanted = wanted if isinstance(wanted, list) else [wanted]
    assert list(peers["theme"]) == [row["theme"] for row in wanted[0]["themes"]]
    assert list(peers["peers_flagged"]) == [row["peers_flagged"] for row in wanted[0]["themes"]]
    assert peers.attrs["area"] == area


def test_standardised_shares_and_orders_of_peers_are_those_of_the_command_line(dataset, rows):
    names = ["theme", "value", "standardised_share", "standardised_low", "standardised_high"]
    found = dataset.themes(by="year", standardise="la_type", framework="2023", form="arrow")
    asked = rows("themes", "--framework", "2023", "--by", "year", "--standardise", "la_type")
    assert found.select(names).to_pylist() == [{n: row[n] for n in names} for row in asked]
    assert "standardised_share" not in dataset.themes(by="year").columns
    area = rows("letters")[0]["area"]
    sorts = ("most-flagged", "most-unusual")
    orders = {sort: list(dataset.peers(area, basis="all", sort=sort)["theme"]) for sort in sorts}
    for sort, order in orders.items():
        answer = rows("peers", area, "--basis", "all", "--sort", sort)
        answer = answer if isinstance(answer, list) else [answer]
        assert order == [row["theme"] for row in answer[0]["themes"]]
    assert orders["most-flagged"] != orders["most-unusual"]


def test_doubtful_codes_can_be_left_out(dataset, rows):
    assert len(dataset.findings(confident=True, polarity="strength")) == len(
        rows("findings", "--confident", "--polarity", "strength")
    )


def test_filters_take_one_value_or_several(dataset, rows):
    one = dataset.letters(framework="2016")
    both = dataset.letters(framework=["2016", 2023])
    assert 0 < len(one) < len(both) == len(dataset.letters())
    since = datetime.date(2024, 1, 1)
    assert len(dataset.letters(since=since)) == len(rows("letters", "--since", "2024-01-01"))
    assert len(dataset.findings(limit=3)) == 3


def test_data_frames_keep_their_columns_when_nothing_matches(dataset):
    frame = dataset.letters(since="2199-01-01")
    assert isinstance(frame, pd.DataFrame) and frame.empty
    assert list(frame.columns) == list(dataset.letters().columns)


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (lambda d: d.letters(area="Nowhereshire"), "unknown_area"),
        (lambda d: d.findings(theme="weather"), "unknown_theme"),
        (lambda d: d.letters(colour="blue"), "unknown_filter"),
        (lambda d: d.letters(since="soon"), "invalid_filter"),
        (lambda d: d.letters(region="Middle Earth"), "unknown_word"),
        (lambda d: d.themes(by="mood"), "unknown_word"),
        (lambda d: d.themes(standardise="region"), "invalid_filter"),
        (lambda d: d.peers("Saltmere", sort="best"), "unknown_word"),
        (lambda d: d.findings(confident="perhaps"), "invalid_filter"),
    ],
)
def test_a_wrong_question_raises_an_exception_with_its_code(dataset, question, code):
    with pytest.raises(sendlens.SendlensError) as caught:
        question(dataset)
    assert caught.value.code == code


def test_a_folder_without_a_dataset_raises_an_exception_with_advice(tmp_path):
    with pytest.raises(sendlens.SendlensError, match="sendlens") as caught:
        sendlens.Dataset(tmp_path)
    assert caught.value.code
    assert list(tmp_path.iterdir()) == []


def test_a_dataset_is_opened_for_questions_only(data):
    before = {path: path.stat().st_mtime_ns for path in data.iterdir() if path.suffix == ".sqlite"}
    json.dumps(sendlens.Dataset(data).themes().attrs)
    assert {path: path.stat().st_mtime_ns for path in before} == before
