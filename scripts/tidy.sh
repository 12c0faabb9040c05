#!/bin/sh
# Runs clang-tidy on the program's C files, with the checks of .clang-tidy; any finding fails.
#
#   scripts/tidy.sh [FILE…]        JOBS (default 2) files at a time; no FILE: all of them
#
# It reads what the preset `clang` says about how a file is compiled.
set -eu
cd "$(dirname "$0")/.."
if ! command -v clang-tidy >/dev/null; then
    echo "scripts/tidy.sh: clang-tidy is missing; run scripts/setup.sh --dev" >&2
    exit 1
fi
# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $(find base ingest graph gnn scoring export cli -name '*.c' | sort)
cmake --preset clang >/dev/null
# a header that is made during the build
cmake --build --preset clang --target ingest/protobuf/google/protobuf/descriptor.pb-c.h >/dev/null
printf '%s\n' "$@" | xargs -P "${JOBS:-2}" -n 8 clang-tidy -p build/clang --quiet
echo "clang-tidy: nothing found in $# files"
