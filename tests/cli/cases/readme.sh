. "$CASES/lib.sh"
# the first configuration of README.md leaves no shipped rule without what it needs; without attributes most rules cannot judge
small_events 6000
sed -n '/^source:  # CSV/,/^```$/{/^```$/q;p}' "$CASES/../../../README.md" >orders.yaml
names="--set source.paths=[events.jsonl] --set fields.user=user --set fields.entity=entity --set fields.time=time"
names="$names --set graph.file=graph.h5 --set output=."

echo "== as it stands"
ringfence build --config orders.yaml $names --quiet || exit 1
ringfence tag --check --graph graph.h5 | grep -c '^  [a-z]'
ringfence tag --check --graph graph.h5 | grep 'cannot judge\|of its evidence'

echo "== as init proposes it for these events"
ringfence init events.jsonl -o proposed.yaml >init.txt || exit 1
ringfence build --config proposed.yaml --set graph.file=proposed.h5 --quiet || exit 1
ringfence tag --check --graph proposed.h5 | grep -c '^  [a-z]'
ringfence tag --check --graph proposed.h5 | grep 'cannot judge\|of its evidence'

echo "== with two attributes"
rm graph.h5
sed '/^    [a-z]/{/amount\|channel/!d;}' orders.yaml >few.yaml
ringfence build --config few.yaml $names --quiet || exit 1
ringfence tag --check --graph graph.h5 | sed -n 's/^  \([a-z_]*\) .*cannot judge.*/\1/p; /^all could/p'
