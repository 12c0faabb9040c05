#!/usr/bin/env bash
# bench-export.sh - measures how long it takes to tag and cluster a graph of a million edges, and to export 5,000 nodes of it
# in every format.
#
#   scripts/bench-export.sh [FOLDER]     graph.h5 and scores.h5 are made there if missing (default build/bench/export)
#
#   EDGES=1000000 SEED=1 NODES=5000 RUNS=3 RINGFENCE=build/release/cli/ringfence      (EDGES is approximate)
#
# Prints a table with the elapsed seconds of each whole command (median and worst of RUNS), with the reading of graph.h5 and
# scores.h5. An export of one node measures the reading alone. FOLDER/bench.jsonl has the same as JSON lines.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=${1:-build/bench/export}
edges=${EDGES:-1000000}
nodes=${NODES:-5000}
runs=${RUNS:-3}
ringfence=${RINGFENCE:-}
mkdir -p "$folder"
if [ -z "$ringfence" ]; then
  cmake --preset release > /dev/null
  cmake --build --preset release --target ringfence -- -j 2 > /dev/null
  ringfence=$(find build/release -type f -name ringfence -perm -u+x | head -n 1)
fi

if [ ! -e "$folder/scores.h5" ]; then
  # pairs of user and merchant, about 53 in 100 orders, on which every rule finds what it looks at; the model need not be good
  "$ringfence" simulate --events $((edges * 100 / 53)) --seed "${SEED:-1}" --output "$folder/events.jsonl" \
    --kinds one --write-config "$folder/job.yaml" --quiet --set "output=$folder"
  job=(--config "$folder/job.yaml" --quiet)
  "$ringfence" build "${job[@]}"
  "$ringfence" train "${job[@]}" --epochs 1
  "$ringfence" score "${job[@]}"
  rm -f "$folder/events.jsonl"
fi

python3 - "$ringfence" "$folder" "$nodes" "$runs" <<'END'
import json, os, re, shutil, statistics, subprocess, sys, time

ringfence, folder, nodes, runs = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
files = ["--graph", f"{folder}/graph.h5", "--scores", f"{folder}/scores.h5"]
rows = []


def size_of(path):
    if os.path.isfile(path):
        return os.path.getsize(path)
    return sum(os.path.getsize(os.path.join(path, name)) for name in os.listdir(path))


def timed(*words):
    """Median and worst seconds of the whole command, and what it said."""
    seconds = []
    for _ in range(runs):
        began = time.perf_counter()
        done = subprocess.run([ringfence, *words], capture_output=True, text=True)
        seconds.append(time.perf_counter() - began)
        if done.returncode != 0:
            sys.exit(f"bench-export.sh: {' '.join(words)}: {done.stderr}")
    return round(statistics.median(seconds), 2), round(max(seconds), 2), done.stderr


def keep(**row):
    rows.append(row)
    with open(os.path.join(folder, "bench.jsonl"), "a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


def verb(name, *more):
    seconds, worst, _ = timed(name, *files, *more)
    keep(bench=name, seconds=seconds, worst=worst)


def export(name, form, most):
    out = os.path.join(folder, "out." + form)
    seconds, worst, said = timed("export", *files, "--format", form, "--select", "percentile=0.99", "--max-nodes", str(most),
                                 "--hops", "2", "--output", out)
    counts = re.search(r"([\d,]+) nodes .*, ([\d,]+) edges", said)
    keep(bench=name, seconds=seconds, worst=worst, nodes=int(counts[1].replace(",", "")),
         edges=int(counts[2].replace(",", "")), bytes=size_of(out))
    shutil.rmtree(out) if os.path.isdir(out) else os.remove(out)


open(os.path.join(folder, "bench.jsonl"), "w").close()
verb("tag")
verb("cluster", "--registry", os.path.join(folder, "clusters.h5"))
export("export of one node", "graphml", 1)
for form in ("cx2", "cytoscapejs", "dot", "gexf", "graphml", "html", "neo4j", "svg"):
    export(f"export {form}", form, nodes)
print(f"{'what':<20}{'seconds':>9}{'worst':>8}{'nodes':>8}{'edges':>8}{'MB':>8}")
for row in rows:
    print(f"{row['bench']:<20}{row['seconds']:>9.2f}{row['worst']:>8.2f}{row.get('nodes', ''):>8}{row.get('edges', ''):>8}" +
          (f"{row['bytes'] / 1e6:>8.1f}" if "bytes" in row else ""))
END
