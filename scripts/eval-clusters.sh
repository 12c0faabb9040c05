#!/usr/bin/env bash
# Simulates orders with planted rings, scores, tags and clusters them, and prints whether each ring is whole in one cluster: what its
# members share (a farm's device, a card that pays for all) should not be in two.
#
#   scripts/eval-clusters.sh [SEED…]      (default: 1 2 3 4 5 6)
#
# EVENTS (200000) go to `simulate`, THREADS (2) to the other steps, CLUSTER to `cluster` ("--set cluster.resolution=1").
# RINGFENCE names the program (build/release/cli/ringfence), WORK a folder that is kept (seed-S/ with all files): what is scored there
# is only clustered again. VERBOSE=1 prints what each ring has to itself. 77 if no Python has h5py.
set -euo pipefail
. "$(dirname "$0")/evaluation.sh" eval-clusters h5py

seeds=("$@")
[ $# -gt 0 ] || seeds=(1 2 3 4 5 6)
for seed in "${seeds[@]}"; do
    folder=$work/seed-$seed
    mkdir -p "$folder"
    options=(--quiet --no-progress --config "$folder/orders.yaml" --set "output=$folder" --threads "${THREADS:-2}")
    if [ ! -e "$folder/scores.h5" ]; then
        "$ringfence" simulate --quiet --events "${EVENTS:-200000}" --seed "$seed" --output "$folder/events.jsonl" \
            --write-config "$folder/orders.yaml" --set "output=$folder"
        "$ringfence" run "${options[@]}" >"$folder/run.txt"
    fi
    rm -f "$folder/clusters.h5"
    # shellcheck disable=SC2086
    "$ringfence" cluster "${options[@]}" ${CLUSTER:-} >"$folder/clusters.txt"
    echo "seed $seed done" >&2
done
"$python" "$here/scripts/eval_clusters.py" ${VERBOSE:+--verbose} "${seeds[@]/#/$work/seed-}"
