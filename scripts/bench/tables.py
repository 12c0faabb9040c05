"""tables.py: the figures of scripts/bench.sh as Markdown tables, with what was aimed at beside what was reached."""

BEGIN, END = "<!-- bench -->", "<!-- end of bench -->"
ROOF = {"foods": 2.5, "wiki": 3, "fdh": 4, "million": 4}  # an epoch takes at most so many times the least possible
PEER_TIME = {"foods": 6, "wiki": 6, "fdh": 10, "million": 10}  # the peer's epoch takes at least so many times ours
PEER_MEMORY = {"foods": 9, "wiki": 8, "fdh": 8, "million": 8}
SCORE = {"graphbean": 0.6, "surprise": 2}  # epochs
PEAK = {"foods": "1.35 times the graph", "million": 500e6, "fdh": 120e6}
LARGEST = 22e9
WHOLE = {"build": ("`build` of 10,000,000 orders", 25, 1000e6), "build, 1 % new": ("the same with the last hundredth new", None, None),
         "run": ("`run` of 200,000 orders, five kinds", 5, None),
         "hundred, train": ("`train` of 100 million edges, an epoch", None, LARGEST),
         "hundred, graphbean": ("`score --method graphbean` of 100 million edges", None, LARGEST),
         "hundred, surprise": ("`score` of 100 million edges", None, LARGEST)}  # seconds, bytes
READING = {"jsonl": ("JSON Lines from a file, one thread", 1.2e6), "csv": ("CSV from a file, one thread", 1.5e6),
           "kafka": ("Kafka, the whole `build`", None)}  # a second
OF_KCAT = 0.4
HOURLY = 0.2  # of a build of all
GROWTH = 1.15
MB = 1e6


def table(head, rows):
    width = [max(len(row[i]) for row in [head] + rows) for i in range(len(head))]
    lines = [head, ["-" * w for w in width]] + rows
    return "\n".join("| " + " | ".join(text.ljust(w) for text, w in zip(line, width)) + " |" for line in lines)


def aim(reached, wanted, least=False, unit=""):
    """A figure beside its target."""
    met = reached >= wanted if least else reached <= wanted
    return f"{'>=' if least else '<='} {wanted:g}{unit}: {'met' if met else 'missed'}"


class Run:
    """The lines of a run, and by which clock it is judged."""

    def __init__(self, lines):
        self.lines = [{"precision": "float32", "hidden_edges": "auto", **line} for line in lines]
        self.about = next(line for line in lines if line["case"] == "machine")
        self.by_cpu = self.about["basis"] == "processor"

    def of(self, case, **wanted):
        return [line for line in self.lines if line["case"] == case and all(line.get(k) == v for k, v in wanted.items())]

    def one(self, case, **wanted):
        found = self.of(case, **wanted)
        return found[0] if found else None

    def time(self, line):
        return line["cpu_seconds"] if self.by_cpu else line["seconds"]

    def roof(self, line):
        """Seconds that the least possible work takes: for what is read and written, for what is multiplied."""
        suffix = "_cpu" if self.by_cpu else ""
        return line["bytes"] / line["triad" + suffix], line["flops"] / line["sgemm" + suffix]


def name_of(line):
    kinds = f", {line['kinds']} kinds" if line["kinds"] > 1 else ""
    remade = ", remade" if line.get("hidden_edges") == "remade" else ""
    return line["shape"] + kinds + (", bf16" if line["precision"] == "bf16" else "") + remade


def ms(seconds):
    return f"{1000 * seconds:.1f}" if seconds < 0.1 else f"{1000 * seconds:,.0f}"


def epochs(run):
    head = ["epoch", "ms by the clock", "spread", "ms of processor time", "ns an edge", "least: memory, ms", "least: products, ms",
            "times the least", "aim"]
    rows = []
    for line in run.of("epoch"):
        if line["shape"] not in ROOF:
            continue
        moved, multiplied = run.roof(line)
        times = run.time(line) / max(moved, multiplied)
        wanted = ROOF[line["shape"]]
        rows.append([name_of(line), ms(line["seconds"]), ms(line["spread"]), ms(line["cpu_seconds"]), f"{line['ns_per_edge']:,.0f}",
                     ms(moved), ms(multiplied), f"{times:.2f}", aim(times, wanted) if line["kinds"] == 1 and line["precision"] == "float32" else "-"])
    return table(head, rows)


def scores(run):
    head = ["score", "method", "ms by the clock", "ms of processor time", "epochs", "aim"]
    rows = []
    for line in run.of("score"):
        epoch = run.one("epoch", shape=line["shape"], kinds=line["kinds"], precision="float32")
        share = run.time(line) / run.time(epoch)
        rows.append([name_of(line), line["method"], ms(line["seconds"]), ms(line["cpu_seconds"]), f"{share:.2f}",
                     aim(share, SCORE[line["method"]])])
    return table(head, rows)


def memory(run):
    head = ["`train`", "peak MB", "graph MB", "times the graph", "aim"]
    rows = []
    for line in run.of("train"):
        graph = run.one("epoch", shape=line["shape"], kinds=1, precision="float32")["graph_bytes"]
        peak, wanted = line["peak_bytes"], PEAK.get(line["shape"])
        words = "-" if wanted is None else aim(peak / graph, 1.35) if isinstance(wanted, str) else aim(peak / MB, wanted / MB, unit=" MB")
        rows.append([name_of(line), f"{peak / MB:,.0f}", f"{graph / MB:,.0f}", f"{peak / graph:.2f}", words])
    return table(head, rows)


