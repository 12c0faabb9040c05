# lib.sh - what several cases need.

ringfence() {
    "$RINGFENCE" "$@"
}

# status COMMAND…: runs it and prints how it ended.
status() {
    "$@"
    echo "status $?"
}

# small_events N: events.jsonl and job.yaml, whose run takes seconds.
small_events() {
    ringfence simulate --events "$1" --seed 7 --output events.jsonl --kinds one --write-config job.yaml --quiet --set output=out ||
        exit 1
}

quick="--set train.epochs=4 --set train.hidden=8 --set train.latent=8 --quiet"

# killed SECONDS ARGUMENT…: ends ringfence with SIGKILL after so long, if it still runs. Says nothing.
killed() {
    wait_s=$1
    shift
    "$RINGFENCE" "$@" >/dev/null 2>&1 &
    victim=$!
    sleep "$wait_s"
    kill -9 $victim 2>/dev/null
    wait $victim 2>/dev/null
}

# wait_until COMMAND…: a process in the background is so far that the command succeeds.
wait_until() {
    for _ in $(seq 400); do
        "$@" && return
        sleep 0.05
    done
    echo "never: $*"
}

# same A B: equal bytes?
same() {
    if cmp -s "$1" "$2"; then echo "same"; else echo "$1 and $2 differ"; fi
}
