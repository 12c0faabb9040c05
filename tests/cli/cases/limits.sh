. "$CASES/lib.sh"
# limits on address space and data: a step fits, or is refused in one line before it begins; it never hangs
small_events 2000
unset OPENBLAS_NUM_THREADS
ringfence build --config job.yaml --graph graph.h5 --quiet || exit 1
ringfence train --graph graph.h5 --model model.h5 --epochs 2 --quiet || exit 1

# bounded KIND KB COMMAND…: how it ends under that limit, with numbers of the machine left out
bounded() {
    (
        ulimit "-$1" "$2" || exit 9
        shift 2
        timeout -s KILL 60 "$RINGFENCE" "$@" 2>err
        echo "status $?"
    )
    sed 's/[0-9.]* [MG]B/N MB/g' err
}

# asked KIND KB COMMAND…: the limit in KB under which it says that it would fit, and 2 MB for the digits that it leaves out
asked() {
    bounded "$@" >/dev/null
    awk '{ for (i = 4; i <= NF; i++) if ($i ~ /^MB/) n[++k] = $(i - 1) } END { print int((n[1] - n[2] + n[3] + 2) * 1000000 / 1024) }' err
}
echo "== address space"
bounded v 200000 --version
bounded v 250000 train --graph graph.h5 --model new.h5 --epochs 2 --threads 1 --quiet
bounded v 2000000 train --graph graph.h5 --model new.h5 --epochs 2 --threads 1 --quiet
same model.h5 new.h5
bounded v 500000 train --graph graph.h5 --model new.h5 --epochs 3 --threads 8 --quiet
score='score --graph graph.h5 --model model.h5 --output new-scores.h5 --threads 1 --quiet'
# shellcheck disable=SC2086
bounded v 250000 $score
# shellcheck disable=SC2086
bounded v "$(asked v 250000 $score)" $score
echo "== data"
bounded d 100000 train --graph graph.h5 --model newer.h5 --epochs 2 --threads 1 --quiet
# shellcheck disable=SC2086
bounded d "$(asked d 100000 $score)" $score
ls new*.h5
