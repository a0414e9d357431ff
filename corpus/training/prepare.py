"""Labelled texts and their folds, from the labelled data and the reports: prepare.py GOLD_DIR LETTERS_DIR WORK_DIR"""

import hashlib
import json
import pathlib
import re
import sys

import pymupdf

FOLDS = 5
SECTIONS = {"significant_weakness": "wsoa", "strength": "main_findings", "area_for_development": "main_findings"}


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def plain(text):
    return re.sub(r"\s+", " ", text).replace("\u2019", "'")


def report_text(path):
    """The words of a report without page footers."""
    footer = re.compile(r"nspection report:|^\s*\d+\s*$|^\s*\d+ (to|[-\u2013]) \d+ \w+ 20\d\d\s*$")
    pages = []
    for page in pymupdf.open(path):
        pages.append(" ".join(line for line in page.get_text().split("\n") if line.strip() and not footer.search(line)))
    return plain(" ".join(pages))


def formal_items(text, items):
    """Words of the formal items, each from its first words to the next item."""
    headings = [m.start() for m in re.finditer(r"Areas? for (priority action|improvement)", text)]
    end = text.rfind("Local area partnership details")
    end = end if end > 0 else len(text)
    start = max(text.rfind("need to do better"), text.rfind("needs to do better"))
    places = []
    for kind, heading in (("priority_action", "areas for priority"), ("area_for_improvement", "areas for improvement")):
        of_kind = sorted((i for i in items if i["kind"] == kind), key=lambda i: i["ordinal"])
        if not of_kind:
            continue
        own = [h for h in headings if h > start and text[h : h + 30].lower().startswith(heading)]
        own = own or [h for h in headings if h > start] or [start]
        cursor = own[0] if kind == "priority_action" else own[-1]
        if text.find(plain(of_kind[0]["first_words"]), cursor) < 0:
            cursor = own[0]
        for item in of_kind:
            found = text.find(plain(item["first_words"]), cursor)
            if found < 0:
                print("not found:", item["kind"], item["ordinal"], file=sys.stderr)
                continue
            places.append((found, item))
            cursor = found + 10
    places.sort(key=lambda p: p[0])
    for (begin, item), following in zip(places, places[1:] + [(end, None)]):
        words = re.split(r"Areas? for improvement|Responsible body", text[begin : following[0]])[0].strip()
        yield item, words


def main(gold, letters, work):
    gold, letters, work = map(pathlib.Path, (gold, letters, work))
    recommendations = json.loads((gold / "recommendations.json").read_text(encoding="utf-8"))
    by_hash = sorted(sorted(recommendations), key=lambda f: hashlib.sha256(f.encode()).hexdigest())
    fold = {file: i % FOLDS for i, file in enumerate(by_hash)}
    texts = []
    for s in lines(gold / "sentences.jsonl"):
        keep = {k: s[k] for k in ("section", "text", "previous", "polarity", "themes")}
        texts.append(dict(keep, set="sentence", fold=fold[s["file"]]))
    for s in lines(gold / "statements.jsonl"):
        own = int(hashlib.sha256(s["id"].encode()).hexdigest(), 16) % FOLDS
        keep = {k: s[k] for k in ("text", "polarity", "themes")}
        texts.append(dict(keep, set="statement", fold=own, section=SECTIONS[s["kind"]], previous=""))
    for file in sorted(recommendations):
        paths = list(letters.rglob(file))
        for item, words in formal_items(report_text(paths[0]), recommendations[file]["recommendations"]) if paths else ():
            section = "priority_actions" if item["kind"] == "priority_action" else "areas_for_improvement"
            common = dict(set="formal", fold=fold[file], section=section, previous="", polarity="weakness")
            texts.append(dict(common, text=words, themes=item["themes"]))
    written = pathlib.Path(__file__).with_name("written.jsonl")
    extra = [dict({"previous": ""}, set="written", fold=-1, **s) for s in lines(written)]
    work.mkdir(parents=True, exist_ok=True)
    (work / "texts.json").write_text(json.dumps(texts + extra), encoding="utf-8")
    print(len(texts), "labelled and", len(extra), "written texts")


if __name__ == "__main__":
    main(*sys.argv[1:])
