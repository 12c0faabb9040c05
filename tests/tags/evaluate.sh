#!/usr/bin/env bash
# evaluate.sh RINGFENCE TYPE: simulates that fraud and its innocent look-alike alone (TYPE `all`: every fraud), and fails unless
# the shipped rules' tag finds the fraud, nothing but it, and not the look-alike. All frauds together are a small sample: 0.55 of a type is
# enough there, where scripts/eval-tags.sh at its own size asks for 0.6.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
RINGFENCE=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
export RINGFENCE FRAUD_TYPES=$2 THREADS=1 OPENBLAS_NUM_THREADS=1
case $2 in
all) export EVENTS=100000 FRAUD_SHARE=0.02 EPOCHS=60 MIN_RECALL=0.55 ;;
*) export EVENTS=80000 FRAUD_SHARE=0.004 EPOCHS=30 ;;
esac
exec "$here/../../scripts/eval-tags.sh" 5
