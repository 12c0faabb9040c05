#!/bin/sh
# fault_sample.sh KIND: tries some of the places that scripts/soak-faults.sh KIND tries; RINGFENCE, STEP, ERRORS, SIZES, TRIES and ROUNDS
# are described there. Exit status 77: it cannot be tried here.
set -eu
skip() {
    echo "SKIPPED faults_$1: $2" >&2
    exit 77
}

command -v python3 >/dev/null || skip "$1" "no python3"
case $1 in
writes | erase)
    command -v strace >/dev/null || skip "$1" "no strace"
    strace -qq -o /dev/null -e inject=fsync:error=EIO true 2>/dev/null || skip "$1" "strace may not trace processes here"
    ;;
esac
exec python3 "$(dirname "$0")/../../scripts/faults/$1.py"
