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
# Avro messages: two texts and a number between 64 and 127, which is two bytes
avro_orders() {
    local i
    for ((i = 0; i < 200; i++)); do
        printf "\\x08u%03d\\x06s%02d\\x$(printf %x $((128 + 2 * (i % 60))))\\x01\\n" $((i % 40)) $((i % 9))
    done
}
topic "$NAME-avro" 1
avro_orders | produce "$NAME-avro"
echo '{"type":"record","name":"Order","fields":[{"name":"customer","type":"string"},{"name":"shop","type":"string"},{"name":"amount","type":"long"}]}' > order.avsc
expect 0 "$RINGFENCE" init "$NAME-avro" --brokers "$BOOTSTRAP" -o avro.yaml --set source.avro.schema=order.avsc
grep -q '^avro.yaml reads 200 of 200 events$' last.out || fail "init did not read all Avro messages: $(cat last.out)"
grep -q 'user: customer ' avro.yaml && grep -q 'entity: shop ' avro.yaml || fail "other fields: $(cat avro.yaml)"
expect 0 "$RINGFENCE" check --config avro.yaml
grep -q '^200 records read: 200 accepted, 0 rejected, 0 filtered$' last.out || fail "check read something else: $(cat last.out)"
say "600 messages, three times, and 200 of Avro twice"
