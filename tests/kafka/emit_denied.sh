#!/usr/bin/env bash
# emit on a broker that authorises: every permission that is missing ends in one clear line, and with all of them it works.
OWN_BROKER=--secure . "$(dirname "$0")/lib.sh"

events 2000 1 >/dev/null
job job.yaml "" x
"$RINGFENCE" run --config job.yaml --quiet --set train.epochs=2 --output . >/dev/null
{
    echo "kafka:"
    echo "  bootstrap.servers: \"$BOOTSTRAP\""
    sed 's/=/: "/; s/$/"/; s/^/  /' "$KAFKA_HOME_DIR/ringfence.conf"
    echo "emit: {to: kafka, topic: actions, score_topic: flagged, create_topics: true, threshold: {top: 20}}"
} >emit.yaml
emit() {
    "$RINGFENCE" emit --config emit.yaml --quiet
}
allow() {
    "$KAFKA" tool acls --add --allow-principal User:ringfence "$@" >acls.out 2>acls.err || fail "$(cat acls.out acls.err)"
}

expect 1 emit
one_line '^ringfence: actions: .*Topic authorization failed; allow this principal Describe'
allow --operation Describe --operation Read --topic actions --topic flagged
expect 1 emit
one_line 'topic actions cannot be created: .*; allow this client Create on it'
topic actions 3
topic flagged 3 cleanup.policy=compact
expect 1 emit
one_line 'the transactional id ringfence-emit:actions:/ringfence may not be used by this principal'
allow --operation Describe --operation Write --transactional-id ringfence-emit: --resource-pattern-type prefixed
expect 1 emit
one_line 'nothing was published.*Topic authorization failed'
allow --operation Write --topic actions
expect 1 emit
one_line 'flagged.*Topic authorization failed'
[ "$(consume actions -F "$KAFKA_HOME_DIR/admin.conf" -f '%o\n' | wc -l)" -eq 0 ] || fail "part of a run can be seen"
allow --operation Write --topic flagged
expect 0 emit
! grep -rq 'ringfence-secret' ./*.err || fail "a password is printed"
