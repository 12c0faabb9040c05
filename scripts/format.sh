#!/bin/sh
# Checks that every C file follows .clang-format. With --fix it formats them.
#
#   scripts/format.sh [--fix]
set -eu
cd "$(dirname "$0")/.."
if ! command -v clang-format >/dev/null; then
    echo "scripts/format.sh: clang-format is missing; run scripts/setup.sh" >&2
    exit 1
fi
mode='--dry-run --Werror'
[ "${1:-}" = --fix ] && mode=-i
# shellcheck disable=SC2086
find base ingest graph gnn scoring export cli tests -name '*.[ch]' -print0 | xargs -0 clang-format $mode
