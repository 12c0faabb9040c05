#!/usr/bin/env bash
# init and check look at a topic without joining a group or committing anything, and what init writes is what a build reads.
. "$(dirname "$0")/lib.sh"

topic "$NAME" 3
events 600 5 | produce "$NAME"

expect 0 "$RINGFENCE" init "$NAME" --brokers "$BOOTSTRAP" -o job.yaml --set "kafka.group.id=$NAME" --set kafka.sasl.password=x
grep -q '^job.yaml reads 600 of 600 events$' last.out || fail "init did not read all: $(cat last.out)"
grep -q 'user: user ' job.yaml && grep -q 'entity: entity ' job.yaml || fail "other fields: $(cat job.yaml)"

grep -q "# sasl.password" job.yaml || fail "a password was written: $(cat job.yaml)"
expect 0 "$RINGFENCE" check --config job.yaml
grep -q '^600 records read: 600 accepted, 0 rejected, 0 filtered$' last.out || fail "check read something else: $(cat last.out)"
expect 0 "$RINGFENCE" inspect lag --config job.yaml --json
[ "$(grep -o '"committed":null' last.out | wc -l)" = 3 ] || fail "offsets were committed: $(cat last.out)"
[ ! -e graph.h5 ] && [ ! -e rejects.jsonl ] && [ ! -e runs ] || fail "files were left: $(ls)"

expect 0 "$RINGFENCE" build --config job.yaml --set graph.window=all --set output=. --summary summary.json
grep -q '"accepted":600' summary.json || fail "the build read something else: $(cat summary.json)"
say "600 messages, three times"
