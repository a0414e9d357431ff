"""Fine-tunes the encoder: train.py WORK_DIR JOB...

A job is `final` (all texts) or the folds to be held out together, such as `0` or `12`. The base model lies in
WORK_DIR/base (model.safetensors and tokenizer.json of all-MiniLM-L6-v2).
"""

import json
import math
import pathlib
import random
import sys

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import nn

CODEBOOK = pathlib.Path(__file__).parents[1] / "codebook.toml"
THEMES = [line.split('"')[1] for line in CODEBOOK.read_text(encoding="utf-8").splitlines() if line.startswith("id = ")]
POLARITIES = ["strength", "weakness", "mixed", "neutral"]
SECTIONS = (
    "main_findings identification meeting_needs improving_outcomes experience effective needs_to_improve "
    "priority_actions areas_for_improvement wsoa progress context"
).split()
START, END, NO_SECTION = 101, 102, 20
LETTER_SECTIONS = (1, 2, 3, 4)
BATCH, RATE, HEAD_RATE, DROPOUT = 32, 3e-4, 1e-3, 0.1
# What we wrote comes first; the last epochs see only the labelled texts, whose readers are to be followed.
EPOCHS, WITH_WRITTEN = 8, 3


class Layer(nn.Module):
    def __init__(self, width, inner, heads):
        super().__init__()
        self.heads = heads
        self.qkv, self.o = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.n1, self.n2 = nn.LayerNorm(width, eps=1e-12), nn.LayerNorm(width, eps=1e-12)
        self.i, self.d = nn.Linear(width, inner), nn.Linear(inner, width)
        self.dr = nn.Dropout(DROPOUT)

    def forward(self, x, mask):
        rows, length, width = x.shape
        size = width // self.heads
        q, k, v = self.qkv(x).view(rows, length, 3, self.heads, size).permute(2, 0, 3, 1, 4)
        scores = (q @ k.transpose(-1, -2)).float() * size**-0.5
        weights = torch.softmax(scores.masked_fill(~mask, -1e4), -1).to(v.dtype)
        x = self.n1(x + self.dr(self.o((weights @ v).transpose(1, 2).reshape(rows, length, width))))
        return self.n2(x + self.dr(self.d(F.gelu(self.i(x)))))


class Encoder(nn.Module):
    def __init__(self, path, heads=12):
        super().__init__()
        w = {name.replace("bert.", ""): tensor for name, tensor in load_file(path).items()}
        words = w["embeddings.word_embeddings.weight"]
        width, inner = words.shape[1], w["encoder.layer.0.intermediate.dense.bias"].shape[0]
        self.we, self.pe, self.te = nn.Embedding(*words.shape), nn.Embedding(512, width), nn.Embedding(2, width)
        self.ln, self.dr = nn.LayerNorm(width, eps=1e-12), nn.Dropout(DROPOUT)
        self.we.weight.data = words.clone()
        self.pe.weight.data = w["embeddings.position_embeddings.weight"].clone()
        self.te.weight.data = w["embeddings.token_type_embeddings.weight"].clone()
        self.ln.weight.data, self.ln.bias.data = w["embeddings.LayerNorm.weight"], w["embeddings.LayerNorm.bias"]
        self.bl = nn.ModuleList()
        for i in range(1 + max(int(n.split(".")[2]) for n in w if n.startswith("encoder.layer"))):
            layer, at = Layer(width, inner, heads), f"encoder.layer.{i}."
            for part in ("weight", "bias"):
                own = [w[f"{at}attention.self.{x}.{part}"] for x in ("query", "key", "value")]
                getattr(layer.qkv, part).data = torch.cat(own)
            for module, name in (
                (layer.o, "attention.output.dense"),
                (layer.n1, "attention.output.LayerNorm"),
                (layer.i, "intermediate.dense"),
                (layer.d, "output.dense"),
                (layer.n2, "output.LayerNorm"),
            ):
                module.weight.data, module.bias.data = w[f"{at}{name}.weight"], w[f"{at}{name}.bias"]
            self.bl.append(layer)
        self.hd, self.out = nn.Dropout(DROPOUT), nn.Linear(2 * width, len(THEMES) + 4)
        nn.init.normal_(self.out.weight, std=0.02)
        nn.init.zeros_(self.out.bias)
        self.out.bias.data[: len(THEMES)] = -3.0
        self.we.weight.requires_grad_(False)

    def forward(self, ids, segments, mask):
        x = self.dr(self.ln(self.we(ids) + self.pe(torch.arange(ids.shape[1]))[None] + self.te(segments)))
        for layer in self.bl:
            x = layer(x, mask[:, None, None, :])
        own = (mask & (segments == 0)).unsqueeze(-1).to(x.dtype)
        mean = (x * own).sum(1) / own.sum(1)
        return self.out(self.hd(torch.cat([x[:, 0], mean], 1))).float()


