#!/usr/bin/env bash
# What a mock cannot show of emit: what other clients see and when, interrupts, rivals, topics that are made or not fit, and where the
# Java client would have put the keys.
. "$(dirname "$0")/lib.sh"
unset SOURCE_DATE_EPOCH
actions=$NAME-actions flagged=$NAME-flagged

events 6000 1 >/dev/null
job job.yaml "" x
"$RINGFENCE" run --config job.yaml --quiet --set train.epochs=2 --output . >/dev/null
cat >emit.yaml <<END
source: {broker_timeout: 30s}
kafka: {bootstrap.servers: "$BOOTSTRAP", transaction.timeout.ms: 60000}
emit: {to: kafka, topic: $actions, threshold: {percentile: 0}, budget: 0, repeat: all, clusters: false, alerts: emitted.h5}
END
emit() {
    "$RINGFENCE" emit --config emit.yaml --summary summary.json "$@"
}
another_run() {
    "$RINGFENCE" score --graph graph.h5 --model model.h5 --output scores.h5 --eta "$1" --quiet
}
committed() {
    consume "$1" -f '%o\n' | wc -l
}
committed_now() { # though a transaction is open
    visible "$1" -f '%o\n' | wc -l
}
uncommitted() {
    kcat -C -e -q -b "$BOOTSTRAP" -t "$1" -X isolation.level=read_uncommitted -f '%o\n' | wc -l
}
figure() {
    sed "s/.*\"$1\":\([0-9]*\).*/\1/" summary.json
}

# ---- topics

expect 1 emit
one_line "there is no topic $actions \(emit\.topic\)"
expect 0 emit --create-topics --set emit.partitions=5 --score-topic "$flagged"
said "created topic $actions \(5 partitions, cleanup\.policy delete\)"
said "created topic $flagged \(5 partitions, cleanup\.policy compact\)"
all=$(figure actions)
[ "$all" -gt 1000 ] || fail "only $all actions"
[ "$(figure produced)" -eq $((2 * all + 1)) ] || fail "$(cat summary.json)"
[ "$(committed "$actions")" -eq $((all + 1)) ] || fail "$(committed "$actions") messages, not $((all + 1))"
[ "$(committed "$flagged")" -eq "$all" ] || fail "$(committed "$flagged") flagged, not $all"
"$KAFKA" tool configs --describe --entity-type topics --entity-name "$flagged" | grep -q cleanup.policy=compact ||
    fail "the score topic is not compacted"

# ---- the same run again

expect 1 emit
one_line "run [0-9a-f]{32} is in the topic already \($actions\[[0-4]\]@[0-9]+, 20..-.*Z\), nothing was emitted; --force"
[ "$(committed "$actions")" -eq $((all + 1)) ] || fail "a refused emission sent something"
consume "$actions" -f '%h\n' | sed 's/.*ce_id=\([0-9a-f]*\).*/\1/' | sort >ids.txt
expect 0 emit --force
consume "$actions" -f '%h\n' | sed 's/.*ce_id=\([0-9a-f]*\).*/\1/' | sort | uniq -c | awk '{ print $2 > "forced.txt"; if ($1 != 2) exit 1 }' ||
    fail "a forced emission has other ce_ids"
cmp -s ids.txt forced.txt || fail "a forced emission has other ce_ids"
# the scheduled job takes it for what it is: done
cp emit.yaml run.yaml
sed -n '/^source/p; /^fields/,/^train/p' job.yaml | grep -v '^emit' | sed 's/^source.*/source: {type: files, paths: [events.jsonl]}/' >fields.yaml
grep -v '^source' emit.yaml >>fields.yaml
mkdir whole
expect 0 "$RINGFENCE" run --config fields.yaml --set train.epochs=2 --output whole --set source.paths="$WORK/events.jsonl" --summary summary.json
[ "$(figure produced)" -gt 0 ] || [ "$(figure actions)" -eq "$all" ] || fail "$(cat summary.json)"
expect 0 "$RINGFENCE" run --config fields.yaml --set train.epochs=2 --output whole --set source.paths="$WORK/events.jsonl" --summary summary.json
said "is in the topic already"
[ "$(figure produced)" -eq 0 ] || fail "a repeated job sent something: $(cat summary.json)"

# ---- keys where the Java client puts them

topic "$NAME-java" 5
consume "$actions" -f '%k\t%p\n' | sort -u >ours.txt
cut -f 1 ours.txt | sed 's/$/\tx/' |
    "$KAFKA" tool org.apache.kafka.tools.ConsoleProducer --topic "$NAME-java" --property parse.key=true >/dev/null 2>java.err
consume "$NAME-java" -f '%k\t%p\n' | sort -u >theirs.txt
cmp -s ours.txt theirs.txt || fail "$(diff ours.txt theirs.txt | grep -c '^<') of $(wc -l <ours.txt) keys lie in other partitions than Java's"

