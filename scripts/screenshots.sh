#!/bin/sh
# The pictures in README.md: docs/images/ring.svg, the demo's own without the attribute table, and of its page page-ring.png and
# page-card.png, of the worst tagged cluster.
#
#   scripts/demo.sh && scripts/screenshots.sh [FOLDER [OUT]]      default runs/demo, docs/images
#
# RINGFENCE names the binary (default build/release/cli/ringfence). Needs what the browser tests need (tests/page/fetch.sh).
set -eu
cd "$(dirname "$0")/.."
folder=${1:-runs/demo}
out=${2:-docs/images}
ringfence=${RINGFENCE:-build/release/cli/ringfence}
browser=$(tests/page/fetch.sh browser)
modules=$(tests/page/fetch.sh modules)
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-1769817600}"

work=$(mktemp -d "${TMPDIR:-/tmp}/ringfence-screenshots-XXXXXX")
trap 'rm -rf "$work"' EXIT
cp tests/page/*.mjs "$work"
ln -s "$modules" "$work/node_modules"
export_page() {
    "$ringfence" export --graph "$folder/graph.h5" --scores "$folder/scores.h5" --format html --quiet "$@"
}
export_page --select percentile=0.99 --output "$work/all.html"
cluster=$(node "$work/screenshots.mjs" cluster "$work/all.html")
export_page --select "cluster=$cluster" --output "$work/ring.html"
mkdir -p "$out"
sed 's/ data-[a-z0-9_]*="[^"]*"//g' "$folder/ring.svg" >"$out/ring.svg"
CHROMIUM=$browser node "$work/screenshots.mjs" take "$work/ring.html" "$(cd "$out" && pwd)"
ls -l "$out/ring.svg" "$out"/page-ring.png "$out"/page-card.png
