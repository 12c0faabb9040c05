. "$CASES/lib.sh"
# kill -9 at many moments of a training: the same model in the end
small_events 3000
ringfence build --config job.yaml --graph g.h5 --quiet || exit 1
options="--graph g.h5 --epochs 40 --checkpoint-every 3 --dropout 0.1 --quiet"
ringfence train $options --model whole.h5 --log whole.jsonl || exit 1
for seconds in 0.2 0.3 0.4 0.5 0.6; do
    killed $seconds train $options --model m.h5 --log log.jsonl
done
ringfence train $options --model m.h5 --log log.jsonl || exit 1
same m.h5 whole.h5

# auto knows after a kill how concentrated errors have been
options="--graph g.h5 --epochs auto --checkpoint-every 3 --quiet"
ringfence train $options --model whole-auto.h5 || exit 1
for seconds in 0.2 0.3 0.4; do
    killed $seconds train $options --model auto.h5
done
ringfence train $options --model auto.h5 || exit 1
same auto.h5 whole-auto.h5
ringfence score --graph g.h5 --model m.h5 --output s.h5 --quiet || exit 1
