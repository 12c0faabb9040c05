#!/usr/bin/env bash
# Poison messages and messages without value go to the dead-letter topic with key, value and headers untouched, once, or into the file; one
# that the dead-letter topic does not take stops the build in one line.
. "$(dirname "$0")/lib.sh"

in=$NAME-in dead=$NAME-dead small=$NAME-small
topic "$in" 1 max.message.bytes=3000000
topic "$dead" 2 max.message.bytes=3100000
topic "$small" 1 max.message.bytes=1000
job job.yaml "$in" "$NAME"
job file.yaml '' ''
sed -i 's/max_rejects: 0.01/max_rejects: 10/' job.yaml
events 1000 17 >good.keyed
cp events.jsonl good.jsonl
produce "$in" <good.keyed # offsets 0 to 999

send() {
    kcat -P -q -b "$BOOTSTRAP" -t "$in" -X message.max.bytes=3000000 "$@"
}
printf '{"user":"u1","entity":' >poison
printf '\377\000\001 binary \n\n' >binary
head -c 2000000 /dev/zero | tr '\0' x >large
send -k 'key one' -H first=1 -H first=2 -H empty= poison # 1000
printf 'gone:\n' | send -K : -Z -H why=tombstone # 1001: no value
send binary # 1002: no key
send -k large large # 1003
produce "$in" < <(head -n 1 good.keyed | sed 's/"e[0-9]*"/"last"/') # 1004

dead_letters() {
    consume "$1" -f '%k|%S|%h\n' | sort
}
expect 0 "$RINGFENCE" build --config job.yaml --set ingest.dead_letter_topic="$dead" --summary summary.json
[ "$(grep -o '"consumed":[0-9]*,"rejected":[0-9]*' summary.json)" = '"consumed":1005,"rejected":4' ] || fail "$(cat summary.json)"
dead_letters "$dead" >letters
cat letters >&2
[ "$(wc -l <letters)" -eq 4 ] || fail "$(wc -l <letters) dead letters, not 4"
grep -qE "^key one\|22\|first=1,first=2,empty=,.*bad_json.*" letters || fail "the poison message is not as it was"
grep -qE "^gone\|-1\|why=tombstone,.*no_value" letters || fail "the message without value is not as it was"
for offset in 1000 1001 1002 1003; do
    grep -qE "$in.*[=,]$offset(,|$)" letters || fail "offset $offset is not in its headers"
done
for file in poison binary large; do
    consume "$dead" -f '%o %p %S\n' >places
    size=$(stat -c %s $file)
    read -r offset partition _ < <(awk -v s="$size" '$3 == s' places) || fail "no dead letter of $size bytes ($file)"
    kcat -C -q -c 1 -b "$BOOTSTRAP" -t "$dead" -p "$partition" -o "$offset" -D '' | cmp - $file || fail "$file is not as it was"
done

# what is done is done
expect 0 "$RINGFENCE" build --config job.yaml --set ingest.dead_letter_topic="$dead"
dead_letters "$dead" | cmp - letters || fail "a second build sent dead letters again"
{ cat good.jsonl; head -n 1 good.jsonl | sed 's/"e[0-9]*"/"last"/'; } >events.jsonl
expect 0 "$RINGFENCE" build --config file.yaml --graph file.h5
same_graph graph.h5 file.h5

# into a file
expect 0 "$RINGFENCE" build --config job.yaml --graph other.h5 --set kafka.group.id="$NAME-file" --dead-letters rejects.jsonl
[ "$(wc -l <rejects.jsonl)" -eq 4 ] || fail "$(wc -l <rejects.jsonl) lines of dead letters, not 4"
grep -q "\"topic\":\"$in\",\"partition\":0,\"offset\":1001" rejects.jsonl || fail "no place of the message without value"
same_graph other.h5 file.h5

# a dead-letter topic that takes no message of that size gets it without its value, and is told so
expect 0 "$RINGFENCE" build --config job.yaml --graph small.h5 --set kafka.group.id="$NAME-small" --set ingest.dead_letter_topic="$small"
dead_letters "$small" >letters
[ "$(wc -l <letters)" -eq 4 ] || fail "$(wc -l <letters) dead letters in the small topic, not 4"
grep -qE '^large\|-1\|.*left_out=value' letters || fail "the large message is not there without its value"
