#!/usr/bin/env python3
"""Counts what emit.threshold.fdr flags in tables where nothing is to be found: who meets whom, when, for how much and how are drawn
independently of each other, with popular and busy ones or without. Prints a line a kind of table.

    scripts/bench-fdr-tables.py [RINGFENCE] [--tables N] [--first SEED] [--fdr Q]
"""
import argparse
import pathlib
import random
import subprocess
import tempfile

KINDS = {"pairs alone": "", "times": "t", "times and channels": "tc", "amounts": "a", "times and amounts": "ta", "times, amounts and channels": "tac"}


def write_table(path, what, seed):
    """A CSV file, and the lines of its configuration's `fields`."""
    dice = random.Random(f"{what} {seed}")
    users, shops = dice.choice([300, 600, 1000, 2000]), dice.choice([40, 80, 200])
    events = users * dice.choice([4, 10])
    falling = dice.choice([0, 0.7])
    popular = [1 / (i + 1) ** falling for i in range(shops)]
    with open(path, "w", encoding="utf-8") as file:
        print("user,shop,at,amount,channel", file=file)
        for user, shop in zip(dice.choices(range(users), k=events), dice.choices(range(shops), popular, k=events)):
            at = f"2026-01-{dice.randrange(1, 29):02}T{dice.randrange(24):02}:{dice.randrange(60):02}:00Z"
            print(f"u{user},m{shop},{at},{dice.lognormvariate(3, 1):.2f},{dice.choices(['web', 'app', 'pos'], [5, 4, 1])[0]}", file=file)
    fields = ["user: user", "entity: shop"] + (["time: at"] if "t" in what else [])
    attributes = ["amount: {type: number, log1p: true}"] * ("a" in what) + ["channel: {type: category, top: 3}"] * ("c" in what)
    return ", ".join(fields + ([f"attributes: {{{', '.join(attributes)}}}"] if attributes else []))


def flagged(ringfence, folder, what, seed, fdr):
    """Users, entities and edges with at most this rate."""
    fields = write_table(folder / "events.csv", what, seed)
    config = folder / "job.yaml"
    config.write_text(f"{{source: {{paths: [{folder}/events.csv]}}, fields: {{{fields}}}, output: {folder}/out, threads: 1,"
                      f" emit: {{threshold: {{fdr: {fdr}}}, tag_confidence: 2, clusters: false, budget: 0}}}}\n")
    for verb in ("build", "train", "score", "emit"):
        subprocess.run([ringfence, verb, "--config", config, "--quiet"], check=True, stdout=subprocess.DEVNULL)
    text = (folder / "out" / "actions.jsonl").read_text()
    for file in (folder / "out").iterdir():
        file.unlink()
    return [text.count(f'"kind":"{kind}"') for kind in ("user", "entity", "edge")]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("ringfence", nargs="?", default="build/release/cli/ringfence")
    parser.add_argument("--tables", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--fdr", type=float, default=0.2)
    args = parser.parse_args()
    print("tables with                    number  with alerts  users  entities  edges   (flagged a table, means)")
    with tempfile.TemporaryDirectory(prefix="ringfence-tables-") as name:
        for words, what in KINDS.items():
            found = [flagged(args.ringfence, pathlib.Path(name), what, seed, args.fdr) for seed in range(args.first, args.first + args.tables)]
            means = [sum(column) / args.tables for column in zip(*found)]
            print(f"{words:30} {args.tables:6}  {sum(any(row) for row in found):11}  {means[0]:5.1f}  {means[1]:8.1f}  {means[2]:5.1f}", flush=True)


if __name__ == "__main__":
    main()
