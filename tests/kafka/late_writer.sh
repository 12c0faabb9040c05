#!/usr/bin/env bash
# A process that stops for longer than its session and then wakes up: what it had is taken over, and it cannot write over what its successor
# has saved, nor does it keep what it had read for itself. Nothing is lost and nothing counts twice.
. "$(dirname "$0")/lib.sh"

topic "$NAME" 4
topic "$NAME-bad" 1
events 12000 9 >all.keyed
job job.yaml "$NAME" "$NAME"
job file.yaml '' ''
options=(--config job.yaml --shards shards --set ingest.dead_letter_topic="$NAME-bad")
follow() {
    "$RINGFENCE" build "${options[@]}" --until never --set ingest.checkpoint_interval="$2" --set kafka.session.timeout.ms=2000 \
        --set kafka.heartbeat.interval.ms=300 2>"$1.err" &
    children+=($!)
}
saved() {
    "$RINGFENCE" inspect lag "${options[@]}" --json 2>>lag.err | python3 -c '
import json, sys
partitions = json.load(sys.stdin)["partitions"]
sys.exit(sum(max(p["saved"] or 0, 0) for p in partitions) != int(sys.argv[1]))' "$1"
}
taken() {
    [ "$(grep -c ' taken' "$1.err")" -ge "$2" ]
}

# the sleeper saves once, reads on, and is stopped before it saves again
follow sleeper 3s
sleeper=${children[0]}
head -n 4000 all.keyed | produce "$NAME"
wait_until 30 taken sleeper 4 || fail "the first process does not have all partitions"
wait_until 30 saved 4000 || fail "the first process did not save"
head -n 6000 all.keyed | tail -n +4001 | produce "$NAME"
sleep 1
kill -STOP "$sleeper"

# its successor waits for it a while, then shuts it out and reads what it had not saved
follow successor 500ms
successor=${children[1]}
wait_until 60 taken successor 4 || fail "the second process did not take over"
head -n 9000 all.keyed | tail -n +6001 | produce "$NAME"
wait_until 60 saved 9000 || fail "the second process did not save what the first had not"

kill -CONT "$sleeper"
wait_until 60 grep -qE 'lost|taken over' sleeper.err || fail "the first process does not notice: $(cat sleeper.err)"
tail -n +9001 all.keyed | produce "$NAME"
wait_until 60 saved 12000 || fail "the two did not go on"
status=0
kill -TERM "$sleeper" "$successor"
wait "$sleeper" || status=$?
[ $status -eq 130 ] || fail "the first process ended with $status"
status=0
wait "$successor" || status=$?
[ $status -eq 130 ] || fail "the second process ended with $status"

expect 0 "$RINGFENCE" merge "${options[@]}" --output merged.h5
expect 0 "$RINGFENCE" build --config file.yaml --graph file.h5
same_graph merged.h5 file.h5
say "ok"
