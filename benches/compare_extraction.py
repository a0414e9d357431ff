#!/usr/bin/env python3
"""Compares the extraction with PyMuPDF, pdftotext and pdf-extract: the same files, one core, one run.

    cargo build --release --bin sendlens --example pdf_extract
    python3 benches/compare_extraction.py target/release/sendlens fixtures/letters

Needs PyMuPDF (pip install pymupdf) and pdftotext (poppler-utils). Prints the processor time for a file: the median of the
rounds, where a round is the mean over the files that all programs read to the end. Each program reads the files in one
process, except pdftotext, which takes one file at a time. The time to start a program, measured on an empty file, is
subtracted. A file that takes longer than a minute counts as not read.
"""
import glob
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile

ROUNDS = 5
TIMEOUT_SECONDS = 60
# Stands for the files in a command.
FILES = object()

PYMUPDF = """
import sys, pymupdf
pymupdf.TOOLS.mupdf_display_errors(False)
for name in sys.argv[1:]:
    try:
        with pymupdf.open(name, filetype="pdf") as document:
            for page in document:
                page.get_text()
    except Exception:
        sys.exit(1)
"""


def run(command, *files):
    """Seconds of processor time, and whether it ended well."""
    at = command.index(FILES)
    command = [*command[:at], *files, *command[at + 1:]]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=TIMEOUT_SECONDS * len(files))
        fine = done.returncode == 0
    except subprocess.TimeoutExpired:
        fine = False
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, fine


def machine():
    """The processor, as far as it is known."""
    try:
        with open("/proc/cpuinfo") as lines:
            name = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        name = platform.processor()
    return f"{name}, {platform.system()} {platform.machine()}"


def first_line_of(command):
    done = subprocess.run(command, capture_output=True, text=True)
    return (done.stdout + done.stderr).strip().splitlines()[0]


def main():
    program, folder = sys.argv[1:3]
    files = sorted(glob.glob(os.path.join(folder, "**", "*.pdf"), recursive=True))
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[0]})
    other = os.path.join(os.path.dirname(program), "examples", "pdf_extract")
    contenders = {
        "sendlens": [program, "extract", "--format", "json", FILES],
        "PyMuPDF": [sys.executable, "-c", PYMUPDF, FILES],
        "pdftotext": ["pdftotext", FILES, "-"],
        "pdf-extract": [other, FILES],
    }
    pymupdf = first_line_of([sys.executable, "-c", "import importlib.metadata as m; print(m.version('pymupdf'))"])
    versions = [first_line_of([program, "--version"]), f"PyMuPDF {pymupdf}", first_line_of(["pdftotext", "-v"]), "pdf-extract 0.12"]
    with tempfile.NamedTemporaryFile(suffix=".pdf") as nothing:
        starts = {name: statistics.median(run(command, nothing.name)[0] for _ in range(9))
                  for name, command in contenders.items()}
    read = {name: {file for file in files if run(command, file)[1]} for name, command in contenders.items()}
    common = sorted(set.intersection(*read.values()))
    rounds = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, command in contenders.items():
            batches = [[file] for file in common] if name == "pdftotext" else [common]
            took = sum(max(run(command, *batch)[0] - starts[name], 0.0) for batch in batches)
            rounds[name].append(took / len(common))
    print("; ".join(versions))
    print(machine())
    print(f"{len(common)} files that all read, {ROUNDS} rounds, processor time of a file on one core")
    base = statistics.median(rounds["sendlens"])
    for name, times in rounds.items():
        median = statistics.median(times)
        print(f"{name:12} {median * 1000:8.2f} ms ({min(times) * 1000:.2f} to {max(times) * 1000:.2f})"
              f"  {median / base:6.2f} x sendlens; read {len(read[name])} of {len(files)} to the end")


main()
