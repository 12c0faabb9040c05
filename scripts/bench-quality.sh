#!/usr/bin/env bash
# Measures how good the ranking is on all development data: trains and scores every graph, compares the scores with the labels,
# prints tables and writes them into docs/QUALITY.md, which explains them.
#
#   scripts/bench-quality.sh [CASE…]      (default: all; --list names them)
#
# QUICK=1 takes one file of each kind. Work folders stay in build/quality: a run that was broken off continues, and what
# another program made is made again. KEEP=1 keeps that program's graphs and models, and scores them again. EPOCHS sets
# train.epochs (as shipped). THREADS (1). RINGFENCE names the program (build/release/cli/ringfence), RF_SHARED_DATA the data
# (../shared/data), DOCS=0 leaves the document alone.
#
# MIDAS names a command that ranks events, called with two files: it reads `source,destination,time` lines, whole numbers in the
# order of time, and writes a score a line. FRAUDAR=1 measures the dense blocks of `cluster`.
#
# The Python packages of scripts/quality/requirements.txt go into build/quality/python. Exit status 77 without data.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
export RINGFENCE=${RINGFENCE:-$here/build/release/cli/ringfence}
export RF_SHARED_DATA=${RF_SHARED_DATA:-$here/../shared/data}
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1
work=$here/build/quality

[ -x "$RINGFENCE" ] || {
    echo "bench-quality: $RINGFENCE is not there; build it (cmake --preset release && cmake --build --preset release) or set RINGFENCE" >&2
    exit 2
}
for folder in wiki ring fdh; do
    [ -d "$RF_SHARED_DATA/$folder" ] || {
        echo "SKIP: bench-quality measures nothing: $RF_SHARED_DATA/$folder is not there; set RF_SHARED_DATA" >&2
        exit 77
    }
done
mkdir -p "$work"
if ! cmp -s "$here/scripts/quality/requirements.txt" "$work/python/requirements.txt"; then
    python3 -m venv "$work/python"
    "$work/python/bin/pip" install --quiet --requirement "$here/scripts/quality/requirements.txt"
    cp "$here/scripts/quality/requirements.txt" "$work/python/"
fi
exec "$work/python/bin/python" "$here/scripts/quality/${BENCH:-bench}.py" --work "$work" --document "${DOCUMENT:-$here/docs/QUALITY.md}" "$@"
