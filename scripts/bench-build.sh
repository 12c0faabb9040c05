#!/usr/bin/env bash
# bench-build.sh - measures speed and memory of a build from ten million simulated events, and where its time goes.
#
#   scripts/bench-build.sh [EVENTS]           makes the file if it is missing (default build/bench/events.jsonl); CSV where its name
#                                             ends in .csv
#
#   EVENTS=10000000 SEED=1 RUNS=3             size and seed of a file to be made, runs of each stage
#   THREADS=1                                 of the build; the stages that follow have their own
#   NEW=0                                     1: also what a build takes that finds the last of 100 events new, as an hourly one does
#
# Prints the summary of `ringfence build`, then one JSON line for each of three nested stages: parsing, parsing and
# interning, parsing and interning and aggregating (median of RUNS runs on one thread, from standard input), and one for
# all of that with a thread that reads ahead, as a build does it with files. At the end it prints the share of each stage in the processor time.
set -euo pipefail
cd "$(dirname "$0")/.."

events=${EVENTS:-10000000}
seed=${SEED:-1}
runs=${RUNS:-3}
threads=${THREADS:-1}
file=${1:-build/bench/events.jsonl}
folder=$(dirname "$file")
mkdir -p "$folder"

cmake --preset release > /dev/null
cmake --build --preset release --target ringfence bench_build -- -j 2 > /dev/null
ringfence=$(find build/release -type f -name ringfence -perm -u+x | head -n 1)
bench=$(find build/release -type f -name bench_build -perm -u+x | head -n 1)

if [ ! -e "$file" ]; then
  "$ringfence" simulate --events "$events" --seed "$seed" --output "$file"
fi
# the configuration depends on the options alone; its events are not needed
"$ringfence" simulate --events 1 --seed "$seed" --output "$folder/one.jsonl" --kinds one --write-config "$folder/orders.yaml" \
  --set "output=$folder/run" --quiet
sed -i '/^    device: /d; /^    # the device/d' "$folder/orders.yaml" # merchants alone, without their devices
rm -rf "$folder/run" "$folder/one.jsonl"
mkdir -p "$folder/run"

echo "== ringfence build, $threads threads: $(du -h "$file" | cut -f 1) of JSON Lines"
# build PATHS: prints its times, too, and leaves them in times
build() {
  local TIMEFORMAT='processor time: %U s, and %S s in the system; %R s by the clock'
  { time "$ringfence" build --config "$folder/orders.yaml" --set "source.paths=[$1]" --threads "$threads" \
    --summary "$folder/build.json"; } 2>"$folder/times" || { cat "$folder/times" >&2; exit 1; }
  cat "$folder/times"
}
build "\"$file\""
cat "$folder/build.json"
tail -n 1 "$folder/times" >"$folder/all"

if [ "${NEW:-0}" = 1 ]; then
  n=$(wc -l <"$file") extension=${file##*.}
  rm -rf "$folder/run" "$folder/parts"
  mkdir -p "$folder/run" "$folder/parts"
  head -n "$((n - n / 100))" "$file" >"$folder/parts/a.$extension"
  cp "$folder/build.json" "$folder/first.json"
  build "\"$folder/parts/*.$extension\"" >/dev/null
  [ "$extension" != csv ] || head -n 1 "$file" >"$folder/parts/b.csv"
  tail -n "$((n / 100))" "$file" >>"$folder/parts/b.$extension"
  echo "== the same with the last hundredth of the events new"
  build "\"$folder/parts/*.$extension\""
  paste -d '\n' "$folder/all" <(tail -n 1 "$folder/times") | awk '{ user[NR] = $3 + $6; wall[NR] = $11 }
      END { printf "of all events: %.2f of the processor time, %.2f of the time by the clock\n", user[2] / user[1], wall[2] / wall[1] }'
  mv "$folder/first.json" "$folder/build.json"
  rm -rf "$folder/parts"
fi

echo
echo "== stages, median of $runs"
"$bench" "$file" "$runs" | tee "$folder/stages.jsonl"
python3 - "$folder/stages.jsonl" "$folder/build.json" <<'END'
import json, sys
stages = [json.loads(line) for line in open(sys.argv[1])]
build = json.load(open(sys.argv[2]))
step = next(s for s in build["steps"] if s["name"] == "build")
parse, intern, aggregate, _ = (s["cpu_seconds"] for s in stages)
rows = [("parsing", parse), ("interning", intern - parse), ("aggregating", aggregate - intern)]
n, last, ahead = stages[0]["events"], *stages[-2:]
print(f"\n{n:,} events into the graph on one thread: {last['events_per_second']:,.0f} a second, "
      f"{last['events_per_cpu_second']:,.0f} a second of processor time")
for name, seconds in rows:
    print(f"  {name:12} {seconds:8.2f} s  {seconds / aggregate:6.1%}")
print(f"with a thread that reads ahead: {ahead['events_per_second']:,.0f} a second")
print(f"ringfence build, features and graph.h5 included: {step['seconds']:.2f} s, {n / step['seconds']:,.0f} events a "
      f"second, peak {step['peak_rss_bytes'] / 2**20:,.0f} MiB resident")
END
