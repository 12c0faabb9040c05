#!/usr/bin/env bash
# Messages of aborted transactions are not counted, those of committed ones are; a transaction that is open at the end is waited for, for
# "now" is the high watermark. The topic's end is a marker, not a message.
. "$(dirname "$0")/lib.sh"

topic "$NAME" 2
job job.yaml "$NAME" "$NAME"
job file.yaml '' ''
events 4000 14 >all.keyed
cp events.jsonl all.jsonl
part() {
    lines $(($1 * 1000 - 999)) $(($1 * 1000)) all.keyed
}
# transaction N TIMEOUT: its messages; committed at the end of its input, aborted by the broker when it is silent for TIMEOUT
# milliseconds
transaction() {
    mkfifo "feed$1"
    kcat -P -q -b "$BOOTSTRAP" -t "$NAME" -K '	' -X partitioner=murmur2_random -X transactional.id="$NAME-$1" \
        -X transaction.timeout.ms="$2" <"feed$1" 2>"transaction$1.err" &
    producer=$!
    exec 9>"feed$1"
    part "$1" >&9
}
# The last lines may still wait in a pipe.
written() {
    [ "$(kcat -C -e -q -b "$BOOTSTRAP" -t "$NAME" -X isolation.level=read_uncommitted -f 'x\n' | wc -l)" -ge "$1" ]
}

part 1 | produce "$NAME" -X transactional.id="$NAME-1"

transaction 2 4000
wait_until 20 written 1950 || fail "the second transaction is not on the broker"
kill -KILL "$producer"
exec 9>&-
{ wait "$producer" || true; } 2>/dev/null
expect 0 "$RINGFENCE" build --config job.yaml --summary one.json
grep -q '"consumed":1000,' one.json || fail "$(cat one.json)"

transaction 3 60000
wait_until 20 written 2950 || fail "the third transaction is not on the broker"
# not of the transaction, but after its beginning: a reader of committed messages has to wait for it
part 4 | produce "$NAME"
"$RINGFENCE" build --config job.yaml --summary two.json 2>two.err 9>&- &
job=$!
sleep 8
kill -0 $job 2>/dev/null || fail "an open transaction was not waited for"
grep -q "waiting for an open transaction in $NAME" two.err || fail "it does not say what it waits for"
exec 9>&-
wait "$producer" || fail "the third transaction was not committed"
wait $job || fail "the build failed"
# the last lines may have come after its beginning
expect 0 "$RINGFENCE" build --config job.yaml --summary three.json
consumed() {
    sed 's/.*"consumed":\([0-9]*\).*/\1/' "$1"
}
[ $(($(consumed two.json) + $(consumed three.json))) -eq 2000 ] || fail "$(cat two.json three.json)"
grep -q '"lag":0' three.json || fail "a lag is left: $(cat three.json)"
{ head -n 1000 all.jsonl; tail -n +2001 all.jsonl; } >events.jsonl
expect 0 "$RINGFENCE" build --config file.yaml --graph last.h5
same_graph graph.h5 last.h5

# nothing is left to do, and that is seen at once though the last offsets are markers
began=$(date +%s)
expect 0 "$RINGFENCE" build --config job.yaml --summary four.json
[ "$(consumed four.json)" -eq 0 ] || fail "$(cat four.json)"
[ $(($(date +%s) - began)) -lt 15 ] || fail "seeing that nothing is new took $(($(date +%s) - began)) s"
