#!/usr/bin/env bash
# Partitions that are added while a build follows the topic are read from their beginning, even where reading had begun at the latest
# message; so are those added between two builds.
. "$(dirname "$0")/lib.sh"

topic "$NAME" 1
job job.yaml "$NAME" "$NAME"
job file.yaml '' ''
events 4000 12 >all.keyed
cp events.jsonl all.jsonl
saved() {
    "$RINGFENCE" inspect lag --config job.yaml --json >lag.json 2>lag.err &&
        python3 -c 'import json, sys; sys.exit(sum(max(p["saved"] or 0, 0) for p in json.load(open("lag.json"))["partitions"]) < int(sys.argv[1]))' "$1"
}

"$RINGFENCE" build --config job.yaml --until never --from latest --set kafka.topic.metadata.refresh.interval.ms=500 \
    --set ingest.checkpoint_interval=1s 2>follow.err &
follower=$!
reading() {
    "$KAFKA" tool groups --describe --group "$NAME" --members 2>/dev/null | grep -q "$NAME"
}
wait_until 30 reading || fail "the build does not get going"
sleep 1
head -n 1000 all.keyed | produce "$NAME"
wait_until 30 saved 1000 || fail "the first 1000 messages are not saved"

"$KAFKA" tool topics --alter --topic "$NAME" --partitions 3
lines 1001 3000 all.keyed | produce "$NAME"
wait_until 60 saved 3000 || fail "messages of the new partitions are not read: $(cat lag.json)"
kill -TERM "$follower"
status=0
wait "$follower" || status=$?
[ $status -eq 130 ] || fail "it ended with $status"
grep -qE "^$NAME\[?[ 12]|$NAME" follow.err || fail "nothing is said of the new partitions"

"$KAFKA" tool topics --alter --topic "$NAME" --partitions 4
tail -n +3001 all.keyed | produce "$NAME"
expect 0 "$RINGFENCE" build --config job.yaml --until now --from latest
cp all.jsonl events.jsonl
expect 0 "$RINGFENCE" build --config file.yaml --graph file.h5
same_graph graph.h5 file.h5
