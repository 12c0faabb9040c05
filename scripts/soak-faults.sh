#!/usr/bin/env bash
# soak-faults.sh - lets disk, files and neighbours fail at every place, and counts what survives. It takes hours; tests/ has a sample
# of each kind.
#
#   scripts/soak-faults.sh [KIND...]        all kinds, or some of:
#
#     writes      every pwrite, write, fsync, rename, ftruncate and close of `run` fails once, with ENOSPC and with EIO (needs strace)
#     disk        `run` on 30 file systems that are too small, up to one that suffices (needs root, for tmpfs)
#     damage      10,000 files of ours, changed as disks, memory and copies change them, with their hashes and without; verbs read them
#     pairs       100 times a verb reads while another run replaces the files of other people's events
#     erase       `erase` is killed at every call that changes the disk, and each fails once; the next one finishes (needs strace)
#     dirt        1,000 times random records, good, broken and odd, are read in some orders, files and builds: none is lost (SEEDS)
#     texts       copies of a text are one entity among 100,000 ordinary ones, by fields.entity.near (TEXTS)
#     kills       200 random kills of build, train and run (scripts/kill-sweep.sh)
#
# RINGFENCE names the program (build/release/cli/ringfence); STEP=20 tries every 20th place only, the middle one of fewer, ERRORS=EIO one
# error only; SIZES, TRIES and ROUNDS are the numbers of disks, files and pairs; JOBS at once (2). Exit status 1 if a wrong file was
# published, anything crashed, hung or lied, or nothing could be tried.
set -uo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
export RINGFENCE=${RINGFENCE:-$here/build/release/cli/ringfence} OPENBLAS_NUM_THREADS=1 SOURCE_DATE_EPOCH=1769817600
[ -x "$RINGFENCE" ] || { echo "soak-faults.sh: $RINGFENCE is not there; build it (cmake --preset release && cmake --build --preset release) or set RINGFENCE" >&2; exit 2; }
RINGFENCE=$(realpath "$RINGFENCE")

failed=0
for kind in "${@:-writes disk damage pairs erase dirt texts kills}"; do
    for one in $kind; do
        case $one in
        writes | disk | damage | pairs | erase) python3 "$here/scripts/faults/$one.py" || failed=1 ;; # what cannot be tried here has not been survived
        dirt) RF_DIRT_SEEDS=${SEEDS:-1000} "$(dirname "$RINGFENCE")/../tests/test_dirt" || failed=1 ;;
        texts) RF_NEAR_TEXTS=${TEXTS:-100000} "$(dirname "$RINGFENCE")/../tests/test_near_texts" || failed=1 ;;
        kills) "$here/scripts/kill-sweep.sh" 67 20000 || failed=1 ;;
        *) echo "soak-faults.sh: no kind $one" >&2; exit 2 ;;
        esac
    done
done
exit $failed
