#!/usr/bin/env bash
# bench-kafka.sh - measures how fast `ringfence build` reads a topic, compared with the simplest client. One broker, one topic of JSON
# events of about 200 bytes (lz4, 6 partitions, keyed by user); then, in turn, `kcat -C -e -q` into /dev/null and `ringfence build`
# until now into a graph that does not exist yet. Prints both rates and their ratio: for reading (fetching, parsing, interning,
# aggregating, saving the state now and then) and for the whole command with features and graph.h5; last, where the
# processor time of one more build went.
#
#   scripts/bench-kafka.sh
#
#   EVENTS=10000000 SEED=1 RUNS=5       events in the topic, their seed, runs of each
#   IDS=0                               1 maps event_id, too: the graph then drops repeats (this source makes none)
#   PROFILE=1                           0 makes no profile (a profile needs `perf`: Debian's linux-perf)
#   OPTIONS=""                          more options for `ringfence build`, for example "--set source.queue_messages=20000"
#   RINGFENCE=PATH                      the program, instead of a release build made here
#   WORK=DIR                            keeps figures and profile there
set -euo pipefail
cd "$(dirname "$0")/.."
events=${EVENTS:-10000000} seed=${SEED:-1} runs=${RUNS:-5} profile=${PROFILE:-1}
event_id=''
[ "${IDS:-0}" = 0 ] || event_id='event_id: event_id'
topic=orders
kafka=$PWD/scripts/kafka.sh

command -v kcat >/dev/null || { echo "SKIP: kcat is not installed" >&2; exit 77; }
if [ -n "${RINGFENCE:-}" ]; then
    ringfence=$RINGFENCE
else
    cmake --preset release >/dev/null
    cmake --build --preset release --target ringfence -- -j 2 >/dev/null
    ringfence=$PWD/build/release/cli/ringfence
fi

scratch=$(mktemp -d "${TMPDIR:-/tmp}/ringfence-bench-XXXXXX")
keep=${WORK:-$scratch}
mkdir -p "$keep"
clean_up() {
    "$kafka" stop --dir "$scratch/broker"
    rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
export OPENBLAS_NUM_THREADS=1

"$kafka" start --dir "$scratch/broker" --while $$ --set log.retention.ms=-1 --set log.retention.bytes=-1 >"$scratch/start.out"
export KAFKA_HOME_DIR=$scratch/broker
bootstrap=$(tail -n 1 "$scratch/start.out")
"$kafka" topic "$topic" 6

# The planted truth and the keys that the configuration below does not read are left out: about 200 bytes remain. An event's key is its user.
echo "== loading $events events"
from=$(date +%s.%N)
"$ringfence" simulate --events "$events" --seed "$seed" --output - --quiet |
    awk -F'"' '{ sub(/,"label":.*/, "}"); sub(/"kind":"[a-z]*",/, ""); sub(/"device":"[0-9a-z]*",/, "")
                 print $12 "\t" $0 }' |
    kcat -P -q -b "$bootstrap" -t "$topic" -K '	' -z lz4 -X partitioner=murmur2_random -X linger.ms=50 \
        -X batch.size=200000 -X queue.buffering.max.messages=200000
to=$(date +%s.%N)

cat >"$scratch/job.yaml" <<END
source: {type: kafka, topics: [$topic]}
kafka: {bootstrap.servers: "$bootstrap"}
fields:
  user: user
  entity: entity
  time: {field: time, format: iso8601, zone: UTC}
  $event_id
  attributes:
    amount: {type: number, log1p: true}
    promo: {type: number, log1p: true}
    refund: {type: boolean}
    declined: {type: boolean}
    rating: {type: category, top: 5, required: false}
    account_days: {type: number, log1p: true}
    channel: {type: category, top: 4}
    country: {type: category, top: 6}
graph: {file: graph.h5, window: 30d, as_of: "2026-01-31T00:00:00Z", bucket: 1h}
END

# timed NAME COMMAND…: one line of JSON with wall, user and system seconds.
timed() {
    local name=$1 TIMEFORMAT='"wall":%R,"user":%U,"system":%S'
    shift
    { time "$@" 2>"$scratch/command.err" >/dev/null; } 2>"$scratch/times" || { cat "$scratch/command.err" >&2; exit 1; }
    echo "{\"what\":\"$name\",$(cat "$scratch/times")}" >>"$keep/runs.jsonl"
}

bytes=$(kcat -C -q -c 1000 -o beginning -b "$bootstrap" -t "$topic" -p 0 -f '%S\n' | awk '{ s += $1 } END { printf "%.0f", s / NR }')
stored=$(du -sm "$scratch/broker/data" | cut -f 1)
awk -v a="$from" -v b="$to" -v n="$events" -v bytes="$bytes" -v stored="$stored" \
    'BEGIN { printf "%.1f s, %.0f events a second; %d bytes a value on average, %d MB on the broker\n", b - a, n / (b - a), bytes, stored }'

: >"$keep/runs.jsonl"
build() {
    rm -rf "$scratch/run"
    # shellcheck disable=SC2086
    "$@" "$ringfence" build --config "$scratch/job.yaml" --set output="$scratch/run" --set kafka.group.id="bench-$RANDOM$RANDOM" \
        --until now --summary "$scratch/summary.json" --no-progress ${OPTIONS:-}
}

