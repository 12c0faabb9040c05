#!/usr/bin/env bash
# emit and a broker that is not there, dies in the middle and comes back, or stays away.
OWN_BROKER='' . "$(dirname "$0")/lib.sh"
unset SOURCE_DATE_EPOCH

events 6000 1 >/dev/null
job job.yaml "" x
"$RINGFENCE" run --config job.yaml --quiet --set train.epochs=2 --output . >/dev/null
topic actions 3
cat >emit.yaml <<END
source: {broker_timeout: 60s}
kafka: {bootstrap.servers: "$BOOTSTRAP", transaction.timeout.ms: 120000, reconnect.backoff.max.ms: 500}
emit: {to: kafka, topic: actions, threshold: {percentile: 0}, budget: 0, repeat: all, clusters: false, alerts: emitted.h5}
END
emit() {
    "$RINGFENCE" emit --config emit.yaml --quiet --summary summary.json "$@"
}
another_run() {
    "$RINGFENCE" score --graph graph.h5 --model model.h5 --output scores.h5 --eta "$1" --quiet
}
written() {
    kcat -C -e -q -b "$BOOTSTRAP" -t actions -X isolation.level=read_uncommitted -f '%o\n' 2>/dev/null | wc -l
}
each_once() {
    consume actions -f '%h\n' | sed 's/.*ce_id=\([0-9a-f]*\).*/\1/' | sort >ids.txt
    [ "$(uniq -d ids.txt | wc -l)" -eq 0 ] || fail "$1: ce_ids more than once"
    [ "$(wc -l <ids.txt)" -eq "$2" ] || fail "$1: $(wc -l <ids.txt) messages, not $2"
}

expect 0 emit
all=$(sed 's/.*"produced":\([0-9]*\).*/\1/' summary.json)
each_once "the first run" "$all"

# it dies while messages are on their way, and comes back
runs=1
for try in $(seq 10); do
    another_run "$(printf '0.5%02d' "$try")" # a run of its own
    before=$(written)
    emit "${SLOWLY[@]}" 2>last.err &
    victim=$!
    children=($victim)
    while kill -0 $victim 2>/dev/null && [ "$(written)" -eq "$before" ]; do :; done
    "$KAFKA" kill
    caught=0
    ! kill -0 $victim 2>/dev/null || caught=1
    sleep 2
    "$KAFKA" restart >/dev/null
    status=0
    wait $victim || status=$?
    children=()
    runs=$((runs + 1))
    [ $status -eq 0 ] || fail "exit status $status after the broker came back"
    [ $caught -eq 0 ] || break
done
[ $caught -eq 1 ] || fail "no emission was caught by the broker's end"
each_once "after the broker's death" $((runs * all))

# it stays away: one line within the time that is allowed, and the next start does it all
another_run 0.61
"$KAFKA" kill
began=$(date +%s)
expect 1 emit --set source.broker_timeout=3s
[ $(($(date +%s) - began)) -le 20 ] || fail "giving up took $(($(date +%s) - began)) s"
one_line "$BOOTSTRAP"
emit 2>late.err &
victim=$!
children=($victim)
sleep 3
"$KAFKA" restart >/dev/null
wait $victim || fail "a broker that comes up late was not waited for: $(cat late.err)"
children=()
each_once "after all" $(((runs + 1) * all))
