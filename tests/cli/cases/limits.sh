. "$CASES/lib.sh"
# limits on address space, data and processes: a step fits, or is refused in one line before it begins; it never hangs
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
echo "== address space"
bounded v 200000 --version
bounded v 250000 train --graph graph.h5 --model new.h5 --epochs 2 --threads 1 --quiet
bounded v 2000000 train --graph graph.h5 --model new.h5 --epochs 2 --threads 1 --quiet
same model.h5 new.h5
bounded v 500000 train --graph graph.h5 --model new.h5 --epochs 3 --threads 8 --quiet
bounded v 250000 score --graph graph.h5 --model model.h5 --output new-scores.h5 --threads 1 --quiet
echo "== data"
bounded d 100000 train --graph graph.h5 --model newer.h5 --epochs 2 --threads 1 --quiet
ls new*.h5

# root may start any number of processes, so it is somebody else here
echo "== processes"
as_nobody=
if [ "$(id -u)" = 0 ]; then
    as_nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"
    chmod 777 . .. && chmod a+r ./*.h5
    $as_nobody "$RINGFENCE" --version >/dev/null 2>&1 || exit 77
fi
ringfence score --graph graph.h5 --model model.h5 --output one.h5 --threads 1 --quiet || exit 1
# shellcheck disable=SC2086
timeout -s KILL 60 $as_nobody bash -c 'ulimit -u 1; exec "$@"' sh "$RINGFENCE" score --graph graph.h5 --model model.h5 \
    --output few.h5 --threads 4 --quiet 2>err
echo "status $?"
sed 's/^[0-9:]* //' err
same one.h5 few.h5
