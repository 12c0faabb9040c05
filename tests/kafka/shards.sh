#!/usr/bin/env bash
# Two processes of one group, a shard a partition: they share the partitions, one is killed and the other goes on with what it had saved,
# and merging gives the bytes of one process that reads a file. What is left of the topic is read by the job that ends.
. "$(dirname "$0")/lib.sh"

topic "$NAME" 6
topic "$NAME-bad" 1
events 30000 3 >all.keyed
cp events.jsonl all.jsonl
job job.yaml "$NAME" "$NAME"
job file.yaml '' ''
options=(--config job.yaml --shards shards --set ingest.dead_letter_topic="$NAME-bad")
follow() {
    "$RINGFENCE" build "${options[@]}" --until never --set ingest.checkpoint_interval=500ms --set kafka.session.timeout.ms=3000 \
        --set kafka.heartbeat.interval.ms=500 2>"$1.err" &
    children+=($!)
}
lag() {
    "$RINGFENCE" inspect lag "${options[@]}" --json
}
saved() {
    lag 2>>lag.err | python3 -c '
import json, sys
partitions = json.load(sys.stdin)["partitions"]
sys.exit(sum(max(p["saved"] or 0, 0) for p in partitions) != int(sys.argv[1]))' "$1"
}
share() {
    [ "$(grep -c 'taken' "$1.err")" -ge 1 ]
}
compare() {
    expect 0 "$RINGFENCE" merge "${options[@]}" --output merged.h5
    expect 0 "$RINGFENCE" build --config file.yaml --graph file.h5 --rebuild
    same_graph merged.h5 file.h5
}

head -n 10000 all.keyed | produce "$NAME"
follow a
wait_until 30 share a || fail "the first process has no partition"
follow b
wait_until 60 share b || fail "the second process has no partition"
head -n 20000 all.keyed | tail -n +10001 | produce "$NAME"
wait_until 60 saved 20000 || fail "20000 messages were not saved: $(lag)"
grep -qE '[1-9][0-9,]* messages read, saved' a.err || fail "the first process let nothing go to the second"
cp all.jsonl whole.jsonl
head -n 20000 whole.jsonl >events.jsonl
compare

# one dies, the other has all; what the dead one had not saved is read again
head -n 25000 all.keyed | tail -n +20001 | produce "$NAME"
kill -KILL "${children[0]}"
wait "${children[0]}" 2>/dev/null || true
wait_until 60 saved 25000 || fail "the second process did not take over: $(lag)"
status=0
kill -TERM "${children[1]}"
wait "${children[1]}" || status=$?
[ $status -eq 130 ] || fail "SIGTERM ended the second process with $status"

# the scheduled job, twice at the same time
tail -n +25001 all.keyed | produce "$NAME"
"$RINGFENCE" build "${options[@]}" --summary c.json 2>c.err &
children+=($!)
expect 0 "$RINGFENCE" build "${options[@]}" --summary d.json
wait $! || fail "the other scheduled job ended with $?"
python3 -c '
import json, sys
assert sum(json.load(open(f))["kafka"]["consumed"] for f in ("c.json", "d.json")) == 5000' || fail "the jobs did not read 5000 messages"
cp whole.jsonl events.jsonl
compare

lag >lag.json
python3 -c '
import json
lag = json.load(open("lag.json"))
assert len(lag["partitions"]) == 6 and lag["lag"] == 0 and lag["missed"] == 0, lag
assert all(p["committed"] == p["saved"] == p["high"] for p in lag["partitions"]), lag' || fail "inspect lag"
say "ok"
