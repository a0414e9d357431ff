"""Documents that tests and scripts read."""

from __future__ import annotations

import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LETTERS = ROOT / "fixtures" / "letters"
REFERENCE = ROOT / "fixtures" / "reference"


def hostile() -> dict[str, bytes]:
    """Files that are named like PDFs but are not, or that try to cost too much time or memory."""
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
