# evaluation.sh - what the evaluations of simulated orders begin with; they source it as `. scripts/evaluation.sh NAME [MODULE…]`.
#
# Sets here (the repository), ringfence (RINGFENCE, or the release build: else the end), python (one that has the modules: else the end,
# status 77), work (WORK, which is kept, or a temporary folder), and SOURCE_DATE_EPOCH, so that runs repeat.
# shellcheck shell=bash disable=SC2034
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
ringfence=${RINGFENCE:-$here/build/release/cli/ringfence}
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-1769817600}

[ -x "$ringfence" ] || {
    echo "$1: $ringfence is not there; build it (cmake --preset release && cmake --build --preset release) or set RINGFENCE" >&2
    exit 2
}
python=''
for candidate in python3 /usr/bin/python3; do
    "$candidate" -c "$(printf 'import %s\n' json "${@:2}")" 2>/dev/null && python=$candidate && break
done
[ -n "$python" ] || { echo "SKIP: no Python with json ${*:2} (scripts/setup.sh --dev brings it)" >&2; exit 77; }

if [ -n "${WORK:-}" ]; then
    mkdir -p "$WORK"
    work=$(cd "$WORK" && pwd)
else
    work=$(mktemp -d "${TMPDIR:-/tmp}/ringfence-$1-XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM
fi
