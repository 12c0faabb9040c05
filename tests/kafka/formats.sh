#!/usr/bin/env bash
# The same events give the same graph as JSON, CSV and Protobuf messages, with or without a schema registry's prefix; key, header and
# timestamp of a message serve as fields.
. "$(dirname "$0")/lib.sh"
command -v protoc >/dev/null 2>&1 || skip "protoc is not installed (scripts/setup.sh --dev brings it)"

job file.yaml '' ''
events 40 23 >/dev/null
expect 0 "$RINGFENCE" build --config file.yaml --graph file.h5

# from_topic FORMAT [options]: a build of topic $NAME-FORMAT, compared
from_topic() {
    local format=$1
    shift
    job "$format.yaml" "$NAME-$format" "$NAME-$format"
    expect 0 "$RINGFENCE" build --config "$format.yaml" --graph "$format.h5" --set source.format="$format" "$@"
    same_graph "$format.h5" file.h5
}

topic "$NAME-json" 2
kcat -P -q -b "$BOOTSTRAP" -t "$NAME-json" < <(head -n 20 events.jsonl)
n=0
while read -r line; do
    n=$((n + 1))
    printf '\0\0\0\0\7%s' "$line" >"json-$n"
done < <(tail -n +21 events.jsonl)
kcat -P -q -b "$BOOTSTRAP" -t "$NAME-json" json-*
from_topic json

columns='event_id time user entity amount promo channel account_days country refund declined rating'
topic "$NAME-csv" 2
while read -r line; do
    record=
    for column in $columns; do
        value=$(printf '%s' "$line" | sed -n "s/.*\"$column\":\"\\{0,1\\}\\([^,\"}]*\\).*/\\1/p")
        record="$record,$value"
    done
    echo "${record#,}"
done <events.jsonl | kcat -P -q -b "$BOOTSTRAP" -t "$NAME-csv"
from_topic csv --set "source.columns=[${columns// /, }]"

cat >event.proto <<'END'
syntax = "proto3";
package shop;
message Event {
  string event_id = 1;
  string time = 2;
  string user = 3;
  string entity = 4;
  double amount = 5;
  double promo = 6;
  string channel = 7;
  int64 account_days = 8;
  string country = 9;
  bool refund = 10;
  bool declined = 11;
  optional int32 rating = 12;
  string kind = 13;
  string device = 14;
}
END
protoc --proto_path=. --include_imports --descriptor_set_out=event.desc event.proto
n=0
while read -r line; do
    n=$((n + 1))
    [ $((n % 2)) -eq 0 ] || printf '\0\0\0\0\7\0' >"proto-$n"
    # without its braces and the quotes of its keys a flat JSON object is Protobuf's text format
    printf '%s\n' "$line" | sed 's/^{//; s/}$//; s/"\([a-z_]*\)":/\1:/g' |
        protoc --proto_path=. --encode=shop.Event event.proto >>"proto-$n"
done <events.jsonl
topic "$NAME-protobuf" 2
kcat -P -q -b "$BOOTSTRAP" -t "$NAME-protobuf" proto-*
from_topic protobuf --set source.descriptors=event.desc --set source.message_type=shop.Event

expect 2 "$RINGFENCE" build --config protobuf.yaml --graph no.h5 --set source.format=protobuf \
    --set source.descriptors=event.desc --set source.message_type=shop.Evnt
one_line 'did you mean "shop.Event"'
expect 2 "$RINGFENCE" build --config protobuf.yaml --graph no.h5 --set source.format=protobuf \
    --set source.descriptors=event.desc --set source.message_type=shop.Event --set fields.user=usr
one_line 'did you mean "user"'

# what a message carries beside the value: the file that it is compared with is made from what kcat sees
topic "$NAME-beside" 2
for user in u1 u2 u3; do
    for shop in m1 m2; do
        seq 1 $((${user#u} * ${shop#m})) | kcat -P -q -b "$BOOTSTRAP" -t "$NAME-beside" -k $user -H shop=none -H shop=$shop
    done
done
cat >beside.yaml <<END
source: {type: kafka, topics: ["$NAME-beside"], format: csv, columns: [amount]}
kafka: {bootstrap.servers: "$BOOTSTRAP", group.id: "$NAME-beside"}
fields: {user: \$key, entity: \$header.shop, time: {field: \$timestamp, format: iso8601}, attributes: {amount: {type: number}}}
graph: {file: beside.h5, window: 30d, as_of: "$(date -u -d '+2 hours' +%Y-%m-%dT%H:00:00Z)", bucket: 1h}
END
{
    echo user,shop,time,amount
    consume "$NAME-beside" -f '%k,%h,%T,%s\n' | sed 's/shop=none,shop=//'
} >beside.csv
[ "$(wc -l <beside.csv)" -eq 19 ] || fail "$(cat beside.csv)"
# shellcheck disable=SC2016
sed -e '/^source/d; /^kafka/d; s/\$key/user/; s/\$header.shop/shop/; s/\$timestamp, format: iso8601/time, format: ms/' beside.yaml >beside-file.yaml
expect 0 "$RINGFENCE" build --config beside.yaml
expect 0 "$RINGFENCE" build --config beside-file.yaml --graph beside-file.h5 beside.csv
same_graph beside.h5 beside-file.h5
# shellcheck disable=SC2016
expect 2 "$RINGFENCE" build --config beside-file.yaml --graph no.h5 --set 'fields.user=$key' beside.csv
one_line '"\$key" exists in Kafka messages only'
