#!/usr/bin/env bash
# Simulates orders with planted frauds and scores them twice: with the five kinds of entity of configs/simulated-kinds.yaml, and
# with its merchants alone. Prints for each seed the users' average precision and the areas under their curves, and how many
# of each type of fraud are among the 100 users of highest score.
#
#   scripts/eval-kinds.sh [SEED…]      (default: 1 2 3)
#
# EVENTS (200000) go to `simulate`, THREADS (2) to the other steps. ALERTS (100) are looked at. RINGFENCE names the program
# (build/release/cli/ringfence), WORK a folder that is kept.
#
# Exit status 1 if the mean average precision rises by less than MIN_GAIN (0.12); 77 without Python.
set -euo pipefail
. "$(dirname "$0")/evaluation.sh" eval-kinds

# merchants alone: their name is the main kind's, and the others' attributes and columns are gone
cp "$here/configs/simulated-kinds.yaml" "$work/five.yaml"
awk '/^  entities:/ { print "  entity: entity"; skip = 1; next }
     skip && /^    / { next }
     { skip = 0; gsub(/, of: \[[^]]*\]/, ""); print }' "$work/five.yaml" >"$work/one.yaml"

seeds=("$@")
[ $# -gt 0 ] || seeds=(1 2 3)
for seed in "${seeds[@]}"; do
    events=$work/events-$seed.jsonl
    "$ringfence" simulate --quiet --events "${EVENTS:-200000}" --seed "$seed" --output "$events"
    for kinds in one five; do
        folder=$work/$kinds-$seed
        rm -rf "$folder"
        mkdir "$folder"
        options=(--quiet --no-progress --config "$work/$kinds.yaml" --set "source.paths=[$events]" --set "output=$folder"
            --threads "${THREADS:-2}")
        for step in build train score; do
            "$ringfence" $step "${options[@]}"
        done
        users=$("$ringfence" inspect --json "$folder/graph.h5" | "$python" -c 'import json, sys; print(json.load(sys.stdin)["users"])')
        "$ringfence" evaluate "${options[@]}" --json \
            --percentile "$("$python" -c "print(1 - ${ALERTS:-100} / $users)")" >"$folder/evaluation.json"
    done
    [ -n "${WORK:-}" ] || rm -rf "$events" "$work/one-$seed/graph.h5" "$work/five-$seed/graph.h5"
    echo "seed $seed done" >&2
done

"$python" - "$work" "${MIN_GAIN:-0.12}" "${seeds[@]}" <<'END'
import json
import sys

work, least, seeds = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
runs = {k: [json.load(open(f"{work}/{k}-{s}/evaluation.json")) for s in seeds] for k in ("one", "five")}
print("users' average precision (PR-AUC, ROC-AUC), and how many of those alerts are of each type")
for i, seed in enumerate(seeds):
    for kinds, name in (("one", "merchants alone"), ("five", "five kinds")):
        u = runs[kinds][i]["u"]
        print(f"seed {seed:>3}  {name:<16} {u['average_precision']:.3f} ({u['pr_auc']:.3f}, {u['roc_auc']:.3f})")
types = sorted({t["type"] for k in runs for r in runs[k] for t in r["types"]["u"]})
print(f"\n{'type':<18} {'users':>6} {'merchants alone':>16} {'five kinds':>11}")
for name in types:
    rows = {k: [t for r in runs[k] for t in r["types"]["u"] if t["type"] == name] for k in runs}
    caught = {k: sum(t["caught"] for t in rows[k]) for k in runs}
    print(f"{name:<18} {sum(t['n'] for t in rows['one']):>6} {caught['one']:>16} {caught['five']:>11}")
mean = {k: sum(r["u"]["average_precision"] for r in runs[k]) / len(seeds) for k in runs}
gain = mean["five"] - mean["one"]
print(f"\nmean {mean['one']:.3f} and {mean['five']:.3f}: {gain:+.3f}")
sys.exit(gain < least)
END
