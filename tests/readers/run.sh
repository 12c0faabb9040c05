#!/bin/sh
# run.sh MAKE_EXPORTS NAME: writes the hostile graph in every format and lets the readers of one of them judge it:
# tests/readers/NAME.sh, which finds the files and truth.json in the current folder.
set -eu
make_exports=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/ringfence-readers-XXXXXX")
trap '[ -n "${KEEP:-}" ] || rm -rf "$work"' EXIT
cd "$work"
export SOURCE_DATE_EPOCH=1700000000 LC_ALL=C.UTF-8 TZ=UTC
# of one kind of entity, and of several; the status of a reader that skips itself (77) is ours
mkdir one kinds
"$make_exports" "$work/one"
"$make_exports" "$work/kinds" kinds
for graph in one kinds; do
    (cd $graph && HERE=$here sh "$here/$2.sh")
done
