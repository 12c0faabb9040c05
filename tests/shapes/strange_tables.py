#!/usr/bin/env python3
"""Takes small strange tables through the whole job: one event or five hundred, one user, times that are all the same, kinds of entity that
few events name, hubs of two users, numbers far apart, categories of any text, both methods, all thresholds.

    strange_tables.py RINGFENCE [--first SEED] [--tables N]

A run ends with status 0, or refuses a table that says nothing (all rows alike) with status 2. Its messages fit the schema, and a page and a
graph of its worst users can be written.
"""
import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
VALIDATE = [HERE.parent / "cli" / "validate_actions.py", HERE.parent.parent / "export" / "schema"]
SAYS_NOTHING = "the graph has no features"
TYPES = {
    "amount": "{type: number, log1p: true",
    "flag": "{type: boolean",
    "word": "{type: category, top: 3",
    "stars": "{type: category, top: 5, required: false",
    "many": "{type: number",
}


def value(name, dice):
    if name == "amount":
        return dice.choice([0, -1, 1e9, 0.01, 5, dice.random() * 100])
    if name == "flag":
        return dice.random() < 0.5
    if name == "word":
        return dice.choice(["a", "b", "".join(dice.choice("ab<=>|\u00e9\u202e") for _ in range(3))])
    return dice.choice([1, 2, 3, 4, 5, None]) if name == "stars" else dice.randrange(100)


def moment(how, i, n, dice):
    day = 86400
    return 1767225600 + {"same": 0, "two": dice.randrange(2) * day, "any": dice.randrange(30 * day), "days": dice.randrange(30) * day, "falling": (n - i) * 3600}[how]


def table(seed, folder):
    """Writes N.jsonl and N.yaml; returns the configuration's path."""
    dice = random.Random(seed)
    n, users = dice.choice([1, 2, 3, 5, 10, 30, 100, 500]), dice.choice([1, 2, 5, 50])
    kinds = [f"k{i}" for i in range(dice.randrange(4))]
    times = dice.choice(["none", "same", "two", "any", "days", "falling"])
    attributes = dice.sample(sorted(TYPES), dice.randrange(4))
    records = []
    for i in range(n):
        record = {"user": f"u{dice.randrange(users)}", "shop": dice.choice(["m0", f"m{dice.randrange(5)}", f"m{dice.randrange(200)}"])}
        record.update({kind: dice.choice(["", "x", f"{kind}-{dice.randrange(3)}", f"{kind}-{dice.randrange(300)}"]) for kind in kinds})
        if times != "none":
            record["at"] = moment(times, i, n, dice)
        record.update({name: value(name, dice) for name in attributes})
        records.append({key: found for key, found in record.items() if found not in ("", None)})
    (folder / f"{seed}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    entities = ["  entity: shop"]
    if kinds:
        hubs = ["", ", hub_degree: 2", ", hub_percentile: 0.5"]
        entities = ["  entities:", "    shop: shop"] + [f"    {kind}: {{field: {kind}{dice.choice(hubs)}}}" for kind in kinds]
    of = ", of: [shop, " + ", ".join(kinds) + "]" if kinds and dice.random() < 0.6 else ""
    method = dice.choice(["surprise", "surprise", "graphbean"])
    thresholds = ["percentile: 0.9", "top: 3", "score: 0"] + (["fdr: 0.2"] if method == "surprise" else [])
    lines = [f"source: {{paths: [{folder}/{seed}.jsonl]}}", "fields:", "  user: user", *entities]
    lines += ["  time: {field: at, format: s}"] if times != "none" else []
    lines += ["  attributes:"] + [f"    {name}: {TYPES[name]}{of}}}" for name in attributes] if attributes else []
    lines += [f"graph: {{granularity: {dice.choice(['pair', 'event'])}, window: {dice.choice(['all', '30d', '7d'])}}}",
              "ingest: {absent_keys: warn, max_rejects: 0.9}", f"score: {{method: {method}}}",
              f"emit: {{threshold: {{{dice.choice(thresholds)}}}}}", f"output: {folder}/{seed}"]
    path = folder / f"{seed}.yaml"
    path.write_text("\n".join(lines) + "\n")
    return path


def call(*words):
    return subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)


def problem(ringfence, config, folder, seed):
    done = call(ringfence, "run", "--config", config, "--threads", 1, "--no-progress")
    if done.returncode == 2 and SAYS_NOTHING in done.stderr:
        return None
    if done.returncode != 0 or " nan" in done.stdout.lower():
        return f"run ends with status {done.returncode}: {done.stderr[-400:]}"
    for form in ("html", "graphml"):
        written = call(ringfence, "export", "--config", config, "--format", form, "--select", "top-users=3", "--output", folder / f"{seed}.{form}", "--quiet")
        if written.returncode != 0:
            return f"{form}: {written.stderr}"
    checked = call(sys.executable, *VALIDATE, folder / str(seed) / "actions.jsonl")
    return None if checked.returncode == 0 else checked.stdout + checked.stderr


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("ringfence")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--tables", type=int, default=30)
    args = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="ringfence-strange-") as name:
        folder = pathlib.Path(name)
        for seed in range(args.first, args.first + args.tables):
            config = table(seed, folder)
            found = problem(args.ringfence, config, folder, seed)
            if found is not None:
                failed += 1
                print(f"table {seed}: {found}\n{config.read_text()}")
    print(f"{args.tables} tables, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
