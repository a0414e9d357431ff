"""From trained weights to the files of the program: export.py WORK_DIR ENCODER_DIR HELD_OUT_BIN [LETTERS_DIR]

LETTERS_DIR: folder with any English PDFs; word pieces that occur there are kept besides the most frequent ones.
"""

import hashlib
import json
import pathlib
import sys

import numpy as np
import pymupdf
import torch
from tokenizers import Tokenizer

import onnx_graph
from train import POLARITIES, SECTIONS, THEMES

FREQUENT = 14000
HEADS = 12


def vocabulary(work, letters):
    """Old numbers of the pieces that stay, and their new names."""
    tokenizer = Tokenizer.from_file(str(work / "base" / "tokenizer.json"))
    tokenizer.no_truncation()
    pieces = {number: piece for piece, number in tokenizer.get_vocab().items()}
    texts = [t[k] for t in json.loads((work / "texts.json").read_text(encoding="utf-8")) for k in ("text", "previous")]
    for path in sorted(pathlib.Path(letters).rglob("*.pdf")) if letters else ():
        try:
            texts += [page.get_text() for page in pymupdf.open(path)]
        except pymupdf.FileDataError:
            continue
    used = {number for text in texts for number in tokenizer.encode(text, add_special_tokens=False).ids}

    def stays(number):
        piece = pieces[number]
        latin = all(ord(c) < 0x250 or c in "\u2019\u2018\u201c\u201d\u2013\u2014\u2026\u2022\u00a3\u20ac" for c in piece)
        return number >= 999 and latin and (number < FREQUENT or number in used or len(piece.replace("##", "")) == 1)

    kept = [number for number in sorted(pieces) if stays(number)]
    marks = [101, 102, 100, *range(1, len(SECTIONS) + 1), 20]
    names = ["[CLS]", "[SEP]", "[UNK]", *(f"[section {i}]" for i in range(len(SECTIONS) + 1))]
    return marks + kept, names + [pieces[number] for number in kept]


def tokens(names):
    """The tokenizer in the format of the library `tokenizers`, with the pieces that stay."""
    marks = [{"id": i, "content": name, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
              "special": True} for i, name in enumerate(names) if name.startswith("[") and len(name) > 1]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": marks,
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True,
                       "strip_accents": None, "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": None,
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100, "vocab": {name: i for i, name in enumerate(names)}},
    }


def write(folder, weights, names, themes):
    """The model's folder: graph with weights, tokenizer, and the names of its outputs."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    onnx_graph.write(folder / "model.onnx", weights, HEADS, len(themes))
    labels = {str(i): name for i, name in enumerate([*themes, *POLARITIES])}
    for name, content in (("tokenizer.json", tokens(names)), ("config.json", {"id2label": labels})):
        (folder / name).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def encoder(work, letters, folder):
    numbers, names = vocabulary(work, letters)
    weights = {}
    for name, weight in torch.load(work / "final.pt").items():
        weight = weight[numbers] if name == "we.weight" else weight[:384] if name == "pe.weight" else weight
        values = weight.float().numpy()
        small = values.ndim == 1 or name in ("out.weight", "te.weight")
        weights[name] = values if small else onnx_graph.quantised(values)
    write(folder, weights, names, THEMES)


def held_out(work, path):
    """For each labelled text: hash of its letters and digits, fold, and scores in steps of 1/256."""
    texts = json.loads((work / "texts.json").read_text(encoding="utf-8"))

    def bare(text):
        return "".join(c.lower() for c in text if c.isascii() and c.isalnum())

    entries = {}
    for file in sorted(work.glob("scores-*.npy")):
        folds = {int(fold) for fold in file.stem.split("-")[1]}
        for text, row in zip([t for t in texts if t["fold"] in folds], np.load(file), strict=True):
            whole = f"{bare(text['text'])}|{bare(text['previous'])}|{text['section']}"
            key = hashlib.sha256(whole.encode()).digest()[:8]
            values = np.clip(np.round(row * 256), -32000, 32000).astype("<i2")
            entries.setdefault(key, key + bytes([text["fold"]]) + values.tobytes())
    for text in texts:
        # 255: the shipped encoder was fitted to it, and no other has scored it.
        if text["fold"] >= 0:
            whole = f"{bare(text['text'])}|{bare(text['previous'])}|{text['section']}"
            key = hashlib.sha256(whole.encode()).digest()[:8]
            entries.setdefault(key, key + bytes([255]) + bytes(2 * (len(THEMES) + 4)))
    pathlib.Path(path).write_bytes(b"".join(entries[key] for key in sorted(entries)))
    print(len(entries), "held-out texts")


def main(work, encoder_folder, held_out_path, letters=None):
    work = pathlib.Path(work)
    encoder(work, letters, encoder_folder)
    held_out(work, held_out_path)


if __name__ == "__main__":
    main(*sys.argv[1:])
