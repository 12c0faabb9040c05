#!/bin/bash
# Everything that must hold before a change is accepted. Stages run in the order given; the first that fails
# ends the run, after CTest's summary of what failed.
#
#   scripts/test.sh [all]      format, tidy, clang, fuzz, tsan, unit, asan, valgrind
#   scripts/test.sh quick      what one runs before each commit: no network, about a minute after a build
#   scripts/test.sh STAGE…
#
#   quick      format and rooms; debug build with every header compiled alone; unit and CLI tests, without those
#              labelled `slow`
#   format     every file as .clang-format says
#   tidy       clang-tidy on the program's sources, with the checks of .clang-tidy
#   clang      debug build by clang; the unit tests without those labelled `slow` or `waits`
#   fuzz       every fuzz target searches for FUZZ_SECONDS (default 3)
#   tsan       tests of what runs on several threads, with the thread sanitizer
#   unit       release build; unit, golden, property, CLI, house and fuzz-replay tests, those on a real Kafka broker,
#              every export read by the programs it is for, and its page used in a browser; the cases of scripts/try-cases.sh
#   asan       the same tests, but few of those on a broker, with address and undefined-behaviour sanitizers
#   valgrind   the unit tests under valgrind, without those that take longest there
#
# Each stage says which of its tests took longest; the last lines say how long each stage took and sum up its tests.
# JOBS (default 2) is the number of compilations and of computing tests at a time. NO_SETUP=1 skips scripts/setup.sh, as quick
# does. Where Java or Apache Kafka cannot be had, a browser or a program that reads exports, the tests on it are skipped,
# and the last lines say so.
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

# run_tests PRESET COMPUTING [WAITING]: CTest's options that select tests, without white space inside one. Tests labelled `waits`
# wait for brokers, groups and time-outs, and need next to no processor: many of them run beside those that compute.
# CTest keeps its records in the folder where it runs, so the two runs have different ones.
waiting=''
run_tests() {
    local build=build/$1 failed=0
    local logs="$build/tests.log"
    if [ -n "${3:-}" ]; then
        logs="$logs $build/waits.log"
        # shellcheck disable=SC2086
        ctest --test-dir "$build/tests" --parallel $((jobs * 2)) $3 >"$build/waits.log" 2>&1 &
        waiting=$!
    fi
    # shellcheck disable=SC2086
    ctest --test-dir "$build" --parallel "$jobs" $2 --output-log "$build/tests.log" || failed=1
    if [ -n "$waiting" ]; then
        wait "$waiting" || failed=1
        waiting=''
        cat "$build/waits.log"
    fi
    say "the slowest of $1, in seconds"
    # shellcheck disable=SC2086
    cat $logs | sed -n 's,^ *[0-9]*/[0-9]* Test *#[0-9]*: \([^ ]*\) .* \([0-9.]*\) sec.*,\2 \1,p' | sort -rn | head -n 10
    say "tests of $1"
    # CTest's own closing lines, and the names of what failed or was skipped
    # shellcheck disable=SC2086
    cat $logs | sed -n '/% tests passed/p; /^[[:space:]]*[0-9]* - .* ([A-Z]/p' | tee -a "$closing"
    return $failed
}

stage_quick() {
    stage_format
    scripts/check-rooms.sh
    build dev
    run_tests dev "-L ^(unit|cli)$ -LE ^(slow|waits)$" "-L ^waits$ -LE ^(slow|kafka)$"
}

stage_format() {
    scripts/format.sh
}

stage_tidy() {
    cmake --preset clang >/dev/null
    scripts/tidy.sh
}

stage_clang() {
    build clang
    run_tests clang "-L ^unit$ -LE ^(slow|waits)$"
}

stage_fuzz() {
    NO_SETUP=1 JOBS=$jobs scripts/fuzz.sh "${FUZZ_SECONDS:-3}"
}

threads='test_avro_files test_avro_judge test_burst test_features test_first_look test_h5_lend test_kernels test_log test_mem test_overlap
         test_pool test_score test_sequence test_source_ahead test_surprise test_tail_sum test_train'
threads_wait='test_kafka_batch test_kafka_conf test_kafka_group test_kafka_lag test_kafka_letters test_kafka_queue
              test_kafka_sink test_kafka_sink_errors test_kafka_source test_kafka_trouble test_kafka_watch'
stage_tsan() {
    # shellcheck disable=SC2086
    build tsan --target $threads $threads_wait
    # shellcheck disable=SC2086
    run_tests tsan "-R ^unit.($(any $threads))$" "-R ^unit.($(any $threads_wait))$"
}

# any A B C: a pattern for one of them
any() {
    local IFS='|'
    echo "$*"
}

# The collection of inputs, where there is one beside the repository: seconds.
try_cases() {
    local said=build/release/cases.log
    scripts/try-cases.sh >"$said" || {
        grep FAILED "$said" || cat "$said"
        return 1
    }
    tail -n 1 "$said"
}

stage_unit() {
    build release
    try_cases
    # beforehand, so that no test waits for a download; those without a broker skip themselves
    scripts/kafka.sh fetch && scripts/kafka.sh fetch --secure || true
    run_tests release "-LE ^waits$" "-L ^waits$"
    skipped=$(cat build/release/tests.log build/release/waits.log |
        grep -E 'Test +#[0-9]+: (kafka|readers|page|tags|quality)\..*(Skipped|Not Run)' |
        sed 's/.*: \([a-z]*\.[a-z_0-9]*\).*/\1/' | tr '\n' ' ')
}

stage_asan() {
    build asan
    run_tests asan "-LE ^waits$" "-L ^waits$ -R ^(unit\..*|kafka\.(dead_letters|emit|formats|shards|soak_one))$"
}

# They take half a minute and more there, and the sanitizers see all that they do.
not_valgrind='test_bigraph_threads test_decimal test_graphbean test_model test_scores_early test_tags_file test_warm_start'
stage_valgrind() {
    build valgrind --target unit_tests
    # shellcheck disable=SC2086
    run_tests valgrind "-L ^unit$ -LE ^(slow|waits)$ -E ^unit.($(any $not_valgrind))$" "-L ^waits$ -LE ^(slow|kafka)$"
}

[ $# -gt 0 ] || set -- all
[ "$*" != all ] || set -- format tidy clang fuzz tsan unit asan valgrind
setup=yes
for stage in "$@"; do
    case $stage in
    quick) setup='' ;;
    format | tidy | clang | fuzz | tsan | unit | asan | valgrind) ;;
    *)
        echo "scripts/test.sh: no stage \"$stage\"; there are quick, format, tidy, clang, fuzz, tsan, unit, asan, valgrind and all" >&2
        exit 2
        ;;
    esac
done

skipped='' times=''
closing=$(mktemp)
trap '[ -z "$waiting" ] || kill "$waiting"; rm -f "$closing"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

[ -z "$setup" ] || [ -n "${NO_SETUP:-}" ] || scripts/setup.sh --dev
for stage in "$@"; do
    say "$stage"
    began=$SECONDS
    "stage_$stage"
    say "$stage passed in $((SECONDS - began)) s"
    times="$times, $stage $((SECONDS - began)) s"
done
say "passed in $SECONDS s: ${times#, }"
[ -z "$skipped" ] || echo "NOT TESTED, because a broker, a browser or the program that reads it could not be had: $skipped"
cat "$closing"