echo "== $runs runs of each, in turn"
kcat -C -e -q -b "$bootstrap" -t "$topic" >/dev/null # the broker's first reading is not counted
for _ in $(seq "$runs"); do
    timed kcat kcat -C -e -q -b "$bootstrap" -t "$topic"
    timed build build
    python3 -c 'import json, sys; print(json.dumps({"what": "summary", **json.load(open(sys.argv[1]))}))' \
        "$scratch/summary.json" >>"$keep/runs.jsonl"
done

python3 - "$events" "$keep/runs.jsonl" <<'END'
import json, statistics, sys

n = int(sys.argv[1])
runs = [json.loads(line) for line in open(sys.argv[2])]
kcat, build, summaries = ([r for r in runs if r["what"] == what] for what in ("kcat", "build", "summary"))
for s in summaries:
    if s["events"]["read"] != n:
        sys.exit(f"a build read {s['events']['read']:,} events, not {n:,}")
reading = [s["kafka"]["reading_seconds"] for s in summaries]


def line(name, walls, cpu):
    rate = [n / w for w in walls]
    print(f"{name:22} {statistics.median(rate):12,.0f} events/s   {min(rate):12,.0f} to {max(rate):,.0f}"
          + (f"   {statistics.median(cpu):6.2f} s of processor time" if cpu else ""))
    return statistics.median(rate)


def cpu(rows):
    return [r["user"] + r["system"] for r in rows]


k = line("kcat to /dev/null", [r["wall"] for r in kcat], cpu(kcat))
r = line("build, reading", reading, None)
b = line("build, whole command", [r["wall"] for r in build], cpu(build))
peak = max(step["peak_rss_bytes"] for s in summaries for step in s["steps"])
print(f"ratio of reading to kcat {r / k:.3f}, of the whole command {b / k:.3f}; peak {peak / 2**20:,.0f} MiB resident, "
      f"{summaries[-1]['users']:,} users, {summaries[-1]['entities']:,} entities, {summaries[-1]['edges']:,} edges")
print(json.dumps({"bench": "kafka", "events": n, "kcat_events_per_s": round(k), "reading_events_per_s": round(r),
                  "build_events_per_s": round(b), "reading_ratio": round(r / k, 3), "build_ratio": round(b / k, 3)}))
END

[ "$profile" != 0 ] || exit 0
if ! command -v perf >/dev/null || ! perf record -q -e cpu-clock -o "$scratch/try" true 2>/dev/null; then
    echo "no profile: perf is not installed or not permitted (kernel.perf_event_paranoid)"
    exit 0
fi
echo "== where one more build spends its processor time"
build perf record -q -e cpu-clock -F 499 -o "$keep/perf.data" >/dev/null 2>"$scratch/command.err" ||
    { cat "$scratch/command.err" >&2; exit 1; }
perf script -i "$keep/perf.data" -F comm,time,ip,sym,dso 2>/dev/null >"$scratch/samples"
# the source file of each function, where the program lies in the folder of its build
objects=$(dirname "$ringfence")/..
[ -e "$objects/CMakeCache.txt" ] || objects=$scratch/start.out # no folder: nothing is found
find "$objects" -path "*CMakeFiles/rf_*.dir/*.c.o" ! -path "*_f64.dir*" | while read -r object; do
    file=$(basename "$object" .c.o) room=$(basename "$(dirname "$object")" .dir)
    nm "$object" 2>/dev/null | awk -v f="${room#rf_}/$file.c" '$2 ~ /^[tT]$/ { print $3, f }'
done >"$scratch/functions"
python3 - "$scratch/samples" "$scratch/functions" "$scratch/summary.json" <<'END'
import collections, json, re, sys

hertz = 499
reading = json.load(open(sys.argv[3]))["kafka"]["reading_seconds"]
of = collections.defaultdict(set)


def plain(symbol):
    return re.sub(r"(\+0x[0-9a-f]+|\.(part|constprop|isra|cold).*)$", "", symbol)


for line in open(sys.argv[2]):
    name, file = line.split()
    of[plain(name)].add(file)


def part_of(thread, symbol, library):
    client = thread.startswith("rdk")
    if library.startswith("[") or "kernel" in library:
        return "kernel, client's threads" if client else "kernel"
    if library == "ringfence":
        return "ringfence " + " or ".join(sorted(of[symbol])) if symbol in of else "ringfence"
    return library + (", client's threads" if client else "")


samples = []
for line in open(sys.argv[1]):
    found = re.match(r"\s*(.+?)\s+([0-9.]+):\s+[0-9a-f]+ (.*) \((.*)\)$", line)
    if found:
        thread, time, symbol, library = found.groups()
        samples.append((float(time), thread, plain(symbol), library.rsplit("/", 1)[-1]))
began = min(s[0] for s in samples)


def table(title, counter, total, n):
    print(f"-- {title}")
    for name, count in counter.most_common(n):
        print(f"  {count / hertz:8.2f} s {count / total:6.1%}  {name}")


for name, some in (("reading", [s for s in samples if s[0] < began + reading]),
                   ("the rest, features and graph.h5", [s for s in samples if s[0] >= began + reading])):
    if some:
        print(f"== {name}: {len(some) / hertz:.2f} s of processor time")
        table("by thread", collections.Counter(s[1] for s in some), len(some), 8)
        table("by part", collections.Counter(part_of(*s[1:]) for s in some), len(some), 20)
        table("by function", collections.Counter(f"{s[2]} ({s[3]})" for s in some), len(some), 20)
END
