# shellcheck shell=bash
# demo-kafka.sh - the second half of `scripts/demo.sh --kafka`, which sources it: it writes orders into a topic, runs `ringfence run` from
# topic to topic, and prints what a consumer receives. The broker runs as long as this script.
# shellcheck disable=SC2154 # folder, events, seed, threads, ringfence and say are those of demo.sh

command -v kcat >/dev/null || { echo "SKIP: kcat is not installed (package kcat; scripts/setup.sh --dev brings it)" >&2; exit 77; }

say "3. A real broker (scripts/kafka.sh)"
# the broker's folder must not be there before it
broker=$(mktemp -d "${TMPDIR:-/tmp}/ringfence-demo-XXXXXX")/broker
export KAFKA_HOME_DIR=$broker
trap 'scripts/kafka.sh stop; rmdir "$(dirname "$broker")"' EXIT
trap 'exit 130' INT TERM
# the events have times in the past: the broker must keep them
started=0
scripts/kafka.sh start --while $$ --set log.message.timestamp.before.max.ms=9223372036854775807 >"$folder/start.log" || started=$?
if [ $started -ne 0 ]; then
  cat "$folder/start.log"
  exit $started
fi
bootstrap=$(tail -n 1 "$folder/start.log")
rm "$folder/start.log"
scripts/kafka.sh topic orders 6
scripts/kafka.sh topic orders-rejected 1
scripts/kafka.sh topic fraud-actions 6
scripts/kafka.sh topic fraud-flagged 6 cleanup.policy=compact
echo "$bootstrap, topics orders, orders-rejected, fraud-actions, fraud-flagged"

from=$SECONDS
say "4. $events simulated orders into the topic, keyed by user, and one message that is not an order"
"$ringfence" simulate --events "$events" --seed "$seed" --output "$folder/events.jsonl" \
  --write-config "$folder/files.yaml" --set "output=$folder"
tell() { kcat -P -q -b "$bootstrap" -t orders -K '	' -X partitioner=murmur2_random -X compression.codec=lz4 -X linger.ms=50; }
first=$((events * 9 / 10))
keyed() { awk -F'"' '{ print $12 "\t" $0 }'; }
head -n $first "$folder/events.jsonl" | keyed | tell
printf 'nobody\tnot an order\n' | tell
head -n 1 "$folder/events.jsonl" | keyed

say "5. The whole job, from topic to topic: ringfence run --config $folder/orders.yaml"
sed -e '/^source:/,/^$/c\
source:\
  type: kafka\
  topics: [orders]\
  # reads up to the present end of the topic; then the job continues with these events\
  until: now\
\
kafka:\
  bootstrap.servers: "'"$bootstrap"'"\
  group.id: ringfence-demo\
  transactional.id: ringfence-demo\
' -e 's/^  dead_letters: .*/  dead_letter_topic: orders-rejected/' \
  -e 's/^  to: jsonl/  to: kafka\n  topic: fraud-actions\n  # compacted: who is flagged now\n  score_topic: fraud-flagged/' \
  -e '/^  path: actions.jsonl/d' -e "s|ringfence simulate.*|scripts/demo.sh --kafka|" "$folder/files.yaml" >"$folder/orders.yaml"
rm "$folder/files.yaml"
"$ringfence" run --config "$folder/orders.yaml" --threads "$threads"

# an actioning service reads committed messages only
listen() { kcat -C -e -q -b "$bootstrap" -X isolation.level=read_committed "$@"; }
show_actions() {
  listen -t fraud-actions -o "$1" -f '%h\t%s\n' >"$folder/heard"
  grep -c 'ce_type=[^,]*action' "$folder/heard" | sed 's/$/ actions; the worst users, entities, edges:/' || true
  for kind in user entity edge; do
    grep "\"kind\":\"$kind\"" "$folder/heard" | grep -E '"rank":[12],' | cut -f 2 | cut -c 1-240 | sed 's/$/…/' || true
  done
  grep 'run.completed' "$folder/heard" | cut -f 2
}

say "6. A consumer of fraud-actions"
show_actions beginning

say "7. The message that is not an order: orders-rejected"
listen -t orders-rejected -f '%k: %s\n  %h\n'

say "8. The rest of the orders, and the same command again: it reads only those"
tail -n +$((first + 1)) "$folder/events.jsonl" | keyed | tell
"$ringfence" inspect lag --config "$folder/orders.yaml"
"$ringfence" run --config "$folder/orders.yaml" --threads "$threads" >"$folder/second.out"
sed -n '/^kafka/p' "$folder/second.out"
rm -f "$folder/second.out" "$folder/heard"

say "9. fraud-flagged, compacted by the broker: a subject that is no longer flagged has a last message without value"
listen -t fraud-flagged -Z -f '%s %k (%h)\n' | grep '^NULL' | tail -n 3 | cut -c 1-200 || true

say "10. The worst ring"
. scripts/demo-page.sh
write_page

cat <<END

All files are in $folder: orders.yaml, graph.h5 with the offsets up to which it was read, model.h5, scores.h5 with tags and clusters, clusters.h5, alerts.h5,
audit.jsonl, ring.svg, ring.html, summary.json.
The broker and its topics are gone now. Simulated and analysed twice in $((SECONDS - from)) s.
END
