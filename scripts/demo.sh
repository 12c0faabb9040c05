#!/usr/bin/env bash
# demo.sh - runs ringfence on a machine with nothing installed: it reads simulated orders with planted rings, and finds anomalies.
# An order names a merchant, a device, a card, an address and an IP; the rings share some of them.
#
#   scripts/demo.sh [FOLDER]          writes everything to FOLDER (default runs/demo, which is emptied first)
#   scripts/demo.sh --kafka [FOLDER]  the same between two topics of a real broker, which it starts and stops
#                                     (default runs/demo-kafka; without Java or kcat it skips: exit status 77)
#
#   EVENTS=200000 SEED=1 THREADS=2    size, seed of the events, threads
#   NO_SETUP=1                        the libraries are installed: do not look for them
#
# The same seed gives the same bytes in every file: SOURCE_DATE_EPOCH fixes the date in them.
set -euo pipefail
cd "$(dirname "$0")/.."

kafka='' default=runs/demo
if [ "${1:-}" = --kafka ]; then
  kafka=yes default=runs/demo-kafka
  shift
fi
folder=${1:-$default}
events=${EVENTS:-200000}
seed=${SEED:-1}
threads=${THREADS:-2}
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-1769817600}

bold='' plain=''
if [ -t 1 ]; then bold=$'\033[1m' plain=$'\033[0m'; fi
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

if [ -n "${1:-}" ] && [ -e "$folder" ] && [ -n "$(ls -A "$folder")" ]; then
  echo "demo.sh: $folder is not empty; give the name of a new folder" >&2
  exit 2
fi
if [ -z "${1:-}" ]; then
  rm -rf "$default"
fi
mkdir -p "$folder"

if [ -z "${NO_SETUP:-}" ]; then
  say "1. Libraries (scripts/setup.sh)"
  scripts/setup.sh
  # turns the SVG picture into a PNG; the demo goes on without it
  if ! command -v rsvg-convert > /dev/null && command -v apt-get > /dev/null; then
    as_root=$([ "$(id -u)" = 0 ] || echo sudo)
    $as_root apt-get install -y --no-install-recommends librsvg2-bin > /dev/null 2>&1 ||
      echo "no rsvg-convert (package librsvg2-bin): the picture stays an SVG"
  fi
fi

say "2. Build (release)"
cmake --preset release > "$folder/cmake.log" || { cat "$folder/cmake.log"; exit 1; }
cmake --build --preset release --target ringfence -- -j "$threads" > "$folder/build.log" ||
  { cat "$folder/build.log"; exit 1; }
rm -f "$folder/cmake.log" "$folder/build.log"
ringfence=$(find build/release -type f -name ringfence -perm -u+x | head -n 1)
echo "$ringfence"

if [ -n "$kafka" ]; then
  . scripts/demo-kafka.sh
  exit 0
fi

from=$SECONDS
say "3. $events simulated orders; about one in a hundred belongs to a planted fraud"
"$ringfence" simulate --events "$events" --seed "$seed" --output "$folder/events.jsonl" \
  --write-config "$folder/orders.yaml" --set "output=$folder"
head -n 1 "$folder/events.jsonl"

say "4. The whole job: ringfence run --config $folder/orders.yaml"
"$ringfence" run --config "$folder/orders.yaml" --threads "$threads"

say "5. The worst ring"
picture=ring.svg
if command -v rsvg-convert > /dev/null; then
  rsvg-convert --width 1600 --keep-aspect-ratio --background-color white --output "$folder/ring.png" "$folder/ring.svg"
  picture="ring.svg, .png"
fi
. scripts/demo-page.sh
write_page
cat <<END

All files are in $folder:
  events.jsonl     the events, with the planted truth in label, fraud_type, ring and look_alike
  orders.yaml      the configuration of the run; comments explain it
  graph.h5         users, merchants, devices, cards, addresses, IPs and edges with their features; the state for the next, incremental build
  model.h5         the trained autoencoder
  scores.h5        a score with its parts, percentile and reasons for every user, entity and edge; tags with evidence; clusters
  clusters.h5      the members of each cluster, so that the next run recognises it
  actions.jsonl    one message for each alert (a ring is one), as many as the budget allows, with reasons, tags and evidence
  alerts.h5        the alerts that were emitted, so that the next run says only what is new, worse or gone
  audit.jsonl      the record of what was done and why: the run, its rules, thresholds, suppressions and emissions
  evaluation.json  ROC-AUC, PR-AUC and more against the planted truth
  ring.html        the page above
$(printf '  %-16s the worst user, its worst edges, and the other users of those entities' "$picture")
  summary.json     counts, times and memory of each step

Next: docs/INVESTIGATE.md (the same ring in Gephi, Cytoscape, Neo4j), notebooks/README.md (the run as tables).
Simulated and analysed in $((SECONDS - from)) s.
END
