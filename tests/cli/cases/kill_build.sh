. "$CASES/lib.sh"
# kill -9 at many moments of a build: what comes out in the end has the bytes of an uninterrupted build
small_events 40000
for kind in pair event; do
    ringfence build --config job.yaml --granularity $kind --graph whole-$kind.h5 --quiet || exit 1
    for seconds in 0.05 0.1 0.15 0.2 0.25 0.3; do
        killed $seconds build --config job.yaml --granularity $kind --graph $kind.h5 --quiet \
            --set ingest.checkpoint_events=5000
    done
    ringfence build --config job.yaml --granularity $kind --graph $kind.h5 --quiet || exit 1
    same $kind.h5 whole-$kind.h5
done
ls *.h5*
