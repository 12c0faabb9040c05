#!/usr/bin/env bash
# bench-train.sh - measures training: one epoch for each shape of graph, and 200 epochs of a month of card payments.
#
#   scripts/bench-train.sh [SHAPE ...]        shapes of bench_epoch (wiki fdh million foods); default: the first three
#
#   THREADS=2 EPOCHS=10                       threads, and epochs measured for each shape
#   KINDS="1 2 3"                             kinds of entity that share the shape's edges (default: 1)
#   RF_SHARED_DATA=../shared/data             holds fdh/fdh_2018-04.h5; without it the second part is skipped
#
# Prints one JSON line for each shape (median and spread of seconds per epoch, processor time, nanoseconds per edge, peak bytes, GFLOP/s), then the time, the
# processor time and the peak memory of `ringfence train` on the month.
set -euo pipefail
cd "$(dirname "$0")/.."

threads=${THREADS:-2}
epochs=${EPOCHS:-10}
graph=${RF_SHARED_DATA:-../shared/data}/fdh/fdh_2018-04.h5

cmake --preset release > /dev/null
cmake --build --preset release --target ringfence bench_epoch -- -j 2 > /dev/null
ringfence=$(find build/release -type f -name ringfence -perm -u+x | head -n 1)
bench=$(find build/release -type f -name bench_epoch -perm -u+x | head -n 1)

for kinds in ${KINDS:-1}; do
  "$bench" --threads "$threads" --epochs "$epochs" --kinds "$kinds" "$@"
done

if [ ! -r "$graph" ]; then
  echo "bench-train: $graph is not there; set RF_SHARED_DATA for the second part" >&2
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "== 200 epochs of $(basename "$graph"), $threads threads"
TIMEFORMAT='%R s by the clock; processor time %U s, and %S s in the system'
time "$ringfence" train --graph "$graph" --model "$work/model.h5" --epochs 200 --threads "$threads" --no-progress \
  --quiet --summary "$work/summary.json"
cat "$work/summary.json"
