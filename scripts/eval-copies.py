#!/usr/bin/env python3
"""Builds graphs of events with texts, of which 500 are copies of one with a few words swapped, and counts how many copies are one
entity and which share of pairs of other texts is. A swap is another word, or two words at each other's place.

    scripts/eval-copies.py [--texts N] [WORDS:SWAPS:NORMALISE:NEAR]…

Default: "30:1:minhash 64:8" "60:2:minhash 64:8" "120:4:minhash 64:8", among 100,000 texts whose words follow Zipf's law. Exit status 1 if any copy stays apart, or more than one pair of other texts in 10,000 is joined; 77 without h5py.
RINGFENCE names the program (build/release/cli/ringfence).
"""
import argparse
import collections
import itertools
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

try:
    import h5py
except ImportError:
    print("SKIP: eval-copies reads graph.h5 with Python's h5py, which is not installed", file=sys.stderr)
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parent.parent
RINGFENCE = os.environ.get("RINGFENCE", ROOT / "build/release/cli/ringfence")
COPIES = 500
CASES = ["30:1:minhash 64:8", "60:2:minhash 64:8", "120:4:minhash 64:8"]


class Words:
    def __init__(self, seed, known=20000):
        self.dice = random.Random(seed)
        self.known = [f"{chr(97 + i % 26)}{i:x}" for i in range(known)]
        self.weights = list(itertools.accumulate(1 / (rank + 20) for rank in range(known)))

    def draw(self, n):
        return self.dice.choices(self.known, cum_weights=self.weights, k=n)

    def swapped(self, text, swaps):
        text = list(text)
        for _ in range(swaps):
            i, k = self.dice.randrange(len(text)), self.dice.randrange(len(text))
            if self.dice.random() < 0.5:
                text[i], text[k] = text[k], text[i]
            else:
                text[i], = self.draw(1)
        return text


def build(folder, texts, normalise, near):
    with open(folder / "events.jsonl", "w", encoding="utf-8") as events:
        for i, text in enumerate(texts):
            events.write(json.dumps({"user": f"u{i}", "shop": f"s{i % 500}", "about": " ".join(text), "time": 1700000000 + i}) + "\n")
    (folder / "job.yaml").write_text(f"""source: {{type: files, paths: [{folder}/events.jsonl]}}
output: {folder}
fields:
  user: user
  time: {{field: time, format: s}}
  entities: {{shop: shop, bio: {{field: about, normalise: [{normalise}], near: {near}}}}}
""", encoding="utf-8")
    subprocess.run([RINGFENCE, "build", "--config", folder / "job.yaml", "--quiet"], check=True)


def entity_of_each(path):
    """Of each text: its user's only entity."""
    with h5py.File(path) as graph:
        users, bio = graph["u/id"][:], graph["kinds/bio"]
        return {int(users[u][1:]): int(v) for u, v in zip(bio["e/u"][:], bio["e/v"][:])}


def judge(case, n_texts):
    words, swaps, normalise, near = case.split(":")
    draw = Words(case)
    spam = draw.draw(int(words))
    texts = [draw.draw(max(1, int(words) + draw.dice.randint(-3, 7))) for _ in range(n_texts)]
    copies = [draw.swapped(spam, int(swaps)) for _ in range(COPIES)]
    with tempfile.TemporaryDirectory() as folder:
        build(pathlib.Path(folder), texts + copies, normalise, near)
        entity = entity_of_each(pathlib.Path(folder) / "graph.h5")
    found = collections.Counter(entity[i] for i in range(n_texts, n_texts + COPIES)).most_common(1)[0][1]
    others = collections.Counter(entity[i] for i in range(n_texts))
    joined = sum(n * (n - 1) // 2 for n in others.values()) / (n_texts * (n_texts - 1) / 2)
    print(f"{words:>5} words, {swaps} swapped, {normalise}, near {near}: {found} of {COPIES} copies are one entity; of other pairs {joined:.0e} are joined",
          flush=True)
    return found == COPIES and joined <= 1e-4


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--texts", type=int, default=100000)
    parser.add_argument("cases", nargs="*", default=CASES, metavar="WORDS:SWAPS:NORMALISE:NEAR")
    options = parser.parse_args()
    sys.exit(0 if all([judge(case, options.texts) for case in options.cases]) else 1)


main()
