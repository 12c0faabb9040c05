#!/usr/bin/env bash
# bench-export.sh - how long it takes to cut 5,000 nodes out of a graph of a million edges and write them, in every format.
#
#   scripts/bench-export.sh [FOLDER]     graph.h5 and scores.h5 are made there if missing (default build/bench/export)
#
#   EDGES=1000000 SEED=1 NODES=5000 RUNS=3 RINGFENCE=build/release/cli/ringfence
#
# Prints one JSON line a format: seconds of the whole command by the clock (median of RUNS), reading graph.h5 and scores.h5
# included, and bytes written; first a line for an export of one node, which is the reading alone.
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
  # an edge an event; the scores need not be good, only there
  "$ringfence" simulate --events "$edges" --seed "${SEED:-1}" --output "$folder/events.jsonl" \
    --write-config "$folder/job.yaml" --quiet --set "output=$folder"
  job=(--config "$folder/job.yaml" --set graph.granularity=event --set graph.window=3650d --quiet)
  "$ringfence" build "${job[@]}"
  "$ringfence" train "${job[@]}" --epochs 1
  "$ringfence" score "${job[@]}"
  rm -f "$folder/events.jsonl"
fi

python3 - "$ringfence" "$folder" "$nodes" "$runs" <<'END'
import json, os, re, shutil, statistics, subprocess, sys, time

ringfence, folder, nodes, runs = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])


def size_of(path):
    if os.path.isfile(path):
        return os.path.getsize(path)
    return sum(os.path.getsize(os.path.join(path, name)) for name in os.listdir(path))


def export(name, form, most):
    seconds, out = [], os.path.join(folder, "out." + form)
    for _ in range(runs):
        began = time.perf_counter()
        done = subprocess.run([ringfence, "export", "--graph", f"{folder}/graph.h5", "--scores", f"{folder}/scores.h5",
                               "--format", form, "--select", "percentile=0.99", "--max-nodes", str(most), "--hops", "2",
                               "--output", out], capture_output=True, text=True, check=True)
        seconds.append(time.perf_counter() - began)
    said = re.search(r"([\d,]+) nodes .*, ([\d,]+) edges", done.stderr)
    print(json.dumps({"bench": name, "format": form, "nodes": int(said[1].replace(",", "")),
                      "edges": int(said[2].replace(",", "")), "seconds": round(statistics.median(seconds), 2),
                      "worst": round(max(seconds), 2), "bytes": size_of(out)}), flush=True)
    shutil.rmtree(out) if os.path.isdir(out) else os.remove(out)


export("read", "graphml", 1)
for form in ("cx2", "cytoscapejs", "dot", "gexf", "graphml", "neo4j"):
    export("export", form, nodes)
END
