#!/usr/bin/env bash
# Simulates orders with planted frauds, scores them, tags them with rules, and prints how good the tags are: for each type and
# seed precision and recall, areas under the ROC and the precision-recall curve of the score, and the share of innocent
# look-alikes that were tagged.
#
#   scripts/eval-tags.sh [SEED…]      (default: 1 2 3)
#
# The events are read as the simulator's configuration reads them, with five kinds of entity. CONFIG=configs/simulated-orders.yaml
# reads them by that configuration instead, with merchants alone. UNMAPPED="account_days channel" leaves these attributes out of it,
# and LIMITS=0 only prints: what remains on events that carry no such columns. WINDOW=5d reads the events of so many days before
# AS_OF (2026-01-16T00:00:00Z) alone.
#
# EVENTS (200000), FRAUD_SHARE (0.01) and FRAUD_TYPES (all) go to `simulate`, EPOCHS (as configured) and THREADS (2) to `run`,
# RULES (the shipped ones) to `tag`. RINGFENCE names the program (build/release/cli/ringfence), WORK a folder that is kept
# (seed-S/ with all files), JSON a file for the figures.
#
# Exit status 1 if a limit is missed: MIN_PRECISION (0.8) and MIN_RECALL (0.6) of every type's tag of users in every seed,
# or MAX_LOOK_ALIKES (0.02), the share of look-alike users with a named tag in a seed; 77 if no Python has h5py.
set -euo pipefail
. "$(dirname "$0")/evaluation.sh" eval-tags h5py numpy
threads=${THREADS:-2}

seeds=("$@")
[ $# -gt 0 ] || seeds=(1 2 3)
for seed in "${seeds[@]}"; do
    folder=$work/seed-$seed
    rm -rf "$folder"
    mkdir "$folder"
    "$ringfence" simulate --quiet --events "${EVENTS:-200000}" --seed "$seed" --output "$folder/events.jsonl" \
        --write-config "$folder/orders.yaml" --fraud-share "${FRAUD_SHARE:-0.01}" --fraud-types "${FRAUD_TYPES:-all}" \
        --set "output=$folder"
    if [ -n "${CONFIG:-}" ]; then
        sed "s|^  paths: .*|  paths: [\"$folder/events.jsonl\"]|; s|^output: .*|output: \"$folder\"|" "$CONFIG" >"$folder/orders.yaml"
    fi
    for attribute in ${UNMAPPED:-}; do
        sed -i "/^    $attribute:/d" "$folder/orders.yaml"
    done
    window=(${WINDOW:+--set "graph.window=$WINDOW" --set "graph.as_of=${AS_OF:-2026-01-16T00:00:00Z}"})
    "$ringfence" run --quiet --no-progress --config "$folder/orders.yaml" --threads "$threads" "${window[@]}" \
        ${EPOCHS:+--set "train.epochs=$EPOCHS"} >"$folder/run.txt"
    "$ringfence" tag --quiet --graph "$folder/graph.h5" --scores "$folder/scores.h5" --threads "$threads" \
        ${RULES:+--rules "$RULES"} >"$folder/tags.txt"
    echo "seed $seed done" >&2
done
status=0
"$python" "$here/scripts/eval_tags.py" --json "${JSON:-}" --min-precision "${MIN_PRECISION:-0.8}" --min-recall "${MIN_RECALL:-0.6}" \
    --max-look-alikes "${MAX_LOOK_ALIKES:-0.02}" "${seeds[@]/#/$work/seed-}" || status=$?
[ "${LIMITS:-1}" = 1 ] || status=0
exit $status
