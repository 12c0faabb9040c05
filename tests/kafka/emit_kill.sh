#!/usr/bin/env bash
# emit killed by SIGKILL at random moments and started again: a client with isolation.level=read_committed sees every ce_id exactly
# once and one manifest a run, and the score topic says who was flagged last.
#
#   emit_kill.sh RINGFENCE        KILLS (5), EVENTS (6000), SEED (of the moments; the clock)
. "$(dirname "$0")/lib.sh"
kills=${KILLS:-5}
RANDOM=${SEED:-$(date +%s)}
seed=$RANDOM
say "seed $seed"
unset SOURCE_DATE_EPOCH

events "${EVENTS:-6000}" 1 >/dev/null
job job.yaml "" x
"$RINGFENCE" run --config job.yaml --quiet --set train.epochs=2 --output . >/dev/null
cat >emit.yaml <<END
kafka:
  bootstrap.servers: "$BOOTSTRAP"
  transaction.timeout.ms: 60000
  queue.buffering.max.messages: 100 # slow: most of an emission's time is spent in its transaction
  linger.ms: 5
emit: {to: kafka, topic: $NAME-actions, score_topic: $NAME-flagged, create_topics: true, threshold: {percentile: 0}, budget: 0, repeat: all, clusters: false}
END

# run N: scores of another run, for another run_id; every second one flags half of the subjects.
run_id() {
    "$RINGFENCE" inspect scores.h5 --json | sed 's/.*"run_id":"\([0-9a-f]*\)".*/\1/'
}
emit() {
    "$RINGFENCE" emit --config emit.yaml --threshold-percentile "$threshold" --summary summary.json --quiet "$@"
}

# How long an emission takes here, once the topics are there.
threshold=0
expect 0 emit --topic "$NAME-other" --score-topic "$NAME-other-flagged"
longest=100000
for _ in 1 2 3; do # the shortest, for the machine may be busy
    from=$(date +%s%N)
    expect 0 emit --topic "$NAME-other" --score-topic "$NAME-other-flagged" --force
    took=$((($(date +%s%N) - from) / 1000000))
    [ $took -ge $longest ] || longest=$took
done
say "an emission takes $longest ms"

killed=0 runs=0 found=0 shut_out=0 round=0
: >runs.txt
while [ $killed -lt "$kills" ]; do
    round=$((round + 1))
    [ $round -le $((kills * 10)) ] || fail "only $killed kills in $round rounds: emissions end before they are killed"
    threshold=$(((round % 2) * 5)) && threshold=0.${threshold}
    "$RINGFENCE" score --graph graph.h5 --model model.h5 --output scores.h5 --eta "0.$((1000 + round))" --quiet
    run_id >>runs.txt
    runs=$((runs + 1))
    for _ in 1 2; do # a second kill hits what the first one left behind
        emit 2>killed.err &
        victim=$!
        children=($victim)
        sleep "$(printf '%d.%03d' $(((at = RANDOM * 2 % (longest * 11 / 10)) / 1000)) $((at % 1000)))"
        kill -KILL $victim 2>/dev/null || true
        status=0
        wait $victim 2>/dev/null || status=$?
        children=()
        case $status in
        137) killed=$((killed + 1)) ;;
        0) ;;
        1) grep -qE 'is in the topic already|has started and fenced this one' killed.err || fail "round $round: $(cat killed.err)" ;;
        *) fail "round $round: exit status $status: $(cat killed.err)" ;;
        esac
    done
    # to its end, as a scheduler would; what a killed process had still on its way to the broker may shut one start out
    for _ in 1 2 3 4; do
        status=0
        emit 2>last.err || status=$?
        grep -q 'has started and fenced this one' last.err || break
        shut_out=$((shut_out + 1))
        sleep 1
    done
    if [ $status -eq 1 ] && grep -q 'is in the topic already' last.err; then
        found=$((found + 1))
    elif [ $status -ne 0 ]; then
        fail "round $round: exit status $status: $(cat last.err)"
    fi
done
say "$killed kills in $runs runs; the last start of $found found its run there already; $shut_out starts were shut out"

consume "$NAME-actions" -f '%h\n' | tr ',' '\n' >headers.txt
sed -n 's/^ce_id=//p' headers.txt | sort >ids.txt
doubled=$(uniq -d ids.txt | wc -l)
[ "$doubled" -eq 0 ] || fail "$doubled ce_ids more than once"
consume "$NAME-actions" -f '%k\t%s\n' | grep '"kind":"run.completed"' >manifests.txt
cut -f 1 manifests.txt | sort >got.txt
sort runs.txt >wanted.txt
diff wanted.txt got.txt >diff.err || fail "the manifests are not those of the runs"
# every manifest says how many messages its run has
sed 's/.*"actions":{"user":\([0-9]*\),"entity":\([0-9]*\),"edge":\([0-9]*\),"cluster":\([0-9]*\)}.*"gone":\([0-9]*\)}.*/\1 \2 \3 \4 \5/' manifests.txt |
    awk '{ n += $1 + $2 + $3 + $4 + $5 + 1 } END { print n }' >wanted.n
[ "$(wc -l <ids.txt)" -eq "$(cat wanted.n)" ] || fail "$(wc -l <ids.txt) messages, and manifests speak of $(cat wanted.n)"
say "$(wc -l <ids.txt) messages, each ce_id once; $runs manifests"

# what only those see who read uncommitted: the attempts that were killed
attempts=$(kcat -C -e -q -b "$BOOTSTRAP" -t "$NAME-actions" -X isolation.level=read_uncommitted -f 'x\n' | wc -l)
invisible=$((attempts - $(wc -l <ids.txt)))
say "$invisible messages of killed attempts stay invisible"
[ $invisible -gt 0 ] || [ "$kills" -lt 20 ] || fail "no kill hit a transaction: the test has shown nothing"

# who is flagged: the last value of each key against the last run's messages
last=$(tail -n 1 runs.txt)
consume "$NAME-actions" -f '%s\n' | grep "\"run_id\":\"$last\"" | grep -v -e run.completed -e ringfence.cleared | sed 's/^{"schema":"[^"]*","id":"\([0-9a-f]*\)".*/\1/' |
    sort >flagged.wanted
consume "$NAME-flagged" -f '%k\t%S\t%s\n' | awk -F'\t' '{ value[$1] = $2 < 0 ? "" : $3 } END { for (k in value) if (value[k] != "") print value[k] }' |
    sed 's/^{"schema":"[^"]*","id":"\([0-9a-f]*\)".*/\1/' | sort >flagged.got
[ -s flagged.wanted ] || fail "the last run flagged nobody"
diff flagged.wanted flagged.got >diff.err || fail "the score topic does not say what the last run said"
say "the score topic holds the $(wc -l <flagged.got) subjects of the last run"
