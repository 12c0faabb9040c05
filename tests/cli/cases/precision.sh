. "$CASES/lib.sh"
# features of edges in half the memory while training, of a graph that is mapped; the loss is nearly the same, and scoring does not mind
small_events 45000
small="--set train.hidden=8 --set train.latent=8 --epochs 4 --threads 2 --quiet"
loss() {
    ringfence inspect "$1" | sed -n 's/^ *loss  *//p' | head -n 1
}
# shellcheck disable=SC2086
{
ringfence build --config job.yaml --quiet >report || exit 1
ringfence train --config job.yaml $small --model float.h5 >>report || exit 1
ringfence train --config job.yaml $small --model half.h5 --precision bf16 >>report || exit 1
ringfence train --config job.yaml $small --model again.h5 --precision bf16 --threads 1 >>report || exit 1
echo "at other threads: $(same half.h5 again.h5)"
ringfence inspect half.h5 | grep -o 'precision=bf16'
awk -v a="$(loss float.h5)" -v b="$(loss half.h5)" 'BEGIN { print (a > 0 && b > 0 && a != b && (a - b) ^ 2 < (0.01 * a) ^ 2) ? "about as low" : "float " a ", half " b }'
ringfence score --config job.yaml --model half.h5 --quiet >>report || exit 1
for precision in float32 bf16; do
    ringfence train --config job.yaml --estimate-memory --precision $precision | sed -n 's/^edges .* \([0-9.]* [kMG]B\)$/\1/p'
done
echo "== the other precision does not go on"
status ringfence train --config job.yaml $small --epochs 5 --model half.h5
status ringfence train --config job.yaml $small --precision half
}
