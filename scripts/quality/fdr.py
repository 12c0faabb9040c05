"""fdr.py: how far the false discovery rate that was asked for is the one that comes out (scripts/bench-fdr.sh).

Simulated nights with frauds and look-alikes, with look-alikes only, and with neither; and held-back files of the development data.
"""
import argparse
import json
import os

import h5py
import numpy as np

import bench
import cases as data
import report

ASKED = (0.1, 0.2, 0.3)
NIGHTS = {"frauds and look-alikes": [], "look-alikes only": ["--fraud-share", "0", "--look-alike-share", "0.01"], "neither": ["--fraud-share", "0"]}
HELD_BACK = ("injected-3", "injected-4", "rings-3", "rings-4", "pairs-6", "single-6")
BEGIN, END = "<!-- bench-fdr -->", "<!-- end of bench-fdr -->"


def night(events, seed, options):
    return data.Case(f"night-{events}-{seed}-{len(options)}", "orders", False, data.orders(seed, events, options), data.JOB)


def found(folder):
    """Asked rate -> side -> (flagged, false ones among them)."""
    counts = {}
    with h5py.File(os.path.join(folder, "graph.h5")) as graph, h5py.File(os.path.join(folder, "surprise.h5")) as scores:
        places = {"u": ["u"]} | {side: [side] + [f"kinds/{kind}/{side}" for kind in scores.get("kinds", ())] for side in "ve"}
        for asked in ASKED:
            for side in "uve":
                counts[asked, side] = np.sum([count_flagged(graph, scores, place, asked) for place in places[side]], axis=0)
    return counts


def count_flagged(graph, scores, place, asked):
    """All, and the false ones."""
    flagged = scores[f"{place}/fdr"][()] <= np.float32(asked)
    labelled = graph[f"{place}/y"][()] > 0 if f"{place}/y" in graph else np.zeros(len(flagged), bool)
    return int(flagged.sum()), int((flagged & ~labelled).sum())


def messages(case, tools, folder):
    """Of a run with fdr 0.2 and the other settings as shipped."""
    path = os.path.join(folder, "fdr.jsonl")
    tools.run(case, folder, "emit", "--graph", os.path.join(folder, "graph.h5"), "--scores", bench.clustered(case, tools, folder),
              "--path", path, "--threshold-fdr", "0.2", "--set", "emit.repeat=all", "--set", f"emit.alerts={folder}/fdr-alerts.h5")
    with open(path, encoding="utf-8") as lines:
        return sum(json.loads(line)["kind"] in ("user", "entity", "edge", "cluster") for line in lines)


def judged(case, tools, work):
    folder = os.path.join(work, case.name)
    bench.prepare(case, tools, folder)
    return found(folder), messages(case, tools, folder)


def share(pairs):
    flagged, false = np.sum(pairs, axis=0)
    return f"{false / flagged:.2f}" if flagged > 0 else "-"


def row(name, nights, labelled=True):
    counts = [counts for counts, _ in nights]
    cells = [name, str(len(nights))]
    for asked in ASKED:
        all_sides = [np.sum([one[asked, side] for side in "uve"], axis=0) for one in counts]
        cells.append(f"{np.mean([flagged for flagged, _ in all_sides]):.1f}")
        cells.append(share(all_sides) if labelled else "-")
    cells.append(" / ".join(share([one[0.2, side] for one in counts]) for side in "uve") if labelled else "-")
    cells.append(f"{np.mean([sent for _, sent in nights]):.1f}")
    return cells


def main():
    parser = argparse.ArgumentParser(prog="bench-fdr.sh")
    parser.add_argument("--work", required=True)
    parser.add_argument("--document", required=True)
    options = parser.parse_args()
    first, last = (int(text) for text in os.environ.get("SEEDS", "41-50").split("-"))
    tools = bench.Tools()
    head = ["nights", "number"] + [text for asked in ASKED for text in (f"flagged at {asked}", "false")]
    head += ["false at 0.2: users / entities / edges", "messages at 0.2"]
    rows = []
    for events in (int(text) for text in os.environ.get("EVENTS", "50000 200000").split()):
        for name, flags in NIGHTS.items():
            nights = [judged(night(events, seed, flags), tools, options.work) for seed in range(first, last + 1)]
            rows.append(row(f"{events:,} simulated orders, {name}", nights, labelled=not flags))
            print(" | ".join(rows[-1]), flush=True)
    for case in data.all_cases():
        if case.name in HELD_BACK and os.environ.get("HELD_BACK") != "0":
            rows.append(row(case.name, [judged(case, tools, options.work)]))
            print(" | ".join(rows[-1]), flush=True)
    if os.environ.get("DOCS") == "0":
        return
    report.write_into(options.document, report.table(head, rows), BEGIN, END)


if __name__ == "__main__":
    main()
