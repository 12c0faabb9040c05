#!/usr/bin/env bash
# A topic that does not exist is named in one line, wherever it is needed, and is not made by being asked for, even by a broker that makes
# topics of their own accord.
OWN_BROKER='--set auto.create.topics.enable=true' . "$(dirname "$0")/lib.sh"
in=$NAME-in

topic "$in" 1
events 500 3 | produce "$in"
job job.yaml "$in" "$NAME"
job wrong.yaml "$NAME-typo" "$NAME"
hint='Unknown topic or partition; create the topic or correct its name'

tried() {
    expect 1 "$RINGFENCE" "$@"
    one_line "^ringfence: $missing: .*$hint"
}
missing=$NAME-typo
tried build --config wrong.yaml
tried inspect lag --config wrong.yaml
missing=$NAME-rejects
tried build --config job.yaml --set ingest.dead_letter_topic="$missing"
expect 0 "$RINGFENCE" run --config job.yaml --quiet --set train.epochs=1 --output .
expect 1 "$RINGFENCE" emit --config job.yaml --to kafka --topic "$NAME-actions"
one_line "there is no topic $NAME-actions"

"$KAFKA" tool topics --list | grep -v '^__' >topics
echo "$in" | cmp - topics || fail "topics were made: $(cat topics)"
