#!/bin/sh
# run_case.sh RINGFENCE CASE.sh [--accept]: runs one case in an empty folder and compares what it prints and how it exits
# with the files beside it: CASE.out, CASE.err, CASE.rc (absent: nothing, nothing, 0). --accept writes them instead.
# Exit status 77: the case skipped itself.
set -u
ringfence=$1
case_path=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
base=${case_path%.sh}
work=$(mktemp -d "${TMPDIR:-/tmp}/ringfence-cli-XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
mkdir "$work/in" || exit 1
cd "$work/in" || exit 1

RINGFENCE=$ringfence
CASES=$(dirname "$case_path")
export RINGFENCE CASES
export SOURCE_DATE_EPOCH=1700000000 LC_ALL=C TZ=UTC OPENBLAS_NUM_THREADS=1 RINGFENCE_KEEP_CORE=1
sh "$case_path" >"$work/out" 2>"$work/err" </dev/null
status=$?
if [ $status -eq 77 ]; then
    cat "$work/err" >&2
    exit 77
fi
echo $status >"$work/rc"

if [ "${3:-}" = --accept ]; then
    for kind in out err rc; do
        cp "$work/$kind" "$base.$kind"
        [ -s "$base.$kind" ] || rm "$base.$kind"
    done
    [ $status -ne 0 ] || rm "$base.rc"
    exit 0
fi
failed=0
for kind in out err rc; do
    expected=$base.$kind
    if [ ! -e "$expected" ]; then
        expected=$work/expected
        : >"$expected"
        [ $kind != rc ] || echo 0 >"$expected"
    fi
    diff -u "$expected" "$work/$kind" || failed=1
done
exit $failed
