#!/usr/bin/env bash
# scripts/kafka.sh itself: a broker that answers, keeps its data over SIGKILL and restart, and leaves nothing behind.
OWN_BROKER='' . "$(dirname "$0")/lib.sh"

topic "$NAME" 3 cleanup.policy=compact
printf 'k\tv\n' | produce "$NAME"
[ "$("$KAFKA" status | cut -d ' ' -f 1-2)" = "running at" ] || fail "status does not know it"
"$KAFKA" kill
status=0
"$KAFKA" status >status.out || status=$?
[ $status -eq 3 ] || fail "status of a dead broker: $status, $(cat status.out)"
[ "$("$KAFKA" restart)" = "$BOOTSTRAP" ] || fail "it did not come back at its address"
[ "$(consume "$NAME" -f '%k %s\n')" = "k v" ] || fail "it lost its data"
"$KAFKA" tool configs --describe --entity-type topics --entity-name "$NAME" >topic.out
grep -q 'cleanup.policy=compact' topic.out || fail "the topic's setting was lost: $(cat topic.out)"

# interrupted starts leave nothing
mkdir leftovers
for after in 0.3 1 1.7; do
    TMPDIR=$WORK/leftovers KAFKA_HOME_DIR='' "$KAFKA" start >interrupted.out 2>interrupted.err &
    start=$!
    sleep $after
    kill -TERM $start
    status=0
    wait $start || status=$?
    [ $status -eq 143 ] || fail "an interrupted start ended with $status"
    [ -z "$(ls -A leftovers)" ] || fail "an interrupted start left $(find leftovers)"
    ! pgrep -f "kafka.Kafka $WORK/leftovers" >/dev/null || fail "an interrupted start left its process"
done

# a start that fails says why, and leaves nothing
status=0
TMPDIR=$WORK/leftovers KAFKA_HOME_DIR='' "$KAFKA" start --set num.io.threads=none >failed.out 2>failed.err || status=$?
[ $status -eq 1 ] || fail "a wrong setting: $status, $(cat failed.err)"
grep -q 'num.io.threads' failed.err || fail "the wrong setting is not named: $(cat failed.err)"
[ -z "$(ls -A leftovers)" ] || fail "a failed start left $(find leftovers)"

# without Maven and jars it says so, and that is no success
mkdir bin
printf '#!/bin/sh\nexit 1\n' >bin/mvn
chmod +x bin/mvn
status=0
KAFKA_JARS=$WORK/none PATH=$WORK/bin:$PATH "$KAFKA" start --dir "$WORK/other" >skipped.out 2>skipped.err || status=$?
[ $status -eq 77 ] || fail "without the artifacts: $status, $(cat skipped.err)"
grep -q '^SKIP: ' skipped.err || fail "it does not say that it skips: $(cat skipped.err)"

"$KAFKA" stop
[ ! -e "$KAFKA_HOME_DIR" ] || fail "stop left its folder"
