#!/usr/bin/env bash
# The broker is down at the start and comes up; it dies while a build reads, and comes back; it dies and stays dead. The first two
# end in the graph of a file, the third in one line, after which the same command continues.
OWN_BROKER='' . "$(dirname "$0")/lib.sh"

topic "$NAME" 4
events 60000 16 >all.keyed
cp events.jsonl all.jsonl
head -n 30000 all.keyed | produce "$NAME"
job job.yaml "$NAME" "$NAME"
job file.yaml '' ''
sed -i '/event_id:/d' job.yaml file.yaml # repeats must not be hidden
build=("$RINGFENCE" build --config job.yaml --no-progress --set ingest.checkpoint_events=5000 --set ingest.checkpoint_interval=1s)

# down at the start
"$KAFKA" kill
"${build[@]}" --until now --set source.broker_timeout=60s 2>start.err &
job=$!
sleep 2
kill -0 $job 2>/dev/null || fail "it did not wait for the broker"
"$KAFKA" restart >/dev/null
wait $job || fail "it did not recover from a broker that came up late"
head -n 30000 all.jsonl >events.jsonl
expect 0 "$RINGFENCE" build --config file.yaml --graph first.h5
same_graph graph.h5 first.h5

# dies midway: while it reads a first part, then, with more to come
"${build[@]}" --until never --set source.broker_timeout=60s 2>follow.err &
job=$!
lines 30001 45000 all.keyed | produce "$NAME"
sleep 0.5
"$KAFKA" kill
sleep 1.5
"$KAFKA" restart >/dev/null
tail -n +45001 all.keyed | produce "$NAME"
saved() {
    "$RINGFENCE" inspect lag --config job.yaml --json 2>/dev/null >lag.json &&
        python3 -c 'import json, sys; sys.exit(sum(max(p["saved"] or 0, 0) for p in json.load(open("lag.json"))["partitions"]) < 60000)'
}
wait_until 60 saved || fail "it did not go on after the broker came back: $(cat lag.json)"
kill -TERM $job
status=0
wait $job || status=$?
[ $status -eq 130 ] || fail "SIGTERM ended it with $status"
expect 0 "${build[@]}" --until now
cp all.jsonl events.jsonl
expect 0 "$RINGFENCE" build --config file.yaml --graph all.h5
same_graph graph.h5 all.h5

# stays dead: one line, and what was read is saved
"${build[@]}" --until never --set source.broker_timeout=3s 2>last.err &
job=$!
sleep 2
"$KAFKA" kill
status=0
wait $job || status=$?
[ $status -eq 1 ] || fail "a dead broker ended it with $status"
one_line "127.0.0.1"
"$KAFKA" restart >/dev/null
expect 0 "${build[@]}" --until now
same_graph graph.h5 all.h5
