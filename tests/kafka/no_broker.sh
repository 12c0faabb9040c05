#!/usr/bin/env bash
# A broker that is not there, a topic that is not there, a partition that another member has: one clear line each.
. "$(dirname "$0")/lib.sh"

topic "$NAME" 2
events 100 5 | produce "$NAME"
job job.yaml "$NAME" "$NAME"
build() {
    expect "$1" "$RINGFENCE" build --config job.yaml --no-progress "${@:2}"
}

began=$(date +%s)
build 1 --set kafka.bootstrap.servers=127.0.0.1:1 --set source.broker_timeout=2s
one_line '127.0.0.1:1'
[ $(($(date +%s) - began)) -lt 20 ] || fail "giving up took $(($(date +%s) - began)) s, not 2"
# nobody has to wait for that
"$RINGFENCE" build --config job.yaml --set kafka.bootstrap.servers=127.0.0.1:1 2>waits.err &
waits=$!
children+=("$waits")
wait_until 20 grep -q 'Connection refused' waits.err || fail "it does not say that nobody answers"
status=0
kill -TERM $waits
wait $waits || status=$?
[ $status -eq 130 ] || fail "SIGTERM while it waits for a broker: $status"
grep -q '^ringfence: interrupted' waits.err || fail "it does not say that it was interrupted"

build 1 --topics "$NAME-absent" --set source.broker_timeout=5s
one_line "$NAME-absent"
expect 1 "$RINGFENCE" inspect lag --config job.yaml --set source.topics="[$NAME-absent]" --set source.broker_timeout=5s
one_line "$NAME-absent"
build 2 --set kafka.grup.id=x
one_line 'grup.id'

# two graphs, one group: each job would see a part of the topic; one of them at least says so
follow() {
    "$RINGFENCE" build --config job.yaml --graph "$1.h5" --until never --set source.broker_timeout=3s \
        --set ingest.checkpoint_interval=1s 2>"$1.err" &
    children+=($!)
}
follow one
wait_until 30 grep -q 'state saved' one.err || fail "the first job does not get going"
follow two
refused() {
    grep -hE '^ringfence: .*graph\.shards' one.err two.err >refused.line
}
wait_until 60 refused || fail "nobody says that the two jobs take partitions from each other"
grep -qF "$NAME[" refused.line || fail "it does not say which partition: $(cat refused.line)"
say "ok"
