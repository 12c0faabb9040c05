"""bench.py: makes, scores and judges every case, prints the tables, and writes them into the document (scripts/bench-quality.sh).

Each case has a folder: graph.h5, model.h5, one scores file a method, and result.json. A step whose file is there is not repeated,
as long as the folder was made by the same program.
"""
import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time

import h5py
import numpy as np

import cases as data
import judge
import report

BUDGET = 300


METHODS = ("surprise", "graphbean")


class Tools:
    def __init__(self):
        self.program = os.environ["RINGFENCE"]
        self.data = os.path.abspath(os.environ["RF_SHARED_DATA"])
        self.threads = os.environ.get("THREADS", "1")
        self.epochs = os.environ.get("EPOCHS")
        self.midas = os.environ.get("MIDAS")
        self.fraudar = os.environ.get("FRAUDAR") == "1"
        self.keep = os.environ.get("KEEP") == "1"
        with open(self.program, "rb") as program:
            self.stamp = hashlib.sha256(program.read()).hexdigest()[:16]

    def call(self, *arguments):
        subprocess.run([self.program, *arguments, "--log-level", "error", "--no-progress", "--threads", self.threads], check=True, stdout=subprocess.DEVNULL)

    def run(self, case, folder, verb, *arguments):
        """A verb with the case's settings and the folder's files; all it writes goes into the folder."""
        settings = [text.replace("{data}", self.data).replace("{folder}", folder) for text in case.settings]
        epochs = ["--set", f"train.epochs={self.epochs}"] if self.epochs else []
        self.call(verb, *settings, "--set", f"output={folder}", *epochs, *arguments)


def prepare(case, tools, folder):
    """graph.h5, model.h5 and the scores of each method; seconds of the steps that were not there."""
    mark = os.path.join(folder, "program")
    if os.path.exists(mark) and open(mark, encoding="utf-8").read() != tools.stamp:
        keep = ("graph.h5", "baselines.json", "model.h5", "events.csv", "job.yaml") if tools.keep else ()
        for name in os.listdir(folder):
            if name not in keep:
                os.remove(os.path.join(folder, name))
    os.makedirs(folder, exist_ok=True)
    with open(mark, "w", encoding="utf-8") as out:
        out.write(tools.stamp)

    seconds = {}
    steps = [("build", "graph.h5", lambda: case.make(case, tools, folder)),
             ("train", "model.h5", lambda: tools.run(case, folder, "train"))]
    for method in METHODS:
        steps.append((method, f"{method}.h5", lambda method=method: tools.run(
            case, folder, "score", "--output", os.path.join(folder, f"{method}.h5"), "--method", method)))
    for name, file, work in steps:
        if os.path.exists(os.path.join(folder, file)):
            continue
        began = time.monotonic()
        work()
        seconds[name] = round(time.monotonic() - began, 2)
    return seconds


def rankings(case, tools, folder, graph):
    """Ranking -> side -> values, of what the program makes."""
    scores = {}
    for method in METHODS:
        for name, values in judge.stored_scores(os.path.join(folder, f"{method}.h5")).items():
            if name == "score":
                scores[method] = values
            elif method == "surprise":
                scores[name] = values
    if tools.fraudar:
        scores["dense blocks"] = judge.dense_blocks(clustered(case, tools, folder), graph)
    if tools.midas and graph.time is not None and np.ptp(graph.time) > 0:
        scores["MIDAS"] = judge.midas(tools.midas, graph, folder)
    return scores


def measured(case, graph, scores):
    found = {name: judge.measure(graph, values) for name, values in scores.items()}
    for name, values in scores.items():
        if case.kind.startswith("single") and "e" in values:
            found[name].update(judge.measure_payments(graph, values["e"]))
    return found


def baselines(case, folder, graph):
    """What needs the graph alone, kept beside it: the best columns with their names, isolation forest, ECOD."""
    path = os.path.join(folder, "baselines.json")
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    column, names = judge.best_column(graph)
    scores = {"best column": column, "isolation forest": judge.isolation_forest(graph), "ECOD": judge.ecod(graph)}
    found = {"methods": measured(case, graph, scores), "columns": names}
    if case.kind.startswith("single"):
        found["methods"]["best column"].update(judge.best_payment_column(graph))
    save(path, found)
    return found


def save(path, found):
    with open(path + ".part", "w", encoding="utf-8") as file:
        json.dump(found, file, indent=1)
    os.rename(path + ".part", path)


