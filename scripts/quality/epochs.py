"""epochs.py: average precision after a fixed number of epochs and after `auto`, for both methods (scripts/bench-epochs.sh).

Labels serve only to make the tables. Each graph is made once and trained anew for each number.
"""
import argparse
import os
import shutil
import sys

import h5py

import bench
import cases as data
import judge
import report

FIXED = ("20", "50", "100", "200")
BEGIN, END = "<!-- bench-epochs -->", "<!-- end of bench-epochs -->"


def graphs():
    """Row of the tables -> its cases. All are files that constants were tuned on."""
    known = {case.name: case for case in data.all_cases()}
    rows = {f"simulated, {events:,} orders": [data.Case(f"orders{events}-{seed}", "orders", True, data.orders(seed, events), data.JOB)
                                              for seed in (1, 2, 3)] for events in (1000, 5000, 20000)}
    for title, names in (("simulated, 200,000 orders", ["orders-1"]), ("rings from events", ["rings-0", "rings-1"]),
                         ("injected anomalies", ["injected-0", "injected-1"]), ("card payments, pairs", ["pairs-4"]),
                         ("card payments, hand-made columns", ["handmade-4"])):
        rows[title] = [known[name] for name in names]
    return rows


def trained(case, tools, work, epochs):
    """Method -> side -> average precision; epochs done; edges."""
    folder = os.path.join(work, f"epochs-{case.name}-{epochs}")
    first = os.path.join(work, f"epochs-{case.name}-{FIXED[0]}", "graph.h5")
    if epochs != FIXED[0] and not os.path.exists(os.path.join(folder, "graph.h5")):
        os.makedirs(folder, exist_ok=True)
        for name in os.listdir(os.path.dirname(first)):
            if name in ("graph.h5", "job.yaml", "program"):
                shutil.copyfile(os.path.join(os.path.dirname(first), name), os.path.join(folder, name))
    tools.epochs = epochs
    bench.prepare(case, tools, folder)
    graph = judge.Graph(os.path.join(folder, "graph.h5"))
    found = {method: judge.measure(graph, judge.stored_scores(os.path.join(folder, f"{method}.h5"))["score"]) for method in bench.METHODS}
    with h5py.File(os.path.join(folder, "model.h5")) as model:
        return found, int(model["optimizer"].attrs["epoch"]), len(graph.u)


def row(title, runs, method):
    cells = [f"{title} ({len(runs)})", f"{sum(by['auto'][2] for by in runs) // len(runs):,}"]
    for epochs in FIXED + ("auto",):
        means = [report.mean_of(by[epochs][0][method].get(side, [None])[0] for by in runs) for side in "uve"]
        cells.append("/".join("-" if mean is None else f"{mean:.3f}" for mean in means))
    return cells + [", ".join(str(by["auto"][1]) for by in runs)]


def main():
    parser = argparse.ArgumentParser(prog="bench-epochs.sh")
    parser.add_argument("--work", required=True)
    parser.add_argument("--document", required=True)
    options = parser.parse_args()
    tools, tables = bench.Tools(), {method: [] for method in bench.METHODS}
    for title, chosen in graphs().items():
        runs = [{epochs: trained(case, tools, os.path.abspath(options.work), epochs) for epochs in FIXED + ("auto",)} for case in chosen]
        for method, rows in tables.items():
            rows.append(row(title, runs, method))
            print(method, " | ".join(rows[-1]), flush=True)
    if os.environ.get("DOCS") != "0":
        head = ["edges", *[f"{epochs} epochs" if epochs == FIXED[0] else epochs for epochs in FIXED], "auto", "epochs of auto"]
        text = "\n\n".join(report.table([f"`{method}`", *head], rows) for method, rows in tables.items())
        report.write_into(options.document, text, BEGIN, END)
    return 0


if __name__ == "__main__":
    sys.exit(main())
