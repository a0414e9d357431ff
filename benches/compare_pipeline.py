#!/usr/bin/env python3
"""Compares the whole way from PDFs to findings with a script of PyMuPDF and regular expressions, such as people write
who have the same reports and no such program. The same files, one core, one run.

    cargo build --release --bin sendlens
    python3 benches/compare_pipeline.py target/release/sendlens fixtures/letters fixtures/reference

The script below reads the text of each page, recognises a letter of the local area SEND programme by its words, finds the
area's name and the first date, takes the bulleted or numbered items below the headings of formal items, and looks for one
word list for each theme. It keeps no archive, no history, no pages and no evidence. What it finds is compared with what sendlens
stores: letters, formal items, and on how many letters both count the same items. Needs PyMuPDF. sendlens codes once by
its patterns alone and once with its language model.
"""
import glob
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile

ROUNDS = 3
FORMAL = ("significant_weakness", "priority_action", "area_for_improvement", "area_for_development")

HEADINGS = re.compile(r"areas? for (?:improvement|development|priority action)|significant (?:areas of )?weakness|"
                      r"written statement of action", re.I)
BULLET = re.compile(r"^\s*(?:[•■▪◼●\uf0a7\uf0b7-]|\d+\.)\s*(\S.*)?$")
DATE = re.compile(r"\b(\d{1,2}) (?:to|and|–|-) \d{1,2} (\w+) (20\d\d)|\b(\d{1,2}) (\w+) (20\d\d)")
THEMES = {"waiting": r"wait|delay", "therapy": r"speech|therap", "plans": r"EHC|plan", "leadership": r"leader|governance",
          "voice": r"parent|co-produc", "exclusion": r"exclu|attend", "adulthood": r"adulthood|employment"}


def simple(files):
    """The script such as people write: one row for each letter."""
    import pymupdf
    pymupdf.TOOLS.mupdf_display_errors(False)
    rows = {}
    for path in files:
        try:
            with pymupdf.open(path, filetype="pdf") as document:
                text = "\n".join(page.get_text() for page in document)
        except Exception:
            continue
        if not re.search(r"special educational needs", text, re.I) or not re.search(r"local area|partnership", text, re.I):
            continue
        date = DATE.search(text)
        area = re.search(r"(?:inspection of|in) ([A-Z][\w\- ]+?)(?:,| local area|\n)", text)
        items, inside, current = [], False, None
        for line in text.splitlines():
            if HEADINGS.search(line) and len(line) < 90:
                inside, current = True, None
            elif inside and BULLET.match(line):
                current = [BULLET.match(line)[1] or ""]
                items.append(current)
            elif current is not None and line.strip() and not line[0].isupper():
                current.append(line.strip())
            elif line.strip() and line[0].isupper() and not BULLET.match(line):
                current = None
        texts = [" ".join(item) for item in items]
        themes = [[name for name, words in THEMES.items() if re.search(words, item, re.I)] for item in texts]
        rows[os.path.basename(path)] = (area and area[1], date and date[0], texts, themes)
    return rows


def processor_time(work):
    before = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    result = work()
    after = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(a.ru_utime + a.ru_stime - b.ru_utime - b.ru_stime for a, b in zip(after, before)), result


def main():
    program, folder = sys.argv[1:3]
    reference = ["--reference", sys.argv[3]] if len(sys.argv) > 3 else []
    files = sorted(glob.glob(os.path.join(folder, "**", "*.pdf"), recursive=True))
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[0]})

    def ours(*options):
        def work():
            data = tempfile.mkdtemp()
            command = [program, "--quiet", "--data", data, *reference, *options, "ingest", folder]
            # Exit code 2: some of the files are not documents.
            assert subprocess.run(command, stderr=subprocess.DEVNULL).returncode in (0, 2)
            return data
        return work

    times = {"PyMuPDF and regular expressions": [], "sendlens, patterns": [], "sendlens, with its model": []}
    for _ in range(ROUNDS):
        took, rows = processor_time(lambda: simple(files))
        times["PyMuPDF and regular expressions"].append(took)
        took, data = processor_time(ours("--no-model"))
        times["sendlens, patterns"].append(took)
        times["sendlens, with its model"].append(processor_time(ours())[0])

    def ask(what):
        command = [program, "--data", data, what, "--format", "json"]
        return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)

    items = {letter["file"]: sum(letter["counts"].get(role, 0) for role in FORMAL) for letter in ask("letters")}
    same = sum(len(rows[name][2]) == count for name, count in items.items() if name in rows)
    print(subprocess.run([program, "--version"], capture_output=True, text=True).stdout.strip())
    print(f"{len(files)} files, {ROUNDS} rounds, processor time on one core, median")
    base = statistics.median(times["sendlens, patterns"])
    for name, took in times.items():
        median = statistics.median(took)
        print(f"{name:34} {median:7.2f} s  {median / len(files) * 1000:7.1f} ms a file  {median / base:5.2f} x")
    print(f"letters: {len(items)} by sendlens; {len(rows)} by the script, {len(set(rows) - set(items))} of them no such letter")
    print(f"formal items: {sum(items.values())} by sendlens; {sum(len(row[2]) for row in rows.values())} by the script; "
          f"the same number in {same} of {len(items)} letters")


main()
