. "$CASES/lib.sh"
# rules over a scored graph: tags in scores.h5, the same each time; explanations; what is wrong with a rule file
small_events 6000
ringfence run --config job.yaml $quick >/dev/null || exit 1
data="--graph out/graph.h5 --scores out/scores.h5"
said() {
    sed 's/^[0-9:]* //'
}
cat >mine.yaml <<'END'
version: 1
name: mine
revision: 3
unknown: {percentile: 0.99}
segments:
  activity: {of: user, value: user.events, cuts: [3, 10]}
rules:
  - type: big_spender
    subject: user
    about: Much money in few orders.
    support: {events: 3, partners: 2}
    signals:
      money: {value: user.amount_sum, above_percentile: 0.9, segment: activity, about: money of all orders}
      often: {value: user.events, above: 3}
      young: {value: user.first_seen_s, above: 3600, slope: 600}
    confidence: {all: [money, {any: [often, young]}]}
  - type: regular
    subject: edge
    signals: {again: {value: edge.events, above: 3}}
    spread: {user: {edges: 1, share: 0.1}, entity: {edges: 2}}
END

echo "== the shipped rules"
ringfence tag $data 2>tag.err | sed 's/  .*//; s/^---*/---/; s/: [a-z ]*$/: KIND/; s/revision [0-9]*/revision N/' | uniq
said <tag.err | sed 's/revision [0-9]*/revision N/'
echo "== rules of one's own, the same bytes again and at any number of threads"
ringfence tag --config job.yaml --rules mine.yaml --quiet | sed 's/ [ 0-9,.-]*$//; s/  */ /g; s/^---*/---/; s/: [a-z ]*$/: KIND/' | uniq
cp out/scores.h5 first.h5
for threads in 1 2 3; do
    ringfence tag $data --set tag.rules=mine.yaml --threads $threads --quiet >/dev/null || exit 1
    same out/scores.h5 first.h5
done
ringfence tag $data --quiet >/dev/null
ringfence tag $data --rules mine.yaml --quiet >/dev/null
same out/scores.h5 first.h5
ringfence inspect out/scores.h5 | grep -E '^  (rules|user_tags|entity_tags|edge_tags)' | sed 's/  */ /g; s/[0-9a-f]\{16\}/HASH/; s/tags [1-9][0-9]*/tags N/'
echo "== scoring again removes them"
ringfence score --config job.yaml --quiet
ringfence inspect out/scores.h5 | grep -c tag

echo "== an explanation"
user=$(head -n 1 events.jsonl | sed 's/.*"user":"\([^"]*\)".*/\1/')
entity=$(head -n 1 events.jsonl | sed 's/.*"entity":"\([^"]*\)".*/\1/')
cp out/scores.h5 before.h5
ringfence tag $data --rules mine.yaml --explain "$user" >user.txt
ringfence tag $data --rules mine.yaml --explain-entity "$entity" >entity.txt
same out/scores.h5 before.h5
sed 's/[a-z]*[0-9][0-9.]*/N/g; s/  */ /g; s/^\[.\]/[?]/; s/\(unknown_pattern\), [a-z_]*/\1, KIND/; s/ (N [a-z]*)//g' user.txt | grep -v '^ \(missing\|left out\)' |
    sed 's/; needed.*//; s/N events\{0,1\}/N events/; s/out of reach/from N/; s/, where no rule explains it//' | sort -u
grep -c 'not looked at' user.txt entity.txt

echo "== faults"
ringfence tag $data --explain "${user}x" 2>&1 | said | sed "s/u[0-9][0-9]*/USER/g"
status ringfence tag $data --explain nobody-of-this-name 2>&1 | said
sed 's/above: 3}/abov: 3}/' mine.yaml >wrong.yaml
status ringfence tag $data --rules wrong.yaml 2>&1 | said
sed 's/user.amount_sum/user.amonut_sum/' mine.yaml >wrong.yaml
status ringfence tag $data --rules wrong.yaml 2>&1 | said
sed 's/user.amount_sum/user.fraud_type/' mine.yaml >wrong.yaml
status ringfence tag --check --rules wrong.yaml 2>&1 | said
status ringfence tag --check --rules absent.yaml 2>&1 | said
cp out/graph.h5 wrong.h5
status ringfence tag --graph out/graph.h5 --scores wrong.h5 2>&1 | said

echo "== checking"
status ringfence tag --check --rules mine.yaml
sed 's/user.amount_sum/user.weight_sum/; s/subject: user/subject: user\n    optional: true/' mine.yaml >other.yaml
status ringfence tag --check --rules other.yaml --graph out/graph.h5
ringfence tag $data --rules other.yaml 2>&1 >/dev/null | said
