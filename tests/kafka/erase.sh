#!/usr/bin/env bash
# erase on a real broker: in the compacted topic of who is flagged the keys about a person get tombstones, other keys whose last value
# names it get a value without it, both in one transaction; a client that keeps the last value of each key finds the id nowhere.
. "$(dirname "$0")/lib.sh"
unset SOURCE_DATE_EPOCH
in=$NAME-in flagged=$NAME-flagged

topic "$in" 3
topic "$flagged" 3 cleanup.policy=compact
events 4000 6 >keyed
produce "$in" <keyed
job job.yaml "$in" "$NAME"
sed -i "/^emit:/d; s/^kafka: {/&transaction.timeout.ms: 60000, /" job.yaml
echo "emit: {to: kafka, topic: $NAME-actions, create_topics: true, score_topic: $flagged, threshold: {percentile: 0.5}, budget: 0, repeat: all}" >>job.yaml
expect 0 "$RINGFENCE" run --config job.yaml --output out --quiet --set train.epochs=2 --set graph.file=out/graph.h5

# last > KEY <tab> VALUE: the last value of each key that is not taken back
last() {
    consume "$flagged" -f '%k\t%S\t%s\n' |
        awk -F'\t' '{ value[$1] = $2 < 0 ? "" : $3 } END { for (k in value) if (value[k] != "") print k "\t" value[k] }' | sort
}
# keys_of WHO FILE: how many keys are about it, and how many others have values that name it
keys_of() {
    awk -F'\t' -v who="$1" '$1 == "user/" who || index($1, "edge/[\"" who "\",") == 1 { about++; next }
        index($2, "\"" who "\"") { naming++ } END { print about + 0, naming + 0 }' "$2"
}
last >before
for who in $(awk -F'\t' '$1 ~ /^user\// { print substr($1, 6) }' before); do
    read -r about naming < <(keys_of "$who" before)
    [ "$naming" -eq 0 ] || break
done
[ "$about" -ge 2 ] && [ "$naming" -ge 1 ] || fail "no flagged user is named by keys about others"

expect 0 "$RINGFENCE" erase --config job.yaml --output out --set graph.file=out/graph.h5 --user "$who"
last >after
! grep -n "\"$who\"" after || fail "the last values still name $who"
[ "$(keys_of "$who" after)" = "0 0" ] || fail "keys are left: $(keys_of "$who" after)"
[ "$(wc -l <after)" -eq $(($(wc -l <before) - about)) ] || fail "$(wc -l <after) keys of $(wc -l <before) are left, $about were about $who"
# values that do not name it keep each byte
changed=$(join -t '	' before after | awk -F'\t' '$2 != $3' | wc -l)
[ "$changed" -eq "$naming" ] || fail "$changed values changed, $naming named $who"

# done again it finds nothing left
visible "$flagged" -f '%o\n' | wc -l >size
expect 0 "$RINGFENCE" erase --config job.yaml --output out --set graph.file=out/graph.h5 --user "$who"
consume "$flagged" -f '%o\n' | wc -l | cmp -s - size || fail "a second erasure wrote messages"

# the next run goes on
expect 0 "$RINGFENCE" run --config job.yaml --output out --quiet --set train.epochs=2 --set graph.file=out/graph.h5
! last | grep -n "\"$who\"" || fail "a run names $who again"
