#!/usr/bin/env bash
# Messages that were deleted before they were read: an error that says which, unless source.gaps is skip; then a warning.
. "$(dirname "$0")/lib.sh"

topic "$NAME" 1
job job.yaml "$NAME" "$NAME"
job file.yaml '' ''
events 3000 13 >all.keyed
cp events.jsonl all.jsonl
head -n 1000 all.keyed | produce "$NAME"
expect 0 "$RINGFENCE" build --config job.yaml

tail -n +1001 all.keyed | produce "$NAME"
echo "{\"version\":1,\"partitions\":[{\"topic\":\"$NAME\",\"partition\":0,\"offset\":1500}]}" >delete.json
"$KAFKA" tool delete-records --offset-json-file delete.json >delete.out 2>&1 || fail "$(cat delete.out)"

cp graph.h5 before.h5
expect 1 "$RINGFENCE" build --config job.yaml
one_line "$NAME\[0\]: messages 1000 to 1499 "
said 'source\.gaps'
same_graph graph.h5 before.h5

expect 0 "$RINGFENCE" build --config job.yaml --set source.gaps=skip
said "warn.*$NAME\[0\]"
{ head -n 1000 all.jsonl; tail -n +1501 all.jsonl; } >events.jsonl
expect 0 "$RINGFENCE" build --config file.yaml --graph file.h5
same_graph graph.h5 file.h5

# a first start begins at what there is: nothing was lost that had been counted on
expect 0 "$RINGFENCE" build --config job.yaml --graph first.h5 --set kafka.group.id="$NAME-first"
tail -n +1501 all.jsonl >events.jsonl
expect 0 "$RINGFENCE" build --config file.yaml --graph file2.h5
same_graph first.h5 file2.h5
