#!/bin/sh
# Everything that must hold before a change is accepted. Stages run in the order given; the first that fails
# ends the run, after CTest's summary of what failed.
#
#   scripts/test.sh [all]      format, unit, asan, valgrind
#   scripts/test.sh STAGE…
#
#   format     every file as .clang-format says
#   unit       release build, warnings as errors; unit, golden, property, CLI, house and fuzz-replay tests, those on a real
#              Kafka broker, every export read by the programs it is for, and its page used in a browser
#   asan       the same tests, but few of those on a broker, with address and undefined-behaviour sanitizers
#   valgrind   the unit tests under valgrind, without those labelled `slow`
#   tsan       tests of what runs on several threads, with the thread sanitizer (not part of all)
#
# JOBS (default 2) is the number of compilations and tests at a time. NO_SETUP=1 skips scripts/setup.sh. Where Java or
# Apache Kafka cannot be had, a browser or a program that reads exports, the tests on it are skipped, and the last line says so.
set -eu
cd "$(dirname "$0")/.."
jobs=${JOBS:-2}
export CK_FORK=no OPENBLAS_NUM_THREADS=1 CTEST_OUTPUT_ON_FAILURE=1
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_stack_use_after_return=1}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"
export TSAN_OPTIONS="${TSAN_OPTIONS:-halt_on_error=1}"

say() {
    printf '\n== %s\n' "$*"
}

build() {
    cmake --preset "$1" >/dev/null
    cmake --build --preset "$@" --parallel "$jobs"
}

stage_format() {
    scripts/format.sh
}

skipped=''
stage_unit() {
    build release
    # beforehand, so that no test waits for a download; those without a broker skip themselves
    scripts/kafka.sh fetch && scripts/kafka.sh fetch --secure || true
    ctest --test-dir build/release --parallel "$jobs" --label-exclude '^kafka$' --output-log build/release/tests.log
    # these mostly wait: for groups, time-outs, brokers that start
    ctest --test-dir build/release --parallel $((jobs * 2)) --label-regex '^kafka$' --output-log build/release/kafka.log
    skipped=$(cat build/release/tests.log build/release/kafka.log |
        grep -E 'Test +#[0-9]+: (kafka|readers|page|tags)\..*(Skipped|Not Run)' |
        sed 's/.*: \([a-z]*\.[a-z_0-9]*\).*/\1/' | tr '\n' ' ')
}

stage_asan() {
    build asan
    ctest --test-dir build/asan --parallel "$jobs" --label-exclude '^kafka$'
    ctest --test-dir build/asan --parallel $((jobs * 2)) --tests-regex '^kafka\.(dead_letters|emit|formats|shards|soak_one)$'
}

stage_valgrind() {
    build valgrind --target unit_tests
    ctest --test-dir build/valgrind --parallel "$jobs" --label-regex '^unit$' --label-exclude '^slow$'
}

stage_tsan() {
    build tsan
    ctest --test-dir build/tsan --parallel "$jobs" --tests-regex 'unit\.test_(pool|log|mem|train|kernels|score|kafka_(group|queue|source))'
}

[ $# -gt 0 ] || set -- all
[ "$*" != all ] || set -- format unit asan valgrind
for stage in "$@"; do
    case $stage in
    format | unit | asan | valgrind | tsan) ;;
    *)
        echo "scripts/test.sh: no stage \"$stage\"; there are format, unit, asan, valgrind, tsan and all" >&2
        exit 2
        ;;
    esac
done

[ -n "${NO_SETUP:-}" ] || scripts/setup.sh --dev
for stage in "$@"; do
    say "$stage"
    began=$(date +%s)
    "stage_$stage"
    say "$stage passed in $(($(date +%s) - began)) s"
done
if [ -n "$skipped" ]; then
    say "NOT TESTED, because a broker, a browser or the program that reads it could not be had: $skipped"
fi
