#!/bin/sh
# Kills build, train and run with SIGKILL at random moments, lets each continue to its end, and compares every file with that of
# an uninterrupted one, byte for byte. Each round starts from nothing; every third round kills the resumed command once more.
# Exit status 1 if a file differs, a resumed verb fails, or something is left behind.
#
#   scripts/kill-sweep.sh [ROUNDS [EVENTS [SEED]]]        20 rounds a verb, 200000 events, seed 1
#
# RINGFENCE names the program (build/release/cli/ringfence), EPOCHS the length of training (40), VERBS the verbs
# ("build train run").
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
ringfence=${RINGFENCE:-$here/build/release/cli/ringfence}
rounds=${1:-20} events=${2:-200000} seed=${3:-1}
[ -x "$ringfence" ] || { echo "kill-sweep: $ringfence is not there; build it (cmake --preset release && cmake --build --preset release) or set RINGFENCE" >&2; exit 2; }
work=$(mktemp -d)
victim=
trap '[ -z "$victim" ] || kill -9 "$victim" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$work"
export SOURCE_DATE_EPOCH=1700000000

"$ringfence" simulate --events "$events" --seed "$seed" --output events.jsonl --write-config job.yaml --quiet
often="--set ingest.checkpoint_events=$((events / 10 > 1000 ? events / 10 : 1000)) --set train.checkpoint_every=3"
short="--set train.epochs=${EPOCHS:-40}"

# The command that puts a verb's files into a folder, as arguments of `ringfence`.
arguments() {
    case $1 in
    build) echo "build --config job.yaml --graph $2/graph.h5 --dead-letters $2/rejects.jsonl $often" ;;
    train) echo "train --config job.yaml --graph $work/graph.h5 --model $2/model.h5 $often $short" ;;
    run) echo "run --config job.yaml --output $2 $often $short" ;;
    esac
}

now() { date +%s.%N; }

# The k-th random moment between nothing and $1 seconds.
moment() {
    awk -v longest="$1" -v seed="$seed" -v k="$2" 'BEGIN { srand(seed * 100003 + k); rand(); printf "%.3f", rand() * longest }'
}

# Starts a verb and kills it after that many seconds; prints "killed", or "finished" if it was faster.
kill_after() {
    # shellcheck disable=SC2046
    "$ringfence" $(arguments "$2" "$3") --quiet >/dev/null 2>"$work/killed.err" &
    victim=$!
    sleep "$1"
    kill -9 "$victim" 2>/dev/null || true
    outcome=finished
    wait "$victim" 2>/dev/null || [ $? -ne 137 ] || outcome=killed
    victim=
}

# Files that must not differ: all but those that hold durations.
compare() {
    for file in "$2"/*; do
        name=${file##*/}
        case $name in summary.json | audit.jsonl) continue ;; esac
        if [ ! -e "$1/$name" ]; then
            echo "kill-sweep: $name is missing after $3" >&2
            return 1
        elif ! cmp -s "$1/$name" "$file"; then
            echo "kill-sweep: $name differs after $3" >&2
            return 1
        fi
    done
    left=$(cd "$1" && ls -A | while read -r name; do [ -e "$2/$name" ] || echo "$name"; done)
    if [ -n "$left" ]; then
        echo "kill-sweep: left behind after $3: $left" >&2
        return 1
    fi
}

failed=0
k=0
for verb in ${VERBS:-build train run}; do
    whole=$work/whole_$verb
    mkdir "$whole"
    # training reads the graph that an uninterrupted build made
    [ "$verb" != train ] || [ -e graph.h5 ] ||
        "$ringfence" build --config job.yaml --graph "$work/graph.h5" --dead-letters "$work/rejects.jsonl" --quiet
    from=$(now)
    # shellcheck disable=SC2046
    "$ringfence" $(arguments "$verb" "$whole") --quiet >/dev/null
    longest=$(awk -v a="$from" -v b="$(now)" 'BEGIN { print b - a }')
    kills=0 same=0 round=1
    while [ "$round" -le "$rounds" ]; do
        folder=$work/part
        rm -rf "$folder"
        mkdir "$folder"
        k=$((k + 1)) at=$(moment "$longest" "$k") story="$verb was killed"
        kill_after "$at" "$verb" "$folder"
        [ "$outcome" = finished ] || { kills=$((kills + 1)) story="$story at $at s"; }
        if [ $((round % 3)) -eq 0 ] && [ "$outcome" = killed ]; then
            k=$((k + 1)) at=$(moment "$longest" "$k")
            kill_after "$at" "$verb" "$folder"
            [ "$outcome" = finished ] || { kills=$((kills + 1)) story="$story, then at $at s"; }
        fi
        # shellcheck disable=SC2046
        if "$ringfence" $(arguments "$verb" "$folder") --quiet >/dev/null && compare "$folder" "$whole" "$story"; then
            same=$((same + 1))
        else
            echo "kill-sweep: $story (of $longest s): not as if uninterrupted" >&2
            failed=1
        fi
        round=$((round + 1))
    done
    printf '%-6s %3d kills in %.1f s of work, %d of %d ends equal byte for byte\n' "$verb" "$kills" "$longest" "$same" "$rounds"
done
exit $failed