def peers(run):
    head = ["PyTorch", "ms by the clock", "ms of processor time", "times ours", "aim", "peak MB", "times ours", "aim"]
    rows = []
    for line in run.of("peer"):
        same = {"shape": line["shape"], "kinds": 1, "precision": "float32"}
        epoch, train = run.one("epoch", **same), run.one("train", **same, hidden_edges="auto")
        faster, larger = run.time(line) / run.time(epoch), line["peak_bytes"] / train["peak_bytes"]
        rows.append([line["shape"], ms(line["seconds"]), ms(line["cpu_seconds"]), f"{faster:.1f}",
                     aim(faster, PEER_TIME[line["shape"]], True), f"{line['peak_bytes'] / MB:,.0f}", f"{larger:.1f}",
                     aim(larger, PEER_MEMORY[line["shape"]], True)])
    return table(head, rows)


def parts(run):
    head = ["graph", "ms by the clock", "ms of processor time", "peak MB"]
    rows = [[f"{line['case']}: {line['part'].replace('_', ' ')}", ms(line["seconds"]), ms(line["cpu_seconds"]),
             f"{line['peak_bytes'] / MB:,.0f}"] for case in ("graph", "features") for line in run.of(case)]
    return table(head, rows)


def months(run):
    head = ["a month of card payments", "s by the clock", "s of processor time", "peak MB", "aim"]
    return table(head, [[f"`train`, {line['epochs']} epochs", f"{line['seconds']:.1f}", f"{line['cpu_seconds']:.1f}",
                         f"{line['peak_bytes'] / MB:,.0f}", aim(line["seconds"], 15, unit=" s")] for line in run.of("month")])


def growth(run):
    head = ["growth", "edges", "ns an edge", "of processor time", "times the smallest", "peak MB", "aim"]
    lines = [line for line in run.of("epoch") if line["shape"].startswith("grow")]
    rows = []
    for line in lines:
        times = run.time(line) / line["n_e"] / (run.time(lines[0]) / lines[0]["n_e"])
        rows.append([line["shape"], f"{line['n_e']:,}", f"{line['ns_per_edge']:,.0f}", f"{1e9 * line['cpu_seconds'] / line['n_e']:,.0f}",
                     f"{times:.2f}", f"{line['peak_bytes'] / MB:,.0f}", aim(times, GROWTH) if line is not lines[0] else "-"])
    for line in run.of("plan"):
        rows.append([name_of(line) + ", planned", f"{line['n_e']:,}", "-", "-", "-", f"{line['planned_bytes'] / MB:,.0f}",
                     aim(line["planned_bytes"] / MB, LARGEST / MB, unit=" MB")])
    return table(head, rows)


def commands(run):
    head = ["command", "s by the clock", "s of processor time", "aim", "peak MB", "aim"]
    rows = []
    for line in run.of("command"):
        words, seconds, size = WHOLE[line["part"]]
        wanted = "-" if seconds is None else aim(line["seconds"], seconds, unit=" s")
        if line["part"] == "build, 1 % new":
            wanted = aim(run.time(line) / run.time(run.one("command", part="build")), HOURLY) + " of a build of all"
        rows.append([words, f"{line['seconds']:.1f}", f"{line['cpu_seconds']:.1f}", wanted, f"{line['peak_bytes'] / MB:,.0f}",
                     "-" if size is None else aim(line["peak_bytes"] / MB, size / MB, unit=" MB")])
    return table(head, rows)


def reading(run):
    head = ["events", "a second", "of kcat's", "aim"]
    rows = []
    for line in run.of("reading"):
        words, wanted = READING[line["part"]]
        reached, share = line["events_per_s"], line.get("of_kcat")
        rows.append([words, f"{reached:,.0f}", "-" if share is None else f"{share:.2f}",
                     aim(share, OF_KCAT, True) if wanted is None else aim(reached / 1e6, wanted / 1e6, True, " million")])
    return table(head, rows)


def head_line(run):
    about = run.about
    limits = [line for line in run.of("epoch") if line["shape"] in ROOF]
    rounds = f", rounds: {limits[0]['rounds']}" if limits else ""
    words = (f"{about['cpu']}, {about['cores']} cores, {about['threads']} threads, commit {about['commit']}{rounds}. "
             f"Ratios are of {'processor time, since others computed on the machine' if run.by_cpu else 'seconds by the clock'} "
             f"(load {about['load']:.1f}).")
    if limits:
        best = {name: max(line[name] for line in limits) for name in ("triad", "sgemm", "triad_cpu", "sgemm_cpu")}
        words += (f" Triad {best['triad'] / 1e9:.1f} GB/s by the clock, {best['triad_cpu'] / 1e9:.1f} a second of processor time; sgemm "
                  f"{best['sgemm'] / 1e9:.0f} and {best['sgemm_cpu'] / 1e9:.0f} GFLOP/s ({limits[0]['blas']} kernels).")
    return words


def all_tables(lines):
    run = Run(lines)
    made = [head_line(run)]
    for case, make in (("epoch", epochs), ("score", scores), ("train", memory), ("peer", peers), ("graph", parts),
                       ("month", months), ("plan", growth), ("command", commands), ("reading", reading)):
        if run.of(case):
            made.append(make(run))
    return "\n\n".join(made)


def write_into(path, text, begin=BEGIN, end=END):
    """Replaces what stands between the markers."""
    document = path.read_text()
    before, rest = document.split(begin, 1)
    _, after = rest.split(end, 1)
    path.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}")
