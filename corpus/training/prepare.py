"""Labelled texts with their folds: prepare.py TEXTS.jsonl WORK_DIR

TEXTS.jsonl: what `sendlens evaluate GOLD_DIR --texts-to TEXTS.jsonl` wrote, so that the encoder is trained on the very
words that the program reads. Texts of one document share a fold.
"""

import hashlib
import json
import pathlib
import sys

FOLDS = 5


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def digest(name):
    return hashlib.sha256(name.encode()).hexdigest()


def main(labelled, work):
    texts = lines(pathlib.Path(labelled))
    documents = sorted({text["document"] for text in texts if text["document"]}, key=digest)
    fold = {document: i % FOLDS for i, document in enumerate(documents)}
    for text in texts:
        own = text["document"]
        text["fold"] = fold[own] if own else int(digest(text["id"]), 16) % FOLDS
    written = lines(pathlib.Path(__file__).with_name("written.jsonl"))
    texts += [dict({"previous": ""}, set="written", fold=-1, **text) for text in written]
    work = pathlib.Path(work)
    work.mkdir(parents=True, exist_ok=True)
    (work / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    print(len(texts) - len(written), "labelled and", len(written), "written texts")


if __name__ == "__main__":
    main(*sys.argv[1:])
