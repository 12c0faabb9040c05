#!/usr/bin/env bash
# Prints how far `minhash 64`, `wordhash 64` and `simhash 64` with fields.entity.near tell copies of a text from ordinary texts, and the seconds that the
# search for near hashes takes. docs/INGEST.md has the figures.
#
#   scripts/bench-near.sh [FILE...]     FILE: ordinary texts of yours, one a line
#
# TEXTS (100000) and HASHES (1000000) are the numbers of made ones. bench_near lies in BUILD (build/release/tests); it is there with
# cmake --preset release -DRF_BUILD_BENCH=ON && cmake --build --preset release --target bench_near
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
bench=${BUILD:-$here/build/release/tests}/bench_near
[ -x "$bench" ] || { echo "bench-near.sh: $bench is not there; build it (see above)" >&2; exit 2; }
for word in "minhash 64" "wordhash 64" "simhash 64"; do
    "$bench" copies "$word"
    "$bench" short "$word"
    for texts in "${TEXTS:-100000}" "$@"; do
        "$bench" ordinary "$word" "$texts"
    done
done
"$bench" hashes "${HASHES:-1000000}"
