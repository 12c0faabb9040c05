#!/bin/sh
# Makes export/page/page.html, the page that `ringfence export --format html` fills with data, from export/page/src and the
# libraries in export/page/package-lock.json. The result is committed: building ringfence needs neither Node nor npm.
#
#   scripts/build-page.sh [OUT]       default export/page/page.html
#
# Needs Node 18, npm, and a registry that answers; otherwise it exits with 77 and prints the reason.
set -eu
cd "$(dirname "$0")/.."
out=${1:-export/page/page.html}
case $out in /*) ;; *) out=$PWD/$out ;; esac

skip() {
    echo "SKIP: $*" >&2
    exit 77
}
for tool in node npm; do
    command -v "$tool" >/dev/null 2>&1 || skip "$tool is not installed (scripts/setup.sh --dev)"
done

# beside the sources, so that two builds do not meet
work=$(mktemp -d "${TMPDIR:-/tmp}/ringfence-page-XXXXXX")
trap 'rm -rf "$work"' EXIT
cp -r export/page/package.json export/page/package-lock.json export/page/build.mjs export/page/src "$work"
if ! (cd "$work" && timeout 300 npm ci --ignore-scripts --no-audit --no-fund </dev/null) >"$work/npm.log" 2>&1; then
    tail -n 5 "$work/npm.log" >&2
    skip "npm cannot fetch what export/page/package-lock.json names (its last words are above)"
fi
node "$work/build.mjs" "$work/page.html"
mv "$work/page.html" "$out"
