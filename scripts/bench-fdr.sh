#!/usr/bin/env bash
# Measures how far the false discovery rate that is asked for (emit.threshold.fdr) is the one that comes out: on simulated nights with
# frauds, with innocent look-alikes only and with neither, and on held-back files of the development data. Prints a line a kind of
# night and writes the table into docs/QUALITY.md.
#
#   scripts/bench-fdr.sh
#
# SEEDS (41-50) and EVENTS ("50000 200000") choose the nights, HELD_BACK=0 leaves the files out, DOCS=0 the document. The rest is as in
# scripts/bench-quality.sh, with which it shares work folders: graphs and models that are there are not made again.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
BENCH=fdr exec "$here/bench-quality.sh" "$@"
