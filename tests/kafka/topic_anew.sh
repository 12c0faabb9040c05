#!/usr/bin/env bash
# A topic that is deleted and made again under its name is another one: the build stops before it reads, unless it is told to read the
# new one. A message that is only gone says nothing.
. "$(dirname "$0")/lib.sh"

topic "$NAME" 1
job job.yaml "$NAME" "$NAME"
job file.yaml '' ''
events 600 21 >all.keyed
cp events.jsonl all.jsonl
head -n 300 all.keyed | produce "$NAME"
expect 0 "$RINGFENCE" build --config job.yaml

echo "{\"version\":1,\"partitions\":[{\"topic\":\"$NAME\",\"partition\":0,\"offset\":300}]}" >delete.json
"$KAFKA" tool delete-records --offset-json-file delete.json >delete.out 2>&1 || fail "$(cat delete.out)"
lines 301 400 all.keyed | produce "$NAME"
expect 0 "$RINGFENCE" build --config job.yaml
head -n 400 all.jsonl >events.jsonl
expect 0 "$RINGFENCE" build --config file.yaml --graph file.h5
same_graph graph.h5 file.h5

"$KAFKA" tool topics --delete --topic "$NAME"
wait_until 20 topic "$NAME" 1 2>topic.err || fail "$(cat topic.err)"
tail -n +101 all.keyed | produce "$NAME"
cp graph.h5 before.h5
expect 1 "$RINGFENCE" build --config job.yaml
one_line "$NAME(\[0\]@399: is not the message that was read there|: was deleted and made again)"
said 'source\.changed=new'
cmp graph.h5 before.h5 || fail "the graph was touched"

expect 0 "$RINGFENCE" build --config job.yaml --set source.changed=new
said "warn.*$NAME is read as another topic"
cp all.jsonl events.jsonl
expect 0 "$RINGFENCE" build --config file.yaml --graph file2.h5
same_graph graph.h5 file2.h5
