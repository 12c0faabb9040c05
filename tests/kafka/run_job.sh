#!/usr/bin/env bash
# The scheduled job between two topics: what a file gives is what the topic gives, each action is there once, nothing new emits nothing,
# and new messages alone are read by the next run.
. "$(dirname "$0")/lib.sh"

topic "$NAME-in" 3
topic "$NAME-out" 2
events 12000 7 >all.keyed
head -n 9000 all.keyed | produce "$NAME-in"
mv events.jsonl all.jsonl

job job.yaml "$NAME-in" "$NAME"
run() {
    expect "$1" "$RINGFENCE" run --config job.yaml --set output=out --set train.epochs=3 --set train.hidden=8 --set train.latent=8 \
        --set emit.to=kafka --set emit.topic="$NAME-out" --set kafka.transactional.id="$NAME" --set kafka.transaction.timeout.ms=60000 "${@:2}"
}
summary() {
    python3 -c 'import json, sys; v = json.load(open("out/summary.json"))
for key in sys.argv[1].split("."): v = v[key]
print(v)' "$1"
}
actions() {
    consume "$NAME-out" -f '%h\n' | grep -c 'ce_type=[^,]*action' || true
}

run 0
head -n 9000 all.jsonl >events.jsonl
job file.yaml '' ''
expect 0 "$RINGFENCE" build --config file.yaml --graph file.h5
same_graph out/graph.h5 file.h5
[ "$(summary kafka.consumed)" -eq 9000 ] || fail "consumed $(summary kafka.consumed)"
[ "$(summary kafka.lag)" -eq 0 ] || fail "lag $(summary kafka.lag)"
[ "$(summary kafka.rejected)" -eq 0 ] || fail "rejected $(summary kafka.rejected)"
consume "$NAME-out" -f '%h\n' >first.headers
[ "$(wc -l <first.headers)" -eq "$(($(summary actions) + 1))" ] || fail "$(wc -l <first.headers) messages, $(summary actions) actions"
[ "$(sed 's/.*ce_id=\([^,]*\).*/\1/' first.headers | sort -u | wc -l)" -eq "$(wc -l <first.headers)" ] || fail "a ce_id occurs twice"

# nothing new: the same run, and it is there already
run 0
said 'is in the topic already'
consume "$NAME-out" -f '%h\n' | cmp -s - first.headers || fail "a repeated run emitted something"

# new messages: only those are read, and the graph is that of all of them
tail -n +9001 all.keyed | produce "$NAME-in"
run 0
[ "$(summary kafka.consumed)" -eq 3000 ] || fail "consumed $(summary kafka.consumed) the second time"
cp all.jsonl events.jsonl
expect 0 "$RINGFENCE" build --config file.yaml --graph all.h5
same_graph out/graph.h5 all.h5
[ "$(consume "$NAME-out" -f '%h\n' | wc -l)" -gt "$(wc -l <first.headers)" ] || fail "new messages made no new actions"

# the broker saw how far it is
"$KAFKA" tool groups --describe --group "$NAME" 2>/dev/null | awk -v topic="$NAME-in" '$2 == topic { n += $4 } END { exit n != 12000 }' ||
    fail "the committed offsets do not sum to 12000"
say "ok"