def prepare(texts, tokenizer):
    for text in texts:
        own = tokenizer.encode(text["text"], add_special_tokens=False).ids[:256]
        before = tokenizer.encode(text["previous"], add_special_tokens=False).ids[-96:] if text["previous"] else []
        text["ids"] = (own, before, 1 + SECTIONS.index(text["section"]))


def length(text):
    return len(text["ids"][0]) + len(text["ids"][1])


def batch(texts, rng=None):
    """Numbers of the pieces, their segments and the mask; with a generator, context is withheld now and then."""
    rows = []
    for text in texts:
        own, before, section = text["ids"]
        if rng:
            section = rng.choice(LETTER_SECTIONS) if section == 1 else section
            section = NO_SECTION if rng.random() < 0.25 else section
            before = [] if before and rng.random() < 0.1 else before
        rows.append(([START, section, *own, END], [*before, END] if before else []))
    longest = max(len(a) + len(b) for a, b in rows)
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    segments, mask = ids.clone(), torch.zeros(len(rows), longest, dtype=torch.bool)
    for i, (a, b) in enumerate(rows):
        ids[i, : len(a) + len(b)] = torch.tensor(a + b)
        segments[i, len(a) : len(a) + len(b)] = 1
        mask[i, : len(a) + len(b)] = True
    return ids, segments, mask


def fit(texts, base, seed):
    torch.manual_seed(seed)
    rng, model = random.Random(seed), Encoder(base / "model.safetensors")
    named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    groups = [
        {"params": [p for n, p in named if n.startswith("out")], "lr": HEAD_RATE},
        {"params": [p for n, p in named if not n.startswith("out") and p.dim() > 1], "lr": RATE, "weight_decay": 0.01},
        {"params": [p for n, p in named if not n.startswith("out") and p.dim() < 2], "lr": RATE, "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, fused=True)
    rates = [g["lr"] for g in optimiser.param_groups]
    model.train()
    labelled = [i for i, text in enumerate(texts) if text["set"] != "written"]
    epochs = [list(range(len(texts)))] * WITH_WRITTEN + [labelled] * (EPOCHS - WITH_WRITTEN)
    steps, step = sum(math.ceil(len(epoch) / BATCH) for epoch in epochs), 0
    for epoch in epochs:
        order, chunks = list(epoch), []
        rng.shuffle(order)
        for i in range(0, len(order), BATCH * 16):
            # Texts of like length together, so that little is padding.
            part = sorted(order[i : i + BATCH * 16], key=lambda j: length(texts[j]))
            chunks += [part[k : k + BATCH] for k in range(0, len(part), BATCH)]
        rng.shuffle(chunks)
        for chunk in chunks:
            warm = (step + 1) / (0.1 * steps) * (steps - step) / steps
            factor = warm if step < 0.1 * steps else (steps - step) / (0.9 * steps)
            for group, rate in zip(optimiser.param_groups, rates):
                group["lr"] = rate * factor
            rows = [texts[j] for j in chunk]
            themes = torch.tensor([[float(t in r["themes"]) for t in THEMES] for r in rows])
            polarity = torch.tensor([POLARITIES.index(r["polarity"]) for r in rows])
            with torch.autocast("cpu", torch.bfloat16):
                out = model(*batch(rows, rng))
            loss = F.binary_cross_entropy_with_logits(out[:, : len(THEMES)], themes * 0.98 + 0.005, reduction="none")
            judged = F.cross_entropy(out[:, len(THEMES) :], polarity, reduction="none", label_smoothing=0.05)
            optimiser.zero_grad()
            (loss.sum(1) + 0.5 * judged).mean().backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            step += 1
    return model


def score(model, texts):
    model.eval()
    order = sorted(range(len(texts)), key=lambda i: length(texts[i]))
    scores = np.zeros((len(texts), len(THEMES) + 4), np.float32)
    with torch.no_grad():
        for i in range(0, len(order), 64):
            chunk = order[i : i + 64]
            scores[chunk] = model(*batch([texts[j] for j in chunk])).numpy()
    return scores


def main(work, *jobs):
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    work = pathlib.Path(work)
    texts = json.loads((work / "texts.json").read_text(encoding="utf-8"))
    tokenizer = Tokenizer.from_file(str(work / "base" / "tokenizer.json"))
    # The file of the base model fills every text up to 128 pieces, and cuts it there.
    tokenizer.no_padding()
    tokenizer.no_truncation()
    prepare(texts, tokenizer)
    for job in jobs:
        held = [] if job == "final" else [int(fold) for fold in job]
        seed = held[0] + 1 if held else 7
        model = fit([t for t in texts if t["fold"] not in held], work / "base", seed)
        torch.save(model.state_dict(), work / f"{job}.pt")
        if held:
            np.save(work / f"scores-{job}.npy", score(model, [t for t in texts if t["fold"] in held]))
        print(job, "done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
