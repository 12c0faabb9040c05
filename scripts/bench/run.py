"""run.py: runs the benchmark programs in rounds and joins their JSON lines (scripts/bench.sh)."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import compare
import tables

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SHAPES = ["wiki", "fdh", "million", "foods"]
KINDS = {"million": [1, 3]}  # numbers of kinds of entity, where none are asked for
GROWTH = ["grow-1", "grow-3", "grow-10", "grow-30"]
SCORED = "grow-10"  # of these
KEY = ("case", "shape", "kinds", "precision", "hidden_edges", "method", "part")
# glibc keeps what PyTorch frees: that saves a third of its epochs, and costs memory
PEER_QUICK = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "100000000000", "MALLOC_TOP_PAD_": "268435456"}
BUSY = 0.3  # processes that wait for each processor, above which the clock says little


def fail(words):
    sys.exit(f"bench: {words}")


def lines_of(command, **more):
    """The JSON lines that a program prints."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, **more)
    if done.returncode != 0:
        fail(f"{' '.join(map(str, command))} ended with status {done.returncode}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def cost_of(command):
    """Seconds by the clock and of processor time, and peak resident bytes, of a program."""
    began = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    if status != 0:
        fail(f"{' '.join(map(str, command))} ended with status {status}")
    return {"seconds": time.perf_counter() - began, "cpu_seconds": used.ru_utime + used.ru_stime,
            "peak_bytes": used.ru_maxrss * 1024}


class Bench:
    def __init__(self, options):
        self.o = options
        self.programs = pathlib.Path(os.environ["BENCH"])
        self.folder = ROOT / "build/bench"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.peer_peak = {}

    def graph(self, shape):
        """The shape's graph as a file; made once."""
        path = self.folder / f"shape-{shape}.h5"
        if not path.exists():
            subprocess.run([self.programs / "bench_epoch", "--write", path, shape], check=True)
        return path

    def epochs(self, shape, kinds, *options):
        words = [*options, "--threads", str(self.o.threads), "--epochs", str(self.o.epochs), "--kinds", str(kinds), shape]
        return lines_of([self.programs / "bench_epoch", *words])

    def trained(self, graph, epochs, *options):
        """The cost of a whole training, from graph.h5 to model.h5."""
        model = self.folder / "trained.h5"
        model.unlink(missing_ok=True)
        cost = cost_of([os.environ["RINGFENCE"], "train", "--graph", graph, "--model", model, "--epochs", str(epochs),
                        "--threads", str(self.o.threads), "--quiet", "--no-progress", *options])
        model.unlink()
        return cost

    def train(self, shape):
        return [{"case": "train", "shape": shape, "kinds": 1, "precision": precision, "hidden_edges": hidden,
                 "peak_bytes": self.trained(self.graph(shape), 2, "--precision", precision, "--set",
                                            f"train.hidden_edges={hidden}")["peak_bytes"]}
                for precision, hidden in (("float32", "auto"), ("bf16", "auto"), ("float32", "remade"))]

    def month(self):
        data = pathlib.Path(os.environ.get("RF_SHARED_DATA", ROOT / "../shared/data")) / "fdh/fdh_2018-04.h5"
        if not data.exists():
            fail(f"--month: {data} is not there; set RF_SHARED_DATA")
        return [{"case": "month", "epochs": 200, **self.trained(data, 200)}]

    def peer(self, shape):
        """Its times where it keeps memory, its peak where it gives memory back: the better of both."""
        environment = {**os.environ, "OMP_NUM_THREADS": str(self.o.threads), "OMP_WAIT_POLICY": "passive"}
        words = [self.o.peer, ROOT / "scripts/peer/bench_peer.py", self.graph(shape), "--name", shape, "--threads",
                 str(self.o.threads), "--epochs"]
        quick, = lines_of([*words, str(self.o.epochs)], env={**environment, **PEER_QUICK})
        if shape not in self.peer_peak:
            self.peer_peak[shape] = lines_of([*words, "1"], env=environment)[0]["peak_bytes"]
        return [{**quick, "peak_bytes": min(quick["peak_bytes"], self.peer_peak[shape])}]

    def life(self):
        """A graph's life, and its features step by step."""
        n = str(self.o.events)
        return (lines_of([self.programs / "bench_graph", n, "pair", self.folder]) +
                [line for line in lines_of([self.programs / "bench_features", n, "pair", str(self.o.threads)])
                 if line["part"] not in ("events", "sizes")])

    def growth(self):
        """Epochs of one graph, larger and larger; what a hundred million edges would take."""
        for shape in GROWTH:
            scored = [] if shape == SCORED else ["--no-score"]
            yield from lines_of([self.programs / "bench_epoch", "--threads", str(self.o.threads), "--epochs", "3", *scored, shape])
        for options in ([], ["--bf16"]):
            yield from lines_of([self.programs / "bench_epoch", "--plan", *options, "hundred"])

    def hundred(self):
        """Whole commands on a hundred million edges: an epoch, and both ways to score."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            folder = pathlib.Path(folder)
            graph, model = folder / "graph.h5", folder / "model.h5"
            subprocess.run([self.programs / "bench_epoch", "--write", graph, "hundred"], check=True)
            files = ["--graph", graph, "--model", model]
            yield self.command("hundred, train", "train", *files, "--epochs", "1")
            for method in ("graphbean", "surprise"):
                yield self.command(f"hundred, {method}", "score", *files, "--output", folder / "scores.h5", "--method", method)

    def command(self, part, *words):
        cost = cost_of([os.environ["RINGFENCE"], *words, "--threads", str(self.o.threads), "--quiet", "--no-progress"])
        return {"case": "command", "part": part, **cost}

    def whole(self):
        """Whole commands: a build of ten million orders, the same with the last hundredth new, and a run from events to actions."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            folder = pathlib.Path(folder)
            simulate = [os.environ["RINGFENCE"], "simulate", "--seed", "1", "--quiet", "--set", f"output={folder}"]
            subprocess.run([*simulate, "--events", "10000000", "--kinds", "one", "--output", folder / "all.jsonl",
                            "--write-config", folder / "one.yaml"], check=True)
            subprocess.run(["split", "-l", "9900000", folder / "all.jsonl", folder / "events-"], check=True)
            (folder / "all.jsonl").unlink()
            (folder / "events-ab").rename(folder / "later")
            job = ["build", "--config", folder / "one.yaml", "--set", f"output={folder}", "--set", f"source.paths=[{folder}/events-*]",
                   "--set", "source.format=jsonl"]
            yield self.command("build", *job)
            (folder / "later").rename(folder / "events-ab")
            yield self.command("build, 1 % new", *job)
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            subprocess.run([os.environ["RINGFENCE"], "simulate", "--seed", "1", "--quiet", "--set", f"output={folder}", "--output",
                            f"{folder}/events.jsonl", "--write-config", f"{folder}/job.yaml"], check=True)
            yield self.command("run", "run", "--config", f"{folder}/job.yaml", "--set", f"output={folder}")

    def reading(self):
        """Records a second that one thread reads from a file."""
        for form in ("jsonl", "csv"):
            for line in lines_of([self.programs / "bench_ingest", "200000", "9", form]):
                if line["bench"] == "source":
                    yield {"case": "reading", "part": form, "events_per_s": float(line["events_per_s"])}

    def kafka(self):
        """A build of ten million messages beside the simplest client, in turn."""
        found = lines_of([ROOT / "scripts/bench-kafka.sh"], env={**os.environ, "PROFILE": "0", "RUNS": "3"})[-1]
        yield {"case": "reading", "part": "kafka", "events_per_s": float(found["build_events_per_s"]), "of_kcat": found["build_ratio"]}

    def round(self):
        for shape in self.o.shapes:
            for kinds in self.o.kinds or KINDS.get(shape, [1]):
                yield from self.epochs(shape, kinds)
            if self.o.kinds and 1 not in self.o.kinds:
                continue
            yield from self.epochs(shape, 1, "--bf16")
            yield from self.train(shape)
            if self.o.peer:
                yield from self.peer(shape)
        if self.o.events:
            yield from self.life()
        if self.o.month:
            yield from self.month()
        if self.o.growth:
            yield from self.growth()
        if self.o.whole:
            yield from self.whole()
            yield from self.reading()
        if self.o.kafka:
            yield from self.kafka()
        if self.o.hundred:
            yield from self.hundred()


def quartiles_apart(values):
    values = sorted(values)
    return values[len(values) * 3 // 4] - values[len(values) // 4]


def join(lines):
    """One line of the lines of all rounds: medians; a spread is the larger of those inside rounds and between them. The machine's
    limits are the highest that were seen."""
    joined = dict(lines[0], rounds=len(lines))
    for name, value in lines[0].items():
        values = [line[name] for line in lines]
        if name in ("triad", "sgemm", "triad_cpu", "sgemm_cpu"):
            joined[name] = max(values)
        elif isinstance(value, float) or name == "peak_bytes":
            joined[name] = statistics.median(values)
    for name, spread in (("seconds", "spread"), ("cpu_seconds", "cpu_spread")):
        if name in joined:
            joined[spread] = max(joined.get(spread, 0), quartiles_apart([line[name] for line in lines]))
    return joined


def join_all(rounds):
    groups = {}
    for line in rounds:
        groups.setdefault(tuple(line.get(name) for name in KEY), []).append(line)
    return [join(lines) for lines in groups.values()]


def machine(threads):
    """What everything ran on, and whether neighbours let the clock mean something."""
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "unknown")
    cores = len(os.sched_getaffinity(0))
    waiting = float(open("/proc/loadavg").read().split()[0])
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], stdout=subprocess.PIPE, text=True, cwd=ROOT).stdout.strip()
    return {"case": "machine", "cpu": model, "cores": cores, "threads": threads, "load": waiting, "commit": commit,
            "basis": "processor" if waiting > BUSY * cores else "clock"}


