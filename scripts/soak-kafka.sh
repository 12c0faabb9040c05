#!/usr/bin/env bash
# soak-kafka.sh - checks that every event is in the graph exactly once, after crashes of members and brokers at any moment.
#
# Keyed events go into a topic of 6 partitions while two members of a group build from it. Members are killed with SIGKILL, leave and
# come back at random moments, with and without a static membership. The broker is killed and restarted. Producers write all
# the time. One message in a thousand is broken, and must be among the dead letters. At the end the graph (MODE=shards: the
# merged one) must equal, byte for byte outside /state, the one that is built from the same events in a file.
#
#   scripts/soak-kafka.sh [RINGFENCE]          (build/release/cli/ringfence)
#
#   EVENTS=1000000 KILLS=30 RESTARTS=3         size of the topic; least number of killed members; broker restarts
#   SEED=…                                     seed of every random choice, printed; by default from the clock
#   MODE=shards                                shards: two members, one shard a partition, `ringfence merge`
#                                              one: one member, no shards, killed and started again
#   PACE=2                                     seconds between two kills, on average
#   KINDS=1                                    3: events name a device, too, and some of them what was rated; of the devices some are hubs
#
# The events have no ids: a graph that drops repeats by id would hide events that were read twice.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
OWN_BROKER='--set log.retention.ms=-1' . "$here/tests/kafka/lib.sh" "${1:-$here/build/release/cli/ringfence}"

events=${EVENTS:-1000000} kills_wanted=${KILLS:-30} restarts_wanted=${RESTARTS:-3} mode=${MODE:-shards} pace=${PACE:-2} kinds=${KINDS:-1}
seed=${SEED:-$(($(date +%s) % 100000))}
topic=orders dead=orders-dead group=soak
case $mode in shards) slots="0 1" ;; one) slots=0 ;; *) fail "MODE is shards or one, not $mode" ;; esac
case $kinds in
1) entities='entity: entity' ;;
3) entities='entities: {shop: entity, device: {field: device, hub_degree: 5}, rated: {fields: [device, rating], normalise: [lower]}}' ;;
*) fail "KINDS is 1 or 3, not $kinds" ;;
esac
say "seed $seed: $events events, at least $kills_wanted kills and $restarts_wanted broker restarts, mode $mode, kinds $kinds"
RANDOM=$seed

# draw N: drawn becomes 0 to N-1. (A subshell would not move the sequence on.)
draw() {
    drawn=$(((RANDOM * 32768 + RANDOM) % $1))
}

# nap LEAST MOST: milliseconds
nap() {
    draw $(($2 - $1))
    sleep "$(printf '%d.%03d' $((($1 + drawn) / 1000)) $((($1 + drawn) % 1000)))"
}

# ---- the events: in a file, what the graph of it is, and as keyed messages in pieces

events "$events" "$seed" >keyed.txt
awk -F '\t' -v OFS='\t' 'NR % 1000 == 7 { $2 = "{\"broken\":" NR } { print }' keyed.txt >messages.txt
cut -f 2 messages.txt >events.jsonl
broken=$(grep -c '^{"broken"' events.jsonl)
rm keyed.txt

write_job() {
    job "$1" "$2" "$group"
    sed -i -e '/event_id:/d' -e "s/max_rejects: 0.01/max_rejects: 0.5/" -e "s/^  entity: entity$/  $entities/" "$1"
}
write_job file.yaml ''
write_job job.yaml "$topic"
checkpoint=$((events / 100 > 1000 ? events / 100 : 1000))
settings=(--config job.yaml --no-progress --set ingest.checkpoint_events="$checkpoint" --set ingest.checkpoint_interval=1s
    --set ingest.dead_letter_topic="$dead" --set kafka.session.timeout.ms=3000 --set kafka.heartbeat.interval.ms=500)
[ "$mode" = one ] || settings+=(--set graph.shards=shards)

"$RINGFENCE" build --config file.yaml --set graph.file=expected.h5 --quiet 2>expected.err

# ---- producers

topic "$topic" 6
topic "$dead" 1
mkdir pieces
pieces=$((kills_wanted * 4 + 8))
split -n r/$pieces -a 4 -d messages.txt pieces/

