#!/usr/bin/env bash
# bench-kinds-build.sh - what a second kind of entity costs a build: events of users behind a few mobile IPs, with the
# column `ip` and without it.
#
#   scripts/bench-kinds-build.sh [RINGFENCE]...   the programs to compare (default build/release/cli/ringfence)
#
#   EVENTS=10000000 IPS=20                        ten events a user with 2,000 shops, each from any of the IPs
#   FORMAT=jsonl                                  or csv
#   THREADS=2 RUNS=3                              of each build
#   FOLDER=build/bench/kinds                      where events and graphs go; events that are there are taken
#
# Builds with all programs and both files take turns. Prints for each program the medians: processor time of all threads
# in seconds, what of it is spent outside the system, the clock, peak memory in MB, and how many times as much the column
# makes of each. What the system takes is mostly copying into its cache of files; on virtual machines a page that nothing
# has touched for a while can take ten times as long, so that it varies by seconds.
set -euo pipefail
cd "$(dirname "$0")/.."
events=${EVENTS:-10000000} ips=${IPS:-20} format=${FORMAT:-jsonl} folder=${FOLDER:-build/bench/kinds}
[ $# -gt 0 ] || set -- build/release/cli/ringfence
mkdir -p "$folder"
with=$folder/with-$events-$ips.$format without=$folder/without-$events-$ips.$format

# The same events in both files, but for the column.
make_events() {
  awk -v n="$events" -v ips="$ips" -v format="$format" -v with="$with" -v without="$without" 'BEGIN {
      srand(5)
      users = int(n / 10) > 0 ? int(n / 10) : 1
      json = "{\"user\":\"user-%d\",\"shop\":\"shop-%d\",\"time\":%d,\"amount\":%.2f,\"channel\":\"%s\",\"refund\":%d%s"
      csv = "user-%d,shop-%d,%d,%.2f,%s,%d,%s"
      if (format == "csv") {
        print "user,shop,time,amount,channel,refund,rating,ip" >with
        print "user,shop,time,amount,channel,refund,rating" >without
      }
      for (i = 0; i < n; i++) {
        rating = rand() < 1 / 3 ? int(rand() * 5) : ""
        if (format != "csv") rating = rating == "" ? "" : ",\"rating\":" rating
        event = sprintf(format == "csv" ? csv : json, i * 7919 % users, rand() * 2000, 1767225600 + int(rand() * 2592000),
                        rand() * 1000, rand() < 0.5 ? "app" : "web", rand() < 0.05, rating)
        ip = "100.64.0." int(rand() * ips)
        if (format == "csv") { print event "," ip >with; print event >without }
        else { print event ",\"ip\":\"" ip "\"}" >with; print event "}" >without }
      }
    }'
}
[ -s "$with" ] && [ -s "$without" ] || make_events

# configuration KINDS
configuration() {
  echo "fields: {user: user, entities: {shop: {field: shop, required: true}$1}, time: {field: time, format: s},"
  echo "  attributes: {amount: {type: number, log1p: true}, channel: {type: category, top: 4}, refund: boolean, rating: {type: number, required: false}}}"
  echo "source: {format: $format}"
}
configuration ", ip: {field: ip, hub_percentile: 0.999}" >"$folder/with.yaml"
configuration "" >"$folder/without.yaml"

# build RINGFENCE with|without: a line of processor time, user time, clock and memory
build() {
  local TIMEFORMAT='%U %S %R' times file=$with
  [ "$2" = with ] || file=$without
  rm -rf "$folder/run"
  mkdir -p "$folder/run"
  times=$({ time "$1" build --config "$folder/$2.yaml" --set "output=$folder/run" --threads "${THREADS:-2}" --quiet \
    --summary "$folder/build.json" "$file"; } 2>&1) || { echo "$times" >&2; exit 1; }
  echo "$times" "$(sed -n 's/.*"peak_rss_bytes": *\([0-9]*\).*/\1/p' "$folder/build.json" | tail -n 1)" |
    awk '{ print $1 + $2, $1, $3, $4 / 1e6 }'
}

# medians FILE: of each column
medians() {
  for column in 1 2 3 4; do
    cut -d ' ' -f "$column" "$1" | sort -g | awk '{ at[NR] = $1 } END { print (at[int((NR + 1) / 2)] + at[int(NR / 2) + 1]) / 2 }'
  done | paste -s -d ' '
}

rm -f "$folder"/times-*
for run in $(seq "${RUNS:-3}"); do
  n=0
  for ringfence; do
    n=$((n + 1))
    for what in with without; do
      build "$ringfence" "$what" >>"$folder/times-$n-$what"
    done
  done
done
n=0
for ringfence; do
  n=$((n + 1))
  echo "$ringfence: $events events, $ips IPs, ${THREADS:-2} threads, median of ${RUNS:-3}"
  paste -d ' ' <(medians "$folder/times-$n-with") <(medians "$folder/times-$n-without") | awk '{
      printf "  processor time %6.2f s, without the IP %6.2f s: %.2f\n", $1, $5, $1 / $5
      printf "    of the build %6.2f s, without the IP %6.2f s: %.2f\n", $2, $6, $2 / $6
      printf "  clock          %6.2f s, without the IP %6.2f s: %.2f\n", $3, $7, $3 / $7
      printf "  memory         %6.0f MB, without the IP %5.0f MB: %.2f\n", $4, $8, $4 / $8 }'
done
rm -rf "$folder/run"