def measure(options):
    bench, rounds = Bench(options), []
    about = machine(options.threads)
    for number in range(options.rounds):
        print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
        rounds += bench.round()
    lines = [about] + join_all(rounds)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return lines


def read(path):
    try:
        return [json.loads(line) for line in open(path)]
    except (OSError, ValueError) as problem:
        fail(f"{path}: {problem}")


def parse():
    parser = argparse.ArgumentParser(prog="bench.sh", description="See the head of scripts/bench.sh.")
    parser.add_argument("shapes", nargs="*")
    parser.add_argument("--kinds", type=lambda text: [int(word) for word in text.split()])
    for name, default in (("rounds", 3), ("epochs", 5), ("threads", 2), ("events", 1000000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--peer", metavar="PYTHON")
    for name in ("month", "growth", "whole", "kafka", "hundred"):
        parser.add_argument(f"--{name}", action="store_true")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "build/bench/latest.jsonl")
    parser.add_argument("--from", dest="earlier", metavar="FILE")
    parser.add_argument("--compare", metavar="FILE")
    parser.add_argument("--docs", action="store_true")
    options = parser.parse_args()
    unknown = [shape for shape in options.shapes if shape not in SHAPES]
    if unknown:
        parser.error(f"{unknown[0]} is no shape; there are {' '.join(SHAPES)}")
    options.shapes = options.shapes or SHAPES
    return options


def main():
    options = parse()
    old = read(options.compare) if options.compare else None
    lines = read(options.earlier) if options.earlier else measure(options)
    text = tables.all_tables(lines)
    print(text)
    if options.docs:
        tables.write_into(ROOT / "docs/PERFORMANCE.md", text)
    if old is not None:
        worse = compare.report(old, lines, KEY)
        sys.exit(1 if worse else 0)


if __name__ == "__main__":
    main()
