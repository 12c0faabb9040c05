"""nights.py: cold and warm starts of training on consecutive nights (scripts/bench-nights.sh)."""
import datetime
import json
import os
import pathlib
import shutil
import subprocess
import sys

import tables

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BEGIN, END = "<!-- bench-nights -->", "<!-- end of bench-nights -->"
METHODS = ("surprise", "graphbean")
SIDES = {"u": "users", "v": "entities", "e": "edges"}
DATA = pathlib.Path(os.environ["RF_SHARED_DATA"]).resolve()
PAYMENTS = [f"{DATA}/fdh/fdh_2018-{month:02}.csv.gz" for month in (4, 5, 6)]


def days(first, n):
    return [first + datetime.timedelta(days=k) for k in range(n + 1)]


class Case:
    """A folder, the options of every verb, and the nights: the end of each night's window."""

    def __init__(self, name, nights):
        self.name, self.folder = name, ROOT / "build/nights" / name
        self.folder.mkdir(parents=True, exist_ok=True)
        if name.startswith("orders-"):
            self.nights = days(datetime.date(2026, 1, 31), nights)
            self.options = ["--config", "job.yaml", "--set", "graph.window=30d"]
            if not (self.folder / "events.jsonl").exists():
                self.call("simulate", "--events", "100000", "--days", "60", "--seed", name[7:], "--output", "events.jsonl",
                          "--write-config", "job.yaml", "--quiet")
        else:
            self.nights = days(datetime.date(2018, 5, 1), nights)
            if name == "months":
                self.nights = [datetime.date(2018, month, 1) for month in (5, 6, 7)]
            self.options = ["--config", ROOT / "configs/fdh.yaml", "--set", f"source.paths={json.dumps(PAYMENTS)}"]
        self.options += ["--set", "output=.", "--set", "train.epochs=auto", "--threads", os.environ.get("THREADS", "2")]

    def call(self, *words):
        done = subprocess.run([os.environ["RINGFENCE"], *map(str, words)], cwd=self.folder, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(f"bench-nights: {' '.join(map(str, words))}: {done.stderr[-1000:]}")
        return done.stdout

    def graph(self, night):
        name = f"graph-{night}.h5"
        if not (self.folder / name).exists():
            self.call("build", *self.options, "--quiet", "--set", f"graph.file={name}", "--set", f"graph.as_of={night}T00:00:00Z")
        return name

    def trained(self, night, model, start, seed=0):
        """Epochs, the last loss, and that of each epoch."""
        if start == "never":
            (self.folder / model).unlink(missing_ok=True)
        self.call("train", *self.options, "--quiet", "--set", f"graph.file={self.graph(night)}", "--set", f"train.model={model}",
                  "--set", "train.log=epochs.jsonl", "--set", f"train.warm_start={start}", "--set", f"train.seed={seed}")
        log = [json.loads(line) for line in open(self.folder / "epochs.jsonl")]
        return len(log), log[-1]["loss"], [line["loss"] for line in log]

    def precision(self, night, model):
        """Average precision by method and side."""
        found = {}
        for method in METHODS:
            self.call("score", *self.options, "--quiet", "--set", f"graph.file={self.graph(night)}", "--set", f"train.model={model}",
                      "--method", method, "--set", "score.output=scores.h5")
            judged = json.loads(self.call("evaluate", *self.options, "--quiet", "--json", "--set", f"graph.file={self.graph(night)}",
                                          "--scores", "scores.h5"))
            for side in SIDES:
                found[method, side] = judged[side]["average_precision"]
        return found


def measure(case):
    """A dictionary a night but the first: epochs and losses of both starts, precisions of them and of another cold one."""
    results = []
    for at, night in enumerate(case.nights):
        n_cold, loss_cold, _ = case.trained(night, "cold.h5", "never")
        if at == 0:
            shutil.copyfile(case.folder / "cold.h5", case.folder / "warm.h5")
            continue
        case.trained(night, "other.h5", "never", seed=1)
        n_warm, loss_warm, losses = case.trained(night, "warm.h5", "always")
        as_low = next((n for n, loss in enumerate(losses, 1) if loss <= loss_cold), None)
        results.append({"cold": (n_cold, loss_cold), "warm": (n_warm, loss_warm), "as_low": as_low,
                        "by": {name: case.precision(night, f"{name}.h5") for name in ("cold", "warm", "other")}})
        print(f"{case.name} {night}: cold {n_cold} epochs, loss {loss_cold:.4f}; warm {n_warm} epochs, loss {loss_warm:.4f}, as low after "
              f"{as_low or 'more'}; surprise: {differences(results[-1:], 'surprise', 'warm')}, another seed "
              f"{differences(results[-1:], 'surprise', 'other')}", flush=True)
    return results


def mean(values):
    return sum(values) / len(values)


def differences(results, method, start):
    """Average precision less that of the cold start: users/entities/edges, means over nights."""
    return "/".join(f"{mean([r['by'][start][method, side] - r['by']['cold'][method, side] for r in results]):+.3f}" for side in SIDES)


def row(name, results):
    lows = [r["as_low"] for r in results if r["as_low"]]
    return [name, str(len(results)), *[f"{mean([r[start][0] for r in results]):.0f}" for start in ("cold", "warm")],
            *[f"{mean([r[start][1] for r in results]):.3f}" for start in ("cold", "warm")],
            f"{mean(lows):.0f} ({len(lows)} of {len(results)})" if lows else "-",
            *[differences(results, method, start) for method in METHODS for start in ("warm", "other")]]


def main():
    names = sys.argv[1:] or ["orders-1", "orders-2", "payments", "months"]
    rows = [row(name, measure(Case(name, int(os.environ.get("NIGHTS", "8"))))) for name in names]
    head = ["case", "nights", "epochs, cold", "warm", "loss, cold", "warm", "as low as cold after"]
    for method in METHODS:
        head += [f"`{method}`: warm less cold", "another seed less cold"]
    text = tables.table(head, rows)
    print(text)
    if os.environ.get("DOCS") == "1":
        tables.write_into(ROOT / "docs/TRAINING.md", text, BEGIN, END)


if __name__ == "__main__":
    main()
