#!/bin/sh
# Runs each fuzz target with libFuzzer for SECONDS. New inputs stay in build/fuzz/corpus/TARGET, crashes in
# build/fuzz/crashes. After you fix a crash, add its input to tests/fuzz/corpus/TARGET, which the ordinary tests replay.
#
#   scripts/fuzz.sh SECONDS [TARGET…]        JOBS (default 1) targets at a time; no TARGET: all of them
set -eu
cd "$(dirname "$0")/.."
case ${1:-} in
'' | *[!0-9]*)
    echo "usage: scripts/fuzz.sh SECONDS [TARGET…]" >&2
    exit 2
    ;;
esac
seconds=$1
shift
[ -n "${NO_SETUP:-}" ] || scripts/setup.sh --dev

all=$(find tests/fuzz -name 'fuzz_*.c' | sed 's,.*/fuzz_,,; s,\.c$,,' | sort)
[ $# -gt 0 ] || set -- $all
binaries=''
for target in "$@"; do
    if ! echo "$all" | grep -qx "$target"; then
        echo "scripts/fuzz.sh: no target \"$target\"; there are" $all >&2
        exit 2
    fi
    binaries="$binaries fuzz_$target"
    mkdir -p "build/fuzz/corpus/$target"
done
mkdir -p build/fuzz/crashes
cmake --preset fuzz >/dev/null
# shellcheck disable=SC2086
cmake --build --preset fuzz --parallel "${JOBS:-2}" --target $binaries

export LSAN_OPTIONS="suppressions=$PWD/tests/support/lsan.supp:print_suppressions=0"
failed=0
printf '%s\n' "$@" | xargs -P "${JOBS:-1}" -I '{}' sh -c '
    echo "== {}"
    if build/fuzz/tests/fuzz_{} -max_total_time='"$seconds"' -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
        -print_final_stats=1 -verbosity=0 -artifact_prefix=build/fuzz/crashes/{}- \
        build/fuzz/corpus/{} tests/fuzz/corpus/{} >build/fuzz/{}.log 2>&1; then
        grep -E "number_of_executed_units|average_exec_per_sec|peak_rss" build/fuzz/{}.log | sed "s/^/   {} /"
    else
        tail -n 40 build/fuzz/{}.log
        exit 255
    fi' || failed=1
exit $failed
