#!/usr/bin/env bash
# bench-score.sh - measures scoring beside training: what both methods cost, in epochs of the same graph.
#
#   scripts/bench-score.sh [FOLDER]     graph.h5 is made there if missing (default build/bench/score)
#
#   EDGES=1000000 SEED=1 THREADS=2 RUNS=3 EPOCHS=10 RINGFENCE=build/release/cli/ringfence      (EDGES is approximate)
#
# Prints for an epoch and for both methods the processor time (median of RUNS), the elapsed time, and the peak memory as a share of
# training's. An epoch is the EPOCHS-th part of what EPOCHS more of them add.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=${1:-build/bench/score}
edges=${EDGES:-1000000}
ringfence=${RINGFENCE:-}
mkdir -p "$folder"
if [ -z "$ringfence" ]; then
  cmake --preset release > /dev/null
  cmake --build --preset release --target ringfence -- -j 2 > /dev/null
  ringfence=$(find build/release -type f -name ringfence -perm -u+x | head -n 1)
fi
if [ ! -e "$folder/graph.h5" ]; then
  "$ringfence" simulate --events $((edges * 100 / 53)) --seed "${SEED:-1}" --output "$folder/events.jsonl" \
    --kinds one --write-config "$folder/job.yaml" --quiet --set "output=$folder"
  "$ringfence" build --config "$folder/job.yaml" --set "output=$folder" --quiet
  rm -f "$folder/events.jsonl"
fi

python3 - "$ringfence" "$folder" "${RUNS:-3}" "${THREADS:-2}" "${EPOCHS:-10}" << 'END'
import os, statistics, subprocess, sys, time

ringfence, folder, runs, threads, more = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], int(sys.argv[5])
job = ["--config", f"{folder}/job.yaml", "--set", f"output={folder}", "--threads", threads, "--quiet"]


def once(*words):
    """Processor and elapsed seconds, and peak bytes, of one command."""
    began = time.perf_counter()
    child = subprocess.Popen([ringfence, *words, *job])
    _, status, used = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"bench-score.sh: {' '.join(words)} ended with status {status}")
    return used.ru_utime + used.ru_stime, time.perf_counter() - began, used.ru_maxrss * 1024


def timed(*words):
    """Medians."""
    return [statistics.median(figures) for figures in zip(*(once(*words) for _ in range(runs)))]


once("train", "--restart", "--epochs", "1")  # the graph is in the page cache afterwards
few, many = timed("train", "--restart", "--epochs", "2"), timed("train", "--restart", "--epochs", str(2 + more))
epoch = [(many[k] - few[k]) / more for k in range(2)]
print(f"{'what':<12}{'processor s':>12}{'epochs':>8}{'elapsed s':>11}{'epochs':>8}{'peak MB':>9}{'of training':>12}")
print(f"{'epoch':<12}{epoch[0]:>12.2f}{1:>8.2f}{epoch[1]:>11.2f}{1:>8.2f}{many[2] / 1e6:>9.0f}{1:>12.2f}")
for method in ("graphbean", "surprise"):
    seconds, elapsed, peak = timed("score", "--method", method)
    print(f"{method:<12}{seconds:>12.2f}{seconds / epoch[0]:>8.2f}{elapsed:>11.2f}{elapsed / epoch[1]:>8.2f}{peak / 1e6:>9.0f}"
          f"{peak / many[2]:>12.2f}")
END
