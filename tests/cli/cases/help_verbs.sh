. "$CASES/lib.sh"
for verb in run simulate build merge train score cluster evaluate emit export inspect upgrade; do
    echo "== $verb"
    ringfence $verb --help || exit 1
done
