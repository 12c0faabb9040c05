. "$CASES/lib.sh"
# kill -9 at many moments of the whole job: the same files in the end
small_events 20000
ringfence run --config job.yaml $quick --output whole > /dev/null || exit 1
for seconds in 0.1 0.2 0.3 0.4 0.5 0.6 0.7; do
    killed $seconds run --config job.yaml $quick --set ingest.checkpoint_events=2000
done
ringfence run --config job.yaml $quick > /dev/null || exit 1
for file in graph.h5 model.h5 scores.h5 alerts.h5 actions.jsonl evaluation.json ring.svg; do
    echo "$file: $(same out/$file whole/$file)"
done
ls -A out
