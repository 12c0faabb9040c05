. "$CASES/lib.sh"
# SIGTERM in the middle of any step that has nothing to save: status 130 at once, nothing half written, and the same
# command gives the same in the end
small_events 8000
ringfence run --config job.yaml $quick --output whole >/dev/null || exit 1

# cut VERB ARGUMENT…: later if it had not begun (143), earlier if it was done (0), until SIGTERM ends it in the middle.
cut() {
    early_ms=0 late_ms=0 wait_ms=40
    for _ in $(seq 30); do
        "$RINGFENCE" "$@" --quiet >/dev/null 2>message &
        victim=$!
        sleep "$(printf '%d.%03d' $((wait_ms / 1000)) $((wait_ms % 1000)))"
        kill -TERM $victim 2>/dev/null
        wait $victim 2>/dev/null
        cut_status=$?
        case $cut_status in
        143) early_ms=$wait_ms ;;
        0) late_ms=$wait_ms ;;
        *) break ;;
        esac
        if [ $late_ms -gt $((early_ms + 2)) ]; then
            wait_ms=$(((early_ms + late_ms) / 2))
        else # not known yet, or the machine has become slower or faster
            wait_ms=$((2 * early_ms + 1)) early_ms=$((early_ms / 2)) late_ms=0
        fi
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
