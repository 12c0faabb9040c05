#!/usr/bin/env bash
# rule_files.sh RINGFENCE: the shipped rules and every file of examples/rules are sound, find what they look at in a graph built
# with the configuration they are for, and tag it; one that looks at something else is refused.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
ringfence=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
work=$(mktemp -d "${TMPDIR:-/tmp}/ringfence-rules-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
export LC_ALL=C TZ=UTC OPENBLAS_NUM_THREADS=1 SOURCE_DATE_EPOCH=1700000000
quiet=(--quiet --no-progress --threads 1)

# Card payments as configs/fdh.yaml reads them: 40 customers, 12 terminals, and customer 7's card is used by somebody else.
awk 'BEGIN {
    print "TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_FRAUD,TX_FRAUD_SCENARIO"
    for (i = 0; i < 2000; i++) {
        customer = i % 40; terminal = int(i / 40 + customer / 4) % 12; amount = 20 + customer + i * 7 % 11
        fraud = customer == 7 && int(i / 40) % 8 == 2
        printf "%d,2018-04-%02d %02d:%02d:00,%d,%d,%d,%d,%d\n", i, 1 + int(i / 70), i % 24, i % 60, customer, terminal,
            fraud ? amount * 6 : amount, fraud, fraud ? 3 : 0
    }
}' >payments.csv
"$ringfence" run --config "$root/configs/fdh.yaml" "${quiet[@]}" --set 'source.paths=[payments.csv]' --set train.epochs=10 \
    --set output=cards >cards.txt
"$ringfence" simulate --quiet --events 20000 --seed 3 --output events.jsonl --write-config orders.yaml --set output=orders
"$ringfence" run --config orders.yaml "${quiet[@]}" --set train.epochs=10 >orders.txt

# judge FILE DATA
judge() {
    "$ringfence" tag --check --rules "$1" --graph "$2/graph.h5" >check.txt
    "$ringfence" tag --rules "$1" --graph "$2/graph.h5" --scores "$2/scores.h5" "${quiet[@]}" >"tags-$(basename "$1" .yaml).txt"
}
files=0
for file in "$root/configs/rules.yaml" "$root"/examples/rules/*.yaml; do
    data=orders
    [ "$(basename "$file")" != card-payments.yaml ] || data=cards
    judge "$file" "$data"
    files=$((files + 1))
done
[ "$files" -eq 4 ] || { echo "FAILED: $files rule files, not 4: say here what the new one is for" >&2; exit 1; }

"$ringfence" tag --rules "$root/examples/rules/card-payments.yaml" --graph cards/graph.h5 --scores cards/scores.h5 "${quiet[@]}" \
    --explain 7 >seven.txt
grep -q leaked_card seven.txt || { echo "FAILED: nothing is said of leaked_card" >&2; exit 1; }
grep -Eq '^leaked_card +1 ' tags-card-payments.txt || { cat tags-card-payments.txt seven.txt >&2; echo "FAILED: one card leaked" >&2; exit 1; }
if "$ringfence" tag --check --rules "$root/examples/rules/stricter-coupons.yaml" --graph cards/graph.h5 >check.txt 2>check.err; then
    echo "FAILED: rules about coupons are fine for payments without any" >&2
    exit 1
fi
grep -q 'stricter-coupons.yaml:.*promo_mean' check.err || { cat check.err >&2; exit 1; }