def clustered(case, tools, folder):
    """A tagged and clustered copy of the first method's scores."""
    path = os.path.join(folder, "tagged.h5")
    if not os.path.exists(path):
        part = path + ".part"
        shutil.copyfile(os.path.join(folder, f"{METHODS[0]}.h5"), part)
        files = ["--graph", os.path.join(folder, "graph.h5"), "--scores", part]
        tools.run(case, folder, "tag", *files)
        tools.run(case, folder, "cluster", *files, "--registry", os.path.join(folder, "clusters.h5"))
        os.rename(part, path)
    return path


def surely_tagged(scores, confidence=0.9):
    """Users with a tag of a known type and at least this confidence."""
    with h5py.File(scores) as file:
        ptr, values = file["u/tag_ptr"][:], file["u/tag_confidence"][:]  # of an unknown pattern: NaN
    sure = np.concatenate(([0], np.cumsum(values >= confidence)))
    return np.nonzero(sure[ptr[1:]] > sure[ptr[:-1]])[0]


def alerts(case, tools, folder, graph):
    """What a run's messages name: how many are right (they name somebody labelled), and how many of the labelled users they reach:
    alone, as an edge's user, or as a cluster's named member; type -> [its users, those reached]."""
    actions = os.path.join(folder, "actions.jsonl")
    limit = ["--set", f"emit.budget={BUDGET}"] if case.kind == "orders" else []
    tools.run(case, folder, "emit", "--set", "emit.repeat=all", "--graph", os.path.join(folder, "graph.h5"), "--scores", clustered(case, tools, folder),
              "--path", actions, *limit)
    labelled = graph.labelled
    reached, sent, right = set(), 0, 0
    with open(actions, encoding="utf-8") as lines:
        for action in map(json.loads, lines):
            if action["kind"] not in ("user", "entity", "edge", "cluster"):
                continue
            named = {"u": set(action.get("cluster", {}).get("user_ids", ())) if action["kind"] == "cluster" else {action["user"]},
                     action.get("entity_kind"): {action["entity"]}}
            reached |= named["u"]
            sent += 1
            right += any(ids & labelled.get(what, set()) for what, ids in named.items())
    found = {"alerts": sent, "right": right, "labelled": len(labelled["u"]), "reached": len(reached & labelled["u"])}
    sure = {graph.id["u"][row] for row in surely_tagged(clustered(case, tools, folder))}
    found["sure"] = [len(sure), len(sure & reached)]
    found["types"] = {}
    for number, name in enumerate(graph.types):
        rows = np.nonzero((graph.type["u"] == number) & graph.y["u"])[0]
        if name and len(rows) > 0:
            found["types"][name] = [len(rows), sum(graph.id["u"][row] in reached for row in rows)]
    return found


def judged(case, tools, folder):
    result = os.path.join(folder, "result.json")
    seconds = prepare(case, tools, folder)
    if os.path.exists(result):
        with open(result, encoding="utf-8") as file:
            return json.load(file)
    graph = judge.Graph(os.path.join(folder, "graph.h5"))
    found = baselines(case, folder, graph)
    found["methods"].update(measured(case, graph, rankings(case, tools, folder, graph)))
    found["seconds"] = seconds
    found["positives"] = {side: [int(y.sum()), len(y)] for side, y in graph.y.items()}
    found["alerts"] = alerts(case, tools, folder, graph)
    save(result, found)
    return found


def main():
    parser = argparse.ArgumentParser(prog="bench-quality.sh")
    parser.add_argument("--work", required=True)
    parser.add_argument("--document", required=True)
    parser.add_argument("--list", action="store_true", help="prints the names of the cases")
    parser.add_argument("cases", nargs="*")
    options = parser.parse_args()
    known = data.all_cases()
    if options.list:
        print("\n".join(case.name for case in known))
        return 0
    unknown = set(options.cases) - {case.name for case in known}
    if unknown:
        print(f"bench-quality: no case is called {', '.join(sorted(unknown))}; --list names them", file=sys.stderr)
        return 2
    chosen = [case for case in known if case.name in options.cases or not options.cases]
    if os.environ.get("QUICK") == "1":
        chosen = data.one_of_each_kind(chosen)

    tools = Tools()
    results = {}
    for case in chosen:
        began = time.monotonic()
        results[case.name] = judged(case, tools, os.path.join(os.path.abspath(options.work), case.name))
        print(f"{case.name} {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    text = report.all_tables(chosen, results, BUDGET)
    print(text)
    if os.environ.get("DOCS") != "0" and not options.cases and os.environ.get("QUICK") != "1":
        report.write_into(options.document, text, report.BEGIN, report.END)
    return 0


if __name__ == "__main__":
    sys.exit(main())
