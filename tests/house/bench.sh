#!/bin/sh
# scripts/bench.sh without measuring: its tables judge by the right clock, and --compare names what became slower or larger, and only that.
#
#   bench.sh SOURCE-FOLDER
set -eu
source=$(realpath "$1")
command -v python3 >/dev/null || { echo "SKIP: python3 is not installed" >&2; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# run BASIS SECONDS CPU-SECONDS PEAK: the lines of a run
run() {
    cat <<END
{"case": "machine", "cpu": "made", "cores": 2, "threads": 2, "load": 0.1, "commit": "abc", "basis": "$1"}
{"case": "epoch", "shape": "wiki", "kinds": 1, "rounds": 3, "seconds": $2, "spread": 0.004, "cpu_seconds": $3, "cpu_spread": 0.001, "ns_per_edge": 9.0, "graph_bytes": 100000000, "blas": "Made", "bytes": 1e9, "flops": 1e9, "triad": 1e11, "sgemm": 1e10, "triad_cpu": 5e10, "sgemm_cpu": 5e9}
{"case": "train", "shape": "wiki", "kinds": 1, "rounds": 3, "peak_bytes": $4}
{"case": "peer", "shape": "wiki", "kinds": 1, "rounds": 3, "seconds": 0.5, "spread": 0.01, "cpu_seconds": 0.9, "cpu_spread": 0.01, "peak_bytes": 900000000}
END
}
bench() {
    "$source/scripts/bench.sh" "$@"
}
expect() {
    grep -qF "$1" said || { echo "expected: $1"; cat said; exit 1; }
}
refuse() {
    if grep -qF "$1" said; then echo "not expected: $1"; cat said; exit 1; fi
}

run clock 0.250 0.500 100000000 >old
bench --from old >said
expect '| 2.50            | <= 3: met |' # .250 s against 1e9 operations at 1e10 a second
expect '| 2.0        | >= 6: missed | 900     | 9.0        | >= 8: met |'
run processor 0.250 0.640 100000000 >busy
bench --from busy >said
expect '| 3.20            | <= 3: missed |' # .640 s against 1e9 at 5e9

bench --from old --compare old >said
expect 'nothing became slower'

run clock 0.320 0.505 130000000 >new
status=0
bench --from new --compare old >said || status=$?
[ $status -eq 1 ] || { echo "status $status"; exit 1; }
expect 'REGRESSION: epoch wiki 1: seconds 0.25 -> 0.32'
expect 'REGRESSION: train wiki 1: peak_bytes'
refuse 'cpu_seconds'

run processor 0.320 0.505 100000000 >new # the clock of a busy machine says nothing
bench --from new --compare old >said
refuse 'REGRESSION'

run clock 0.250 0.400 100000000 >new
bench --from new --compare old >said
expect 'better: epoch wiki 1: cpu_seconds'
refuse 'REGRESSION'
