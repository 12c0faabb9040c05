#!/usr/bin/env bash
# Where reading begins (earliest, latest, a time; first start only) and ends (a time, now).
. "$(dirname "$0")/lib.sh"

topic "$NAME" 3
events 3000 15 >all.keyed
cp events.jsonl all.jsonl
job job.yaml "$NAME" "$NAME"
job file.yaml '' ''
part() {
    lines $(($1 * 1000 - 999)) $(($1 * 1000)) "$2"
}
# messages carry the time at which they are produced
part 1 all.keyed | produce "$NAME"
sleep 1.1
first=$(date -u +%Y-%m-%dT%H:%M:%S.%NZ | sed 's/...Z$/Z/')
sleep 1.1
part 2 all.keyed | produce "$NAME"
sleep 1.1
second=$(date -u +%Y-%m-%dT%H:%M:%S.%NZ | sed 's/...Z$/Z/')
sleep 1.1
part 3 all.keyed | produce "$NAME"
for i in 1 2 3; do
    part $i all.jsonl >part$i.jsonl
done
same_as() {
    local graph=$1
    shift
    cat "$@" >events.jsonl
    rm -f file.h5
    expect 0 "$RINGFENCE" build --config file.yaml --graph file.h5
    same_graph "$graph" file.h5
}
build() {
    local graph=$1
    shift
    expect 0 "$RINGFENCE" build --config job.yaml --graph "$graph" --set kafka.group.id="$NAME-$graph" --summary summary.json "$@"
}

build a.h5 --until "$second"
same_as a.h5 part1.jsonl part2.jsonl
build b.h5 --from "$first" --until "$second"
same_as b.h5 part2.jsonl
build c.h5 --from "$second"
same_as c.h5 part3.jsonl

# first start only: what is saved wins
build a.h5 --from "$second"
same_as a.h5 part1.jsonl part2.jsonl part3.jsonl
build b.h5 --from latest
same_as b.h5 part2.jsonl part3.jsonl

# a time that is still to come ends the build when messages of that time are there, or when it is over
build d.h5 --from "$second" --until "$(date -u -d '+3 seconds' +%Y-%m-%dT%H:%M:%SZ)"
same_as d.h5 part3.jsonl

# latest: nothing is there yet, which makes no graph, but from here on everything counts
expect 0 "$RINGFENCE" build --config job.yaml --graph e.h5 --set kafka.group.id="$NAME-e.h5" --from latest
said 'no message was read yet'
part 1 all.keyed | produce "$NAME"
build e.h5 --from latest
same_as e.h5 part1.jsonl
