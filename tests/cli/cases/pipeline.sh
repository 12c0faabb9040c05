. "$CASES/lib.sh"
# each verb by itself, with the flags that scripts rely on
small_events 3000
ringfence build --config job.yaml --graph g.h5 --dead-letters r.jsonl --summary build.json --quiet || exit 1
ringfence train --graph g.h5 --model m.h5 --epochs 3 --lr 0.01 --eta 0.2 --seed 0 --hidden 8,8,8 --latent 8 \
    --layers-encoder 2 --layers-decoder 2 --layers-mlp 2 --negatives 5 --log train.jsonl --summary train.json --quiet ||
    exit 1
ringfence score --graph g.h5 --model m.h5 --output s.h5 --agg mean --eta 0.2 --quiet || exit 1
ringfence evaluate --scores s.h5 --graph g.h5 --json > evaluation.json || exit 1
ringfence emit --graph g.h5 --scores s.h5 --config job.yaml --path actions.jsonl --top 3 --picture ring.svg \
    --summary emit.json --quiet || exit 1
ringfence emit --graph g.h5 --scores s.h5 --path - --top 3 --quiet > to-stdout.jsonl || exit 1
same actions.jsonl to-stdout.jsonl
ls

echo "== keys"
for file in build.json train.json emit.json train.jsonl evaluation.json; do
    echo "$file: $(head -1 $file | grep -o '"[a-z_]*":' | awk '!seen[$0]++' | tr -d '":' | tr '\n' ' ')"
done
sed 's/.*"events":{\([^}]*\)}.*/\1/' build.json
wc -l < train.jsonl | tr -d ' '
grep -c '"kind":' actions.jsonl

echo "== tables"
ringfence evaluate --scores s.h5 --graph g.h5 --k 5 --percentile 0.9 | grep -oE '^(Areas|Precision|users|edges)' | sort -u
