#!/usr/bin/env bash
# Measures what the number of epochs is worth, fixed ones and `auto`: average precision of both methods on simulated shops of several
# sizes and on development data. Prints a line a row and writes the tables into docs/TRAINING.md.
#
#   scripts/bench-epochs.sh
#
# DOCS=0 leaves the document alone. The rest is as in scripts/bench-quality.sh.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
BENCH=epochs DOCUMENT=$here/../docs/TRAINING.md exec "$here/bench-quality.sh" "$@"