# Each producer takes every other piece; it waits a little after each, so that all of them last as long as the kills.
pieces_of() {
    local piece i=0
    RANDOM=$((seed + 77 + $1))
    for piece in pieces/*; do
        i=$((i + 1))
        [ $((i % 2)) -eq "$1" ] || continue
        cat "$piece"
        nap 0 $((pace * 1000))
    done
}
producers=()
for which in 0 1; do
    mkfifo feed$which
    pieces_of $which >feed$which &
    kcat -P -q -E -b "$BOOTSTRAP" -t "$topic" -K '	' -z lz4 -X partitioner=murmur2_random -X enable.idempotence=true \
        -X message.timeout.ms=0 <feed$which 2>producer$which.err &
    producers+=($!)
done

producing() {
    local pid
    for pid in "${producers[@]}"; do
        ! kill -0 "$pid" 2>/dev/null || return 0
    done
    return 1
}

# ---- members

member_pid=('' '') member_run=(0 0)
kills=0 leaves=0 ends=0 restarts=0

start_member() {
    local slot=$1 until=never options=()
    draw 3
    [ $drawn -ne 0 ] || until=now
    draw 2
    # some come back as who they were, some as strangers
    [ $drawn -eq 0 ] || options=(--set kafka.group.instance.id="member$slot")
    member_run[slot]=$((member_run[slot] + 1))
    "$RINGFENCE" build "${settings[@]}" --until $until ${options[@]+"${options[@]}"} \
        >/dev/null 2>"member$slot-${member_run[slot]}.log" &
    member_pid[slot]=$!
}

alive() {
    [ -n "${member_pid[$1]}" ] && kill -0 "${member_pid[$1]}" 2>/dev/null
}

# reap SLOT STATUS…: waits for a member, which must end in one of those ways, and counts which.
reap() {
    local slot=$1 status=0
    shift
    wait "${member_pid[slot]}" 2>/dev/null || status=$?
    member_pid[slot]=''
    case " $* " in
    *" $status "*) ;;
    *)
        cp "member$slot-${member_run[slot]}.log" failed.err
        fail "member $slot ended with status $status (seed $seed)"
        ;;
    esac
    case $status in
    0) ends=$((ends + 1)) ;;
    130 | 143) leaves=$((leaves + 1)) ;;
    137) kills=$((kills + 1)) ;;
    esac
}

# Half of the kills come at any moment; half, and the first, shortly after the member has saved something: a member that is always
# killed while it joins would prove little.
at_work() {
    ! alive "$1" || grep -q 'saved' "member$1-${member_run[$1]}.log"
}
kill_member() {
    draw 2
    if [ $drawn -eq 0 ] || [ $kills -eq 0 ]; then
        wait_until 30 at_work "$1" || true
        nap 0 300
    fi
    kill -KILL "${member_pid[$1]}" 2>/dev/null || true
    reap "$1" 137 0
}

dismiss_member() {
    kill -TERM "${member_pid[$1]}" 2>/dev/null || true
    reap "$1" 130 143 0 # 143: it was not yet listening
}

restart_broker() {
    local address
    "$KAFKA" kill
    nap 0 2500
    address=$("$KAFKA" restart)
    [ "$address" = "$BOOTSTRAP" ] || fail "the broker came back at $address"
    restarts=$((restarts + 1))
}

# ---- what happens

# of nothing at all no graph can be made, and `build` says so
arrived() {
    [ "$(consume "$topic" -c 100 -f 'x\n' 2>/dev/null | wc -l)" -eq 100 ]
}
wait_until 60 arrived || fail "the producers do not get going"

began=$(date +%s)
while [ $kills -lt "$kills_wanted" ] || [ $restarts -lt "$restarts_wanted" ] || producing; do
    for slot in $slots; do
        [ -z "${member_pid[slot]}" ] || alive "$slot" || reap "$slot" 0
        [ -z "${member_pid[slot]}" ] || continue
        # now and then the other one works alone
        draw 3
        [ "$mode$drawn" = shards0 ] || start_member "$slot"
    done
    nap 50 $((pace * 2000))
    if [ $restarts -lt "$restarts_wanted" ] && [ $kills -ge $((kills_wanted * (restarts + 1) / (restarts_wanted + 1))) ]; then
        restart_broker
    fi
    draw "$(echo "$slots" | wc -w)"
    slot=$drawn
    if alive "$slot"; then
        draw 8
        if [ $drawn -eq 0 ]; then dismiss_member "$slot"; else kill_member "$slot"; fi
    fi
    [ $(($(date +%s) - began)) -lt $((600 + kills_wanted * pace * 10)) ] || fail "no end in sight: $kills kills (seed $seed)"
done
for slot in $slots; do
    [ -z "${member_pid[slot]}" ] || dismiss_member "$slot"
done
for pid in "${producers[@]}"; do
    wait "$pid" || fail "a producer failed: $(tail -n 1 producer?.err)"
done
say "after $(($(date +%s) - began)) s: $kills killed, $leaves left, $ends came to their end, $restarts broker restarts," \
    "$((member_run[0] + member_run[1])) starts"

# ---- judgement

# What producers did under a dying broker is not ringfence's doing: the topic has to hold just the messages of the file.
consume "$topic" -f '%s\n' | sort | cmp -s - <(sort events.jsonl) || fail "the producers lost or doubled messages; nothing can be said (seed $seed)"

last=()
for slot in $slots; do
    "$RINGFENCE" build "${settings[@]}" --until now --summary "last$slot.json" >/dev/null 2>"last$slot.err" &
    last+=($!)
done
for pid in "${last[@]}"; do
    wait "$pid" || fail "the last pass failed (seed $seed)"
done
left=$(cat last?.json | sed -n 's/.*"consumed": *\([0-9]*\).*/\1/p' | awk '{ n += $1 } END { print n + 0 }')
[ "$left" -lt "$events" ] || fail "all $events messages were left to the last pass: nothing was saved before"
say "$((events - left)) messages were done before the last pass, $left in it"

[ "$mode" = one ] || "$RINGFENCE" merge --config job.yaml shards/*.h5 -o graph.h5 2>merge.err
same_graph graph.h5 expected.h5 || fail "the graph differs from that of the file (seed $seed)"

# Every broken message is among the dead letters, from its own place; one may be there twice, when its reader was killed.
consume "$dead" -f '%s\n' | sort -u | cmp -s - <(grep '^{"broken"' events.jsonl | sort) || fail "dead letters are missing (seed $seed)"
say "all $broken broken messages are dead letters, all $events others are in the graph once"
