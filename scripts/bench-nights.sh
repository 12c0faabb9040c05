#!/usr/bin/env bash
# bench-nights.sh - what beginning a night's training where the last one ended is worth: epochs and loss of cold and of warm starts on
# consecutive nights, and what that does to the ranking.
#
#   scripts/bench-nights.sh [CASE…]      orders-1 orders-2 payments months (default: all)
#
#   NIGHTS=8                             after the first one (months: two)
#   THREADS=2 RINGFENCE=build/release/cli/ringfence RF_SHARED_DATA=../shared/data
#   DOCS=1                               writes the table into docs/TRAINING.md
#
# orders: 100,000 simulated orders in 60 days, seeds 1 and 2, a window of 30 days that moves by one each night. payments: the same
# window over card payments of April and May. months: April, May and June. Each night is trained from random parameters, and
# from the model of the night before, which was trained so, too. Work files stay in build/nights; graphs are made once.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
unset OPENBLAS_CORETYPE
export OPENBLAS_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1
export RINGFENCE=${RINGFENCE:-$here/build/release/cli/ringfence} RF_SHARED_DATA=${RF_SHARED_DATA:-$here/../shared/data}
exec python3 "$here/scripts/bench/nights.py" "$@"
