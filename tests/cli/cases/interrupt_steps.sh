. "$CASES/lib.sh"
# SIGTERM in the middle of any step that has nothing to save: status 130 at once, nothing half written, and the same
# command gives the same in the end
small_events 8000
ringfence run --config job.yaml $quick --output whole >/dev/null || exit 1

# cut VERB ARGUMENT…: at later and later moments, until one ends it in the middle.
cut() {
    for wait_s in 0.1 0.06 0.04 0.02 0.1 0.05 0.03 0.02 0.015; do
        "$RINGFENCE" "$@" --quiet >/dev/null 2>message &
        victim=$!
        sleep $wait_s
        kill -TERM $victim 2>/dev/null
        wait $victim 2>/dev/null
        cut_status=$?
        [ $cut_status -ne 130 ] || break
    done
    echo "$1: $cut_status"
    cat message
    ls -A | grep 'tmp\|lock'
    "$RINGFENCE" "$@" --quiet >/dev/null || exit 1
}

data="--graph whole/graph.h5 --scores scores.h5"
cut score --graph whole/graph.h5 --model whole/model.h5 --output scores.h5
cut tag $data
cut cluster $data
cut export $data --format graphml --select percentile=0.5 --output export.graphml
cut simulate --events 100000 --output simulated.jsonl
cut merge --config job.yaml whole/graph.h5 --output merged.h5
