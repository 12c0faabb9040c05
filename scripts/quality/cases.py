"""cases.py: the development data, one case a graph: which kind it is, whether constants were tuned on it, and how its graph is made.

Constants, weights and defaults are chosen on the files marked as tuned. The others are for measuring only.
"""
import csv
import gzip
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.abspath(__file__))
CONFIGS = os.path.join(HERE, "..", "..", "configs")
RING_START = 1362096000  # 2013-03-01 UTC: the files count seconds from their first event
RING_SECONDS = 31 * 86400 - 1
JOB = ["--config", "{folder}/job.yaml"]
MONTHS = {4: "April", 5: "May", 6: "June"}

KINDS = {
    "injected": "Injected anomalies (wiki_anomaly, graphs)",
    "rings": "Rings that hide, from events (wiki_ring)",
    "rings5": "Rings widened to 5 days",
    "rings10": "Rings widened to 10 days",
    "rings20": "Rings widened to 20 days",
    "rings31": "Rings widened to 31 days",
    "pairs": "Card payments, an edge a pair (fdh)",
    "single": "Card payments, an edge a payment (fdh)",
    "singlelog": "Card payments, an edge a payment, amount with log1p",
    "handmade": "Card payments, hand-made columns (fdh_2018-04.h5)",
    "orders": "Simulated orders, 200,000 events",
    "reviews": "Reviews without times, 50 planted groups of copy-paste reviewers",
    "bans": "Wikipedia bans (an edit after which the editor was banned)",
}


@dataclass
class Case:
    name: str
    kind: str
    tuned: bool
    make: object  # make(case, tools, folder): writes graph.h5 into the folder
    settings: list = field(default_factory=list)  # --config and --set of every verb; {data} and {folder} are filled in


def all_cases():
    cases = []
    for k in range(5):
        cases.append(Case(f"injected-{k}", "injected", k < 3, graph_of(f"wiki/wiki_anomaly_{k}.h5")))
        cases.append(Case(f"rings-{k}", "rings", k < 3, ring_events(k, None), JOB))
    for days in (5, 10, 20, 31):
        for k in range(5):
            cases.append(Case(f"rings{days}-{k}", f"rings{days}", k < 3, ring_events(k, days), JOB))
    for month in MONTHS:
        paths = f"source.paths=[{{data}}/fdh/fdh_2018-{month:02}.csv.gz]"
        common = ["--set", paths, "--set", f"graph.as_of=2018-{month + 1:02}-01T00:00:00Z", "--set", "train.epochs=null"]
        single = ["--config", os.path.join(CONFIGS, "fdh-event.yaml")] + common
        cases.append(Case(f"pairs-{month}", "pairs", month < 6, build, ["--config", os.path.join(CONFIGS, "fdh.yaml")] + common))
        cases.append(Case(f"single-{month}", "single", month < 6, build, single))
        cases.append(Case(f"singlelog-{month}", "singlelog", month < 6, build,
                          single + ["--set", "fields.attributes.amount.log1p=true"]))
    cases.append(Case("handmade-4", "handmade", True, graph_of("fdh/fdh_2018-04.h5")))
    for seed in range(1, 7):
        cases.append(Case(f"orders-{seed}", "orders", seed < 4, orders(seed), JOB))
    for k in range(5):
        cases.append(Case(f"reviews-{k}", "reviews", k < 3, reviews(k), JOB))
    cases.append(Case("bans-0", "bans", False, ban_events, JOB))
    return cases


def one_of_each_kind(cases):
    return list({case.kind: case for case in reversed(cases)}.values())[::-1]


# ---- graphs ----

def build(case, tools, folder):
    tools.run(case, folder, "build")


def graph_of(path):
    def make(case, tools, folder):
        shutil.copyfile(os.path.join(tools.data, path), os.path.join(folder, "graph.h5"))
    return make


def orders(seed, events=200000, options=()):
    def make(case, tools, folder):
        tools.call("simulate", "--events", str(events), "--seed", str(seed), *options, "--output", os.path.join(folder, "events.csv"),
                   "--write-config", os.path.join(folder, "job.yaml"))
        tools.run(case, folder, "build")
    return make


def ring_events(k, days):
    def make(case, tools, folder):
        rows = [(int(user), int(page), float(time), int(ring))
                for user, page, time, ring in read_table(os.path.join(tools.data, f"ring/wiki_ring_{k}.csv.gz"))]
        if days is not None:
            rows = widened(rows, days * 86400)
        write_events(folder, ((user, page, time, ring > 0) for user, page, time, ring in rows))
        build_events(case, tools, folder)
    return make


def reviews(k):
    def make(case, tools, folder):
        planter = os.path.join(HERE, "..", "..", "tests", "quality", "plant_reviewers.py")
        subprocess.run([sys.executable, planter, "--ring", os.path.join(tools.data, f"ring/wiki_ring_{k}.csv.gz"), "--seed", str(k),
                        "--output", os.path.join(folder, "events.csv")], check=True)
        write_job(folder, "fields: {user: user, entity: item, label: label, attributes: {stars: {type: number}}}\n"
                          "graph: {granularity: pair, label_share: 0}\n")
        tools.run(case, folder, "build")
    return make


def ban_events(case, tools, folder):
    rows = read_table(os.path.join(tools.data, "wiki/wikipedia_interactions.csv.gz"))
    write_events(folder, ((row[0], row[1], float(row[2]), row[3].startswith("1")) for row in rows))
    build_events(case, tools, folder)


def read_table(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        reader = csv.reader(lines)
        next(reader)
        yield from reader


def widened(rows, span):
    """The same events, each ring's stretched evenly to `span` seconds around its middle, inside the month."""
    span = min(span, RING_SECONDS)
    first, last = {}, {}
    for _, _, time, ring in rows:
        first[ring] = min(time, first.get(ring, time))
        last[ring] = max(time, last.get(ring, time))
    moved = []
    for user, page, time, ring in rows:
        if ring > 0:
            begin = min(max((first[ring] + last[ring] - span) / 2, 0), RING_SECONDS - span)
            time = begin + (time - first[ring]) / max(last[ring] - first[ring], 1) * span
        moved.append((user, page, time, ring))
    return sorted(moved, key=lambda row: row[2])


def write_events(folder, rows):
    with open(os.path.join(folder, "events.csv"), "w", encoding="utf-8") as out:
        out.write("user,page,time,label\n")
        for user, page, time, label in rows:
            out.write(f"u{user},p{page},{RING_START + int(time)},{int(label)}\n")


def build_events(case, tools, folder):
    write_job(folder, "fields: {user: user, entity: page, time: {field: time, format: s}, label: label}\n"
                      "graph: {granularity: pair, window: all, label_share: 0}\n")
    tools.run(case, folder, "build")


def write_job(folder, settings):
    with open(os.path.join(folder, "job.yaml"), "w", encoding="utf-8") as out:
        out.write(f"source: {{type: files, paths: ['{folder}/events.csv']}}\n{settings}")
