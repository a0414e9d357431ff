#!/usr/bin/env python3
"""Compares full-text answers with `grep` over the text of the same letters.

    cargo build --release --bin sendlens
    python3 benches/compare_search.py target/release/sendlens fixtures/letters fixtures/reference

Each question is asked of `sendlens search` and, as a person would, of `grep -il` over files made by pdftotext. Time is
the median of the rounds, wall clock, with the start of the program. Letters that only one of the two finds are counted:
`grep` misses phrases that run over a line and other forms of a word, and gives headings, addresses and boilerplate that
are not findings. Needs pdftotext (poppler-utils) and grep.
"""
import glob
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 7
# What is asked of sendlens, and the pattern for grep.
QUESTIONS = [
    ("waiting", "waiting"),
    ('"speech and language"', "speech and language"),
    ('"preparation for adulthood"', "preparation for adulthood"),
    ('"joint commissioning"', "joint commissioning"),
    ("autism", "autis"),
    ('"annual reviews"', "annual review"),
    ("exclusion", "exclu"),
]


def timed(command):
    took = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True)
        took.append(time.perf_counter() - begun)
    return statistics.median(took), done.stdout


def main():
    program, folder = sys.argv[1:3]
    reference = ["--reference", sys.argv[3]] if len(sys.argv) > 3 else []
    with tempfile.TemporaryDirectory() as work:
        data, texts = os.path.join(work, "data"), os.path.join(work, "texts")
        os.mkdir(texts)
        command = [program, "--quiet", "--no-model", "--data", data, *reference, "ingest", folder]
        assert subprocess.run(command, stderr=subprocess.DEVNULL).returncode in (0, 2)

        def ask(*arguments):
            return timed([program, "--data", data, *arguments, "--format", "json"])

        letters = {letter["id"]: letter["file"] for letter in json.loads(ask("letters")[1])}
        for path in glob.glob(os.path.join(folder, "**", "*.pdf"), recursive=True):
            name = os.path.basename(path)
            if name in letters.values():
                subprocess.run(["pdftotext", path, os.path.join(texts, name)], stderr=subprocess.DEVNULL)
        print(subprocess.run([program, "--version"], capture_output=True, text=True).stdout.strip() + "; "
              + subprocess.run(["grep", "--version"], capture_output=True, text=True).stdout.splitlines()[0])
        print(f"{len(letters)} letters, {ROUNDS} rounds")
        print(f"{'question':30} {'sendlens':>10} {'grep':>10}   letters: both, sendlens alone, grep alone")
        for question, pattern in QUESTIONS:
            ours, answer = ask("search", question, "--limit", "100000")
            theirs, listed = timed(["grep", "-ril", pattern, texts])
            answer = json.loads(answer)
            rows = answer["hits"] if isinstance(answer, dict) else answer
            found = {letters[row.get("letter_id") or row["finding"]["letter_id"]] for row in rows}
            grepped = {os.path.basename(line) for line in listed.splitlines()}
            print(f"{question:30} {ours * 1000:7.1f} ms {theirs * 1000:7.1f} ms   "
                  f"{len(found & grepped)}, {len(found - grepped)}, {len(grepped - found)}")


main()
