"""Reading and coding give what the program gives, as plain dicts, without holding up other threads."""

import ast
import inspect
import json
import pickle
import sys
import threading
from operator import attrgetter

import pytest
import sendlens
from samples import LETTERS, ROOT, hostile
from sendlens import _native

PDFS = sorted(LETTERS.glob("*.pdf"))


def test_extract_gives_the_blocks_that_the_program_prints(call):
    printed = json.loads(call("extract", PDFS[0]))
    del printed["file"]
    assert sendlens.extract(PDFS[0].read_bytes()) == printed
    assert sendlens.extract(bytearray(PDFS[0].read_bytes())) == printed


def test_read_letter_gives_the_rows_that_the_program_prints(reader, rows):
    findings = rows("findings")
    letters = {row["id"]: row for row in rows("letters")}
    assert letters
    read = {}
    for path in PDFS:
        answer = reader.read_letter(path.read_bytes(), file=path.name)
        if answer["letter"]["kind"] != "other":
            read[answer["letter"]["id"]] = answer
    assert {id: answer["letter"] for id, answer in read.items()} == letters
    # Only a dataset has the other letter with which a verdict is linked.
    links = dict.fromkeys(("judges", "similarity", "joined_by"))
    assert any(row["judges"] for row in findings)
    for id, answer in read.items():
        # A dataset answers with formal items first; a document has its findings in the order of the text.
        asked = [row | links for row in findings if row["letter_id"] == id]
        assert sorted(answer["findings"], key=lambda row: row["id"]) == sorted(asked, key=lambda row: row["id"])


def test_a_document_of_another_programme_is_set_aside_with_the_reason(reader, rows):
    aside = {row["sha256"]: row for row in rows("letters", "--kind", "other")}
    found = [reader.read_letter(path.read_bytes(), file=path.name) for path in PDFS]
    others = [answer for answer in found if answer["letter"]["kind"] == "other"]
    assert {answer["letter"]["sha256"] for answer in others} == set(aside)
    assert all(answer["findings"] == [] and answer["letter"]["reason"] for answer in others)


def test_an_unreadable_document_raises_an_exception_with_code_and_advice(reader):
    with pytest.raises(sendlens.SendlensError) as caught:
        reader.read_letter(hostile()["page-not-found.pdf"])
    assert caught.value.code == "not_a_pdf"
    assert "fetch the document again" in str(caught.value)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.code, str(again)) == (caught.value.code, str(caught.value))


@pytest.mark.parametrize("name", sorted(hostile()))
def test_hostile_bytes_never_end_the_process(reader, name):
    record = reader.record(hostile()[name], f"/documents/{name}")
    assert record["status"] == "failed" and record["reason_code"]
    with pytest.raises(sendlens.SendlensError):
        sendlens.read_letter(hostile()[name])


def test_tag_gives_themes_whose_evidence_is_in_the_text():
    text = "Children wait too long for an assessment of their speech, language and communication needs."
    coded = sendlens.tag(text)
    assert coded["polarity"] == "weakness" and coded["themes"]
    assert all(theme["evidence"] in text for theme in coded["themes"])
    with pytest.raises(sendlens.SendlensError, match="use one of") as caught:
        sendlens.tag(text, role="chapter")
    assert caught.value.code == "unknown_word"


def test_tag_agrees_with_the_program(call, tmp_path, monkeypatch):
    monkeypatch.delenv("SENDLENS_NO_MODEL")
    texts = tmp_path / "texts.txt"
    texts.write_text("Leaders do not know their children well.\nStrong co-production with parents.\n")
    printed = [json.loads(line) for line in call("tag", texts).splitlines()]
    for line in printed:
        coded = sendlens.tag(line["text"])
        assert coded["polarity"] == line["polarity"]
        assert coded["themes"] == line["themes"]


def test_a_reader_can_be_pickled(reader):
    again = pickle.loads(pickle.dumps(reader))
    assert again.versions == reader.versions
    assert again.record(PDFS[0].read_bytes(), "a.pdf") == reader.record(PDFS[0].read_bytes(), "a.pdf")


def test_other_threads_run_while_a_document_is_read(reader):
    # If the library kept the interpreter's lock, the other thread could count only for a moment before and after a call.
    stop, counted, turn = threading.Event(), [0], sys.getswitchinterval()

    def count() -> None:
        while not stop.is_set():
            counted[0] += 1

    data = hostile()["bomb.pdf"]
    thread = threading.Thread(target=count)
    sys.setswitchinterval(0.0001)
    thread.start()
    try:
        seen = []
        for _ in range(3):
            before = counted[0]
            reader.record(data, "bomb.pdf")
            seen.append(counted[0] - before)
    finally:
        stop.set()
        thread.join()
        sys.setswitchinterval(turn)
    assert max(seen) > 20_000


def test_the_version_is_that_of_the_crate(program):
    import importlib.metadata
    import subprocess

    printed = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    assert sendlens.__version__ == importlib.metadata.version("sendlens") == printed


def test_the_stubs_match_the_library():
    stubs = ast.parse((ROOT / "python" / "src" / "sendlens" / "_native.pyi").read_text()).body
    functions = {node.name: node for node in stubs if isinstance(node, ast.FunctionDef)}
    for made in (node for node in stubs if isinstance(node, ast.ClassDef)):
        functions |= {f"{made.name}.{node.name}": node for node in made.body if isinstance(node, ast.FunctionDef)}
        real = {name for name in vars(getattr(_native, made.name)) if not name.startswith("__")}
        assert real == {name.partition(".")[2] for name in functions if name.startswith(f"{made.name}.")} - {"__new__"}
    for name, node in functions.items():
        made = inspect.signature(attrgetter(name.removesuffix(".__new__"))(_native)).parameters
        declared = [argument.arg for argument in node.args.args if argument.arg != "cls"]
        assert [parameter for parameter in made if parameter != "self"] == [each for each in declared if each != "self"], name
        optional = sum(parameter.default is not inspect.Parameter.empty for parameter in made.values())
        assert optional == len(node.args.defaults), name
