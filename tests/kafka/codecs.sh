#!/usr/bin/env bash
# A compressed batch of every codec is read like any other: the graph is that of a file.
. "$(dirname "$0")/lib.sh"

topic "$NAME" 2
job job.yaml "$NAME" "$NAME"
job file.yaml '' ''
events 5000 11 >all.keyed
from=1
for codec in none gzip snappy lz4 zstd; do
    lines $from $((from + 999)) all.keyed | produce "$NAME" -z $codec -X batch.num.messages=200
    from=$((from + 1000))
done

expect 0 "$RINGFENCE" build --config job.yaml --summary summary.json
grep -q '"consumed":5000' summary.json || fail "$(cat summary.json)"
expect 0 "$RINGFENCE" build --config file.yaml --graph file.h5
same_graph graph.h5 file.h5
