#!/bin/sh
# run.sh RINGFENCE MAKE_EXPORTS: pages of a simulated run (its worst ring, 500 and 5,000 nodes) and one of hostile ids, opened
# from disk in headless Chromium and used as an investigator would (test_ring.mjs, test_page.mjs); and one of three kinds of
# entity (test_kinds.mjs), and two with a hub (test_hubs.mjs). What needs no page is tested without one (test_parts.mjs). KEEP=1 leaves the folder.
set -eu
ringfence=$1
make_exports=$2
here=$(cd "$(dirname "$0")" && pwd)
browser=$("$here/fetch.sh" browser)
modules=$("$here/fetch.sh" modules)
work=$(mktemp -d "${TMPDIR:-/tmp}/ringfence-page-XXXXXX")
trap '[ -n "${KEEP:-}" ] || rm -rf "$work"' EXIT
cd "$work"
export SOURCE_DATE_EPOCH=1769817600 LC_ALL=C.UTF-8 TZ=UTC

"$ringfence" simulate --events 200000 --seed 1 --output events.jsonl --kinds one --write-config orders.yaml --set output="$work" --quiet
"$ringfence" run --config orders.yaml --set train.epochs=12 --threads 2 --quiet --no-progress >/dev/null
"$ringfence" tag --graph graph.h5 --scores scores.h5 --quiet >/dev/null
"$ringfence" cluster --graph graph.h5 --scores scores.h5 --quiet >clusters.txt
# two thirds of the worst ring's members
part=$(sed -n 's/^c-[0-9a-f]* *\([0-9]*\) + \([0-9]*\) .*/\1 \2/p' clusters.txt | awk 'NR == 1 { print int(($1 + $2) * 2 / 3) }')
for nodes in 500 5000; do
    "$ringfence" export --graph graph.h5 --scores scores.h5 --format html --select percentile=0.9 --max-nodes $nodes \
        --output page-$nodes.html --quiet
done
"$ringfence" export --graph graph.h5 --scores scores.h5 --format html --select cluster=worst --output page-ring.html --quiet
"$ringfence" export --graph graph.h5 --scores scores.h5 --format html --select cluster=worst --max-nodes "$part" --output page-cut.html --quiet
"$make_exports" "$work"
mkdir "$work/kinds"
"$make_exports" "$work/kinds" kinds
awk 'BEGIN {
    print "u,s,ip,t"
    for (i = 0; i < 240; i++)
        printf "u%02d,s%d,%s,2026-01-%02dT%02d:00:00Z\n", i % 80, i % 7, i % 3 ? "nat" : "ip" i % 11, 1 + i % 28, i % 24
}' >hubs.csv
echo '{source: {paths: [hubs.csv]}, fields: {user: u, entities: {shop: s, ip: {field: ip, hub_degree: 60}}, time: t}, output: hubs}' >hubs.yaml
"$ringfence" run --config hubs.yaml --set train.epochs=2 --quiet --no-progress >/dev/null 2>&1
"$ringfence" export --config hubs.yaml --format html --select around=u01 --output hubs.html --quiet
"$ringfence" export --config hubs.yaml --format html --select around-ip=nat --output hub.html --quiet

# a module is looked for beside its importer
cp "$here"/*.mjs "$work"
ln -s "$modules" node_modules
export CHROMIUM="$browser"
node test_parts.mjs "$here/../../export/page/src"
node test_ring.mjs "$work"
node test_kinds.mjs "$work/kinds/all.html"
node test_hubs.mjs "$work"
node test_page.mjs "$work"
