. "$CASES/lib.sh"
for verb in init check run simulate build merge train score tag cluster evaluate emit export inspect erase pseudonym upgrade; do
    echo "== $verb"
    ringfence $verb --help || exit 1
done