# ---- open transactions

# stopped: an emission of another run, stopped by SIGSTOP while its transaction is open; sets victim
etas=0
stopped() {
    local before seen
    for _ in $(seq 30); do
        etas=$((etas + 1))
        another_run "$(printf '0.7%03d' $etas)"
        before=$(uncommitted "$actions")
        seen=$(committed "$actions")
        "$RINGFENCE" emit --config emit.yaml "${SLOWLY[@]}" 2>victim.err &
        victim=$!
        children=($victim)
        while kill -0 $victim 2>/dev/null && [ "$(uncommitted "$actions")" -eq "$before" ]; do :; done
        kill -STOP $victim 2>/dev/null || true
        if [ "$(committed_now "$actions")" -eq "$seen" ] && kill -0 $victim 2>/dev/null; then
            return
        fi
        kill -CONT $victim 2>/dev/null || true
        wait $victim || true
    done
    fail "no emission could be stopped in its transaction"
}
ended() {
    victim_status=0
    wait $victim || victim_status=$?
    children=()
    cp victim.err last.err
}

# nothing is seen before the commit, and Ctrl-C leaves nothing to see
stopped
before=$(committed_now "$actions")
kill -INT $victim
kill -CONT $victim
ended
if [ $victim_status -eq 130 ]; then
    one_line "interrupted; nothing was published"
    [ "$(committed "$actions")" -eq "$before" ] || fail "an interrupted emission can be seen"
else # the commit was on its way when the signal came
    [ $victim_status -eq 0 ] || fail "an interrupted emission ended with $victim_status"
    [ "$(committed "$actions")" -eq $((before + all + 1)) ] || fail "half an emission can be seen"
fi

# a rival with the same transactional.id
stopped
before=$(committed_now "$actions")
expect 0 emit
kill -CONT $victim
ended
[ $victim_status -eq 1 ] || fail "the one that was shut out ended with $victim_status"
one_line "another emit with transactional\.id ringfence-emit:$actions:/ringfence has started"
[ "$(committed "$actions")" -eq $((before + all + 1)) ] || fail "the rivals' run is there $((($(committed "$actions") - before) / all)) times"

# another producer's open transaction hides what was committed after it; the run after it is found nevertheless
another_run 0.31
before=$(uncommitted "$actions")
hidden() {
    [ "$(uncommitted "$actions")" -gt $((before + 1000)) ]
}
mkfifo feed
produce "$actions" -X transactional.id="$NAME-other" -X transaction.timeout.ms=60000 <feed 2>other.err &
other=$!
exec 9>feed
awk 'BEGIN { for (i = 0; i < 4000; i++) printf "k%d\t%0100d\n", i, i }' >&9 # kcat reads in blocks
wait_until 20 hidden || fail "the other producer wrote nothing"
expect 0 emit --force 9>&-
"$RINGFENCE" emit --config emit.yaml 2>last.err 9>&- &
victim=$!
children=($victim $other)
waits() {
    grep -q "another producer's transaction is open" last.err
}
wait_until 20 waits || fail "an open transaction is not noticed"
exec 9>&-
wait $other
status=0
wait $victim || status=$?
children=()
[ $status -eq 1 ] || fail "a run after an open transaction: exit status $status"
said "is in the topic already"

# ---- limits

another_run 0.41
expect 1 emit --set kafka.transaction.timeout.ms=3600000
one_line "kafka\.transaction\.timeout\.ms"
topic "$NAME-small" 1 max.message.bytes=900
expect 1 emit --topic "$NAME-small"
one_line "the message about (user|entity|edge)/.* has [0-9]+ bytes, more than topic $NAME-small"
[ "$(committed "$NAME-small")" -eq 0 ] || fail "part of a run with too large a message can be seen"
topic "$NAME-plain" 1
expect 0 emit --score-topic "$NAME-plain"
said "$NAME-plain has cleanup\.policy delete"

# ---- who is no longer flagged

another_run 0.51
expect 0 emit --score-topic "$flagged" --top 10
[ "$(figure actions)" -eq 30 ] || fail "$(cat summary.json)"
[ "$(figure tombstones)" -eq $((all - 30)) ] || fail "$(cat summary.json)"
consume "$flagged" -f '%k\t%S\t%h\n' | awk -F'\t' '$2 < 0' >tombstones.txt
[ "$(wc -l <tombstones.txt)" -eq $((all - 30)) ] || fail "$(wc -l <tombstones.txt) tombstones"
[ "$(grep -c 'ce_type=ringfence.cleared.v1.*reason=no longer flagged' tombstones.txt)" -eq $((all - 30)) ] ||
    fail "tombstones without their headers: $(head -n 1 tombstones.txt)"
