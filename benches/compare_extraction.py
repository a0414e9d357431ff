#!/usr/bin/env python3
"""Compares the extraction with PyMuPDF and pdftotext: the same files, one core, one run.

    cargo build --release
    python3 benches/compare_extraction.py target/release/sendlens ../shared/letters

Needs PyMuPDF (pip install pymupdf) and pdftotext (poppler-utils). Prints milliseconds of processor time a document,
the best of the rounds, so that other work on the machine counts little; starting each program is left out by timing
it on a file that is none.
"""
import glob
import os
import resource
import subprocess
import sys
import tempfile

ROUNDS = 5


def processor_time(command, **options):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


PYMUPDF = """
import sys, pymupdf
pymupdf.TOOLS.mupdf_display_errors(False)
for name in sys.argv[1:]:
    try:
        with pymupdf.open(name, filetype="pdf") as document:
            for page in document:
                page.get_text()
    except Exception:
        pass
"""


def main():
    program, folder = sys.argv[1:3]
    files = sorted(glob.glob(os.path.join(folder, "**", "*.pdf"), recursive=True))
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[0]})
    with tempfile.NamedTemporaryFile(suffix=".pdf") as nothing:
        contenders = {
            "sendlens": lambda names: processor_time([program, "extract", "--format", "json", *names]),
            "PyMuPDF": lambda names: processor_time([sys.executable, "-c", PYMUPDF, *names]),
            # It reads one file each time; starting it is taken off for each.
            "pdftotext": lambda names: sum(processor_time(["pdftotext", name, "-"]) for name in names),
        }
        versions = [
            subprocess.run([program, "--version"], capture_output=True, text=True).stdout.strip(),
            "PyMuPDF " + subprocess.run(
                [sys.executable, "-c", "import pymupdf; print(pymupdf.__version__)"], capture_output=True, text=True
            ).stdout.strip(),
            subprocess.run(["pdftotext", "-v"], capture_output=True, text=True).stderr.splitlines()[0],
        ]
        best = {}
        for _ in range(ROUNDS):
            for name, run in contenders.items():
                starts = [nothing.name] * (len(files) if name == "pdftotext" else 1)
                best[name] = min(best.get(name, 1e9), max(run(files) - run(starts), 1e-9))
    print("; ".join(versions))
    print(f"{len(files)} files, best of {ROUNDS} rounds, processor time on one core")
    for name, seconds in best.items():
        print(f"{name:10} {seconds / len(files) * 1000:7.2f} ms a file   {seconds / best['sendlens']:5.2f} x sendlens")


main()
