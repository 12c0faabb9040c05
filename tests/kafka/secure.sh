#!/usr/bin/env bash
# TLS, SCRAM and OAUTHBEARER logins and ACLs, from the settings to the topics: allowed operations work at both ends, all others end in one
# line that says which right or setting is missing, and no secret is printed.
OWN_BROKER='--secure' . "$(dirname "$0")/lib.sh"
in=$NAME-in dead=$NAME-dead actions=$NAME-actions

# login NAME: the broker's settings for that user as flags, into the array `login`; the password comes from a file.
login() {
    local setting
    login=()
    while read -r setting; do
        case $setting in
        sasl.password=*)
            printf '%s\n' "${setting#*=}" >"$1.password"
            setting="sasl.password=\${file:$WORK/$1.password}"
            ;;
        esac
        login+=(--set "kafka.$setting")
    done <"$KAFKA_HOME_DIR/$1.conf"
}
allow() {
    "$KAFKA" tool acls --add --allow-principal User:ringfence "$@" >/dev/null
}
# tried STATUS COMMAND…: as `expect`; and its output must not hold a password.
tried() {
    expect "$@"
    ! grep -n -e -secret last.out last.err || fail "a password is printed"
}
build() {
    "$RINGFENCE" build --config job.yaml --log-level debug --set source.broker_timeout=30s "${login[@]}" "$@"
}
emit() {
    "$RINGFENCE" emit --config job.yaml --to kafka --topic "$actions" --set kafka.transactional.id="$NAME" \
        --set source.broker_timeout=30s --log-level debug "${login[@]}" "$@"
}
consume_as_admin() {
    consume "$1" -F "$KAFKA_HOME_DIR/admin.conf" "${@:2}" 2>/dev/null
}

"$KAFKA" topic "$in" 2
"$KAFKA" topic "$dead" 1
"$KAFKA" topic "$actions" 1
events 3000 5 >keyed
printf 'nobody\t{"user":\n' | cat keyed - | produce "$in" -F "$KAFKA_HOME_DIR/admin.conf" 2>/dev/null
job job.yaml "$in" "$NAME"
job file.yaml '' ''
printf '{"user":\n' >>events.jsonl
tried 0 "$RINGFENCE" build --config file.yaml --graph file.h5

# ---- rights, one after the other

login ringfence
tried 1 build
one_line "$in: .*Topic authorization failed; allow this principal Describe and Read on the topic"
allow --operation Read --topic "$in"
tried 1 build
one_line "Group authorization failed; allow this principal Read on the consumer group"
tried 1 "$RINGFENCE" inspect lag --config job.yaml "${login[@]}"
one_line "Group authorization failed; allow this principal Read on the consumer group"
allow --operation Read --group "$NAME" --resource-pattern-type prefixed
tried 1 build --set ingest.dead_letter_topic="$dead"
one_line "$dead: .*Topic authorization failed; allow"
allow --operation Describe --topic "$dead"
tried 1 build --set ingest.dead_letter_topic="$dead"
one_line "kafka dead letters stopped for good: .*Cluster authorization failed.*; allow this principal Write on the topic"
allow --operation Write --topic "$dead"
tried 0 build --set ingest.dead_letter_topic="$dead"
same_graph graph.h5 file.h5
[ "$(consume_as_admin "$dead" -f '%k %s\n')" = 'nobody {"user":' ] || fail "the dead letter is not there"
tried 0 "$RINGFENCE" inspect lag --config job.yaml "${login[@]}" --json
grep -q '"lag":0' last.out || fail "$(cat last.out)"

tried 0 "$RINGFENCE" train --config job.yaml --epochs 2 --quiet
tried 0 "$RINGFENCE" score --config job.yaml --quiet
tried 1 emit
one_line "$actions: .*Topic authorization failed; allow this principal Describe and Read"
allow --operation Read --topic "$actions"
tried 1 emit
one_line "the transactional id $NAME may not be used by this principal; allow it Describe and Write there"
allow --operation Write --transactional-id "$NAME"
tried 1 emit
one_line "nothing was published: .*Topic authorization failed.*; allow this principal .* Describe and Write to write"
allow --operation Write --topic "$actions"
tried 0 emit
[ "$(consume_as_admin "$actions" -f '%h\n' | grep -c 'run.completed')" -eq 1 ] || fail "the run is not there"

# other NAME: from here on another graph, and another group, for the last member of this one is not gone yet
other() {
    sed -i "s/graph: {file: [^,]*/graph: {file: $1.h5/; s/group.id: .*/group.id: \"$NAME-$1\"}/" job.yaml
}

# ---- tokens instead of a password

login ringfence-oauth
other unsigned
tried 0 build --set kafka.sasl.oauthbearer.config='principal=ringfence lifeSeconds=2'
same_graph unsigned.h5 file.h5
login stranger-oauth
other stranger
tried 1 build
one_line "$in: .*Topic authorization failed"

# jwt CLAIMS: an unsigned JWT
jwt() {
    printf 'eyJhbGciOiJub25lIn0.%s.\n' "$(printf %s "$1" | base64 -w 0 | tr '+/' '-_' | tr -d =)"
}
now=$(date +%s)
login ringfence-oauth
login+=(--set kafka.enable.sasl.oauthbearer.unsecure.jwt=false --set "kafka.sasl.oauthbearer.config=tokenFile=$WORK/token")
jwt "{\"sub\":\"ringfence\",\"iat\":$now,\"exp\":$((now + 600))}" >token
other token
tried 0 build
same_graph token.h5 file.h5
rm token
tried 1 build
one_line "cannot log in to any broker of $BOOTSTRAP: the file of tokenFile cannot be opened"
jwt "{\"sub\":\"ringfence\",\"iat\":$now}" >token # the broker wants to know when it ends
tried 1 build
one_line "cannot log in to any broker of $BOOTSTRAP: .*authentication"

# ---- who is not let in

login ringfence
# shellcheck disable=SC2016
tried 1 env WRONG=not-the-secret "$RINGFENCE" build --config job.yaml --log-level debug "${login[@]}" --set 'kafka.sasl.password=${env:WRONG}'
one_line "cannot log in to any broker of $BOOTSTRAP: SASL authentication error: .*invalid credentials.*; check kafka.security.protocol"
tried 1 build --set kafka.ssl.ca.location=/etc/ssl/certs/ca-certificates.crt
one_line "cannot log in to any broker of $BOOTSTRAP: .*certificate verify failed"
tried 1 build --set kafka.security.protocol=PLAINTEXT --set source.broker_timeout=2s
one_line "no broker of $BOOTSTRAP answers for 2s: Disconnected.*security.protocol"

# the client's own debug lines included
other debug
tried 0 build --set kafka.debug=all
grep -q SASL last.err || fail "debug lines are missing"
