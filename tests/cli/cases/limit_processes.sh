. "$CASES/lib.sh"
# a limit on processes: a step takes the threads that it gets, says so, and finds the same
if [ "$(id -u)" = 0 ]; then # root may start any number of processes, so it is somebody else here
    as_nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"
    chmod 777 . ..
    $as_nobody "$RINGFENCE" --version >/dev/null 2>&1 ||
        { echo "SKIPPED limit_processes: root cannot start this program as somebody else" >&2; exit 77; }
fi
small_events 2000
unset OPENBLAS_NUM_THREADS
ringfence build --config job.yaml --graph graph.h5 --quiet || exit 1
ringfence train --graph graph.h5 --model model.h5 --epochs 2 --quiet || exit 1
ringfence score --graph graph.h5 --model model.h5 --output one.h5 --threads 1 --quiet || exit 1
chmod a+r ./*.h5
# shellcheck disable=SC2086
timeout -s KILL 60 $as_nobody bash -c 'ulimit -u 1; exec "$@"' sh "$RINGFENCE" score --graph graph.h5 --model model.h5 \
    --output few.h5 --threads 4 --quiet 2>err
echo "status $?"
sed 's/^[0-9:]* //' err
same one.h5 few.h5
