#!/usr/bin/env bash
# A build that follows a topic: it saves by the clock, ends at once on a signal with everything saved, and `--until now` publishes.
# A SIGKILL loses nothing, either.
. "$(dirname "$0")/lib.sh"

topic "$NAME" 2
events 6000 5 >all.keyed
cp events.jsonl all.jsonl
job job.yaml "$NAME" "$NAME"
job file.yaml '' ''
follow() {
    "$RINGFENCE" build --config job.yaml --until never --set ingest.checkpoint_interval=1s 2>follow.err &
    follower=$!
    children+=("$follower")
}
saved() {
    "$RINGFENCE" inspect lag --config job.yaml --json 2>>lag.err >lag.json &&
        python3 -c 'import json, sys; sys.exit(sum(max(p["saved"] or 0, 0) for p in json.load(open("lag.json"))["partitions"]) != int(sys.argv[1]))' "$1"
}

head -n 2000 all.keyed | produce "$NAME"
follow
wait_until 30 saved 2000 || fail "2000 messages were not saved by the clock"
[ ! -e graph.h5 ] || fail "following publishes nothing"

# a second one on the same graph is refused
expect 1 "$RINGFENCE" build --config job.yaml
one_line "another ringfence \(process $follower\)"

head -n 3000 all.keyed | tail -n +2001 | produce "$NAME"
wait_until 30 saved 3000 || fail "3000 messages were not saved"

# idle, then SIGTERM
began=$(date +%s%N)
kill -TERM "$follower"
status=0
wait "$follower" || status=$?
took=$((($(date +%s%N) - began) / 1000000))
[ $status -eq 130 ] || fail "SIGTERM ended it with $status"
[ $took -lt 5000 ] || fail "SIGTERM took $took ms"
grep -q 'the same command continues' follow.err || fail "it does not say how to go on"

# killed in the middle
head -n 5000 all.keyed | tail -n +3001 | produce "$NAME"
follow
wait_until 30 saved 5000 || fail "5000 messages were not saved"
tail -n +5001 all.keyed | produce "$NAME"
kill -KILL "$follower"
wait "$follower" 2>/dev/null || true

expect 0 "$RINGFENCE" build --config job.yaml --until now
cp all.jsonl events.jsonl
expect 0 "$RINGFENCE" build --config file.yaml --graph file.h5
same_graph graph.h5 file.h5
[ ! -e graph.h5.building ] || fail "the half-built state is still there"
[ ! -e graph.h5.lock ] || fail "the lock is still there"
saved 6000 || fail "the published graph does not hold all offsets"
expect 0 "$RINGFENCE" inspect lag --config job.yaml
grep -qE "^$NAME\[1\] " last.out || fail "no row of partition 1"
grep -qE '^all .* 0 +0$' last.out || fail "not caught up: $(tail -n 1 last.out)"

# `from` is about the first start, even if that found nothing
topic "$NAME-late" 1
head -n 3000 all.keyed | produce "$NAME-late"
late() {
    expect "$1" "$RINGFENCE" build --config job.yaml --topics "$NAME-late" --set kafka.group.id="$NAME-late" --graph late.h5 --from latest
}
late 0
said 'no message was read yet'
tail -n +3001 all.keyed | produce "$NAME-late"
late 0
said '3,000 records read'
say "ok"
