. "$CASES/lib.sh"
# last night's model and tonight's graph: another category, and a boolean that is the same in every event
night() {
    awk -v night="$1" -v kinds="$2" -v refunds="$3" 'BEGIN {
        n = split(kinds, kind, " ")
        for (i = 0; i < 400; i++)
            printf "{\"id\":\"%s-%d\",\"t\":\"%sT%02d:%02d:%02dZ\",\"u\":\"u%d\",\"m\":\"m%d\",\"eur\":%d,\"kind\":\"%s\",\"refund\":%s}\n",
                night, i, night, i % 24, (i * 7) % 60, (i * 13) % 60, (i * i) % 31, (i * 11) % 17, (i * i) % 97 + 1,
                kind[1 + i % 5 % n], refunds && i % 9 == 0 ? "true" : "false"
    }' > "$1.jsonl"
}
night 2026-01-01 "app web" 1
night 2026-01-02 "app pos" 0
cat > job.yaml <<'YAML'
source: {type: files, format: jsonl}
fields:
  user: u
  entity: m
  time: {field: t, format: iso8601}
  event_id: id
  attributes:
    eur: {type: number, log1p: true}
    kind: {type: category, top: 5}
    refund: {type: boolean}
graph: {granularity: pair}
YAML
for day in 1 2; do
    ringfence build --config job.yaml --set "source.paths=[2026-01-0$day.jsonl]" --graph $day.h5 --quiet || exit 1
done
ringfence train --graph 1.h5 --model m.h5 --epochs 5 --hidden 8 --latent 8 --quiet || exit 1
echo "== plain"
status ringfence score --graph 2.h5 --model m.h5 --output plain.h5 --quiet
ls plain.h5 2> /dev/null
echo "== frozen"
ringfence score --graph 2.h5 --model m.h5 --output frozen.h5 --frozen --no-progress 2> log || exit 1
sed "s/^[0-9:]* *//; s/takes about .*/takes about/" log >&2
status ringfence evaluate --scores frozen.h5 --graph 2.h5 --json 2> log
sed "s/^[0-9:]* *//" log >&2
ringfence emit --graph 2.h5 --scores frozen.h5 --path - --top 2 --quiet | grep -c '"reasons":\[{'
echo "== on the night of training, columns are taken as they are"
ringfence score --graph 1.h5 --model m.h5 --output a.h5 --frozen --quiet || exit 1
ringfence score --graph 1.h5 --model m.h5 --output b.h5 --frozen --quiet --threads 2 || exit 1
same a.h5 b.h5
echo "== other settings"
sed '/kind:/d' job.yaml > without.yaml
ringfence build --config without.yaml --set "source.paths=[2026-01-02.jsonl]" --graph 3.h5 --quiet || exit 1
status ringfence score --graph 3.h5 --model m.h5 --output other.h5 --frozen --quiet
echo "== the most frequent values swap, and one takes another's place"
sed 's/top: 5/top: 2, required: false/; s/ entity: m/ entities: {shop: m, device: {field: d, required: false}}/; s/^graph:.*/&\ningest: {absent_keys: warn}/' job.yaml > top.yaml
night 2026-01-03 "app app web web pos" 1
night 2026-01-04 "pos pos app app fax" 1
night 2026-01-05 "app" 1
sed 's/"kind":"[a-z]*",//' 2026-01-03.jsonl > 2026-01-06.jsonl
for day in 3 4; do
    awk '{ sub(/"eur"/, "\"d\":\"d" NR % 50 "\",&"); print }' 2026-01-0$day.jsonl > devices && mv devices 2026-01-0$day.jsonl
done
for day in 3 4 5 6; do
    ringfence build --config top.yaml --set "source.paths=[2026-01-0$day.jsonl]" --graph top$day.h5 --log-level error || exit 1
done
ringfence train --graph top3.h5 --model top.h5 --epochs 5 --hidden 8 --latent 8 --quiet || exit 1
for day in 3 4 5 6; do
    echo "== night $day" >&2
    ringfence score --graph top$day.h5 --model top.h5 --output top.scores.h5 --frozen --no-progress 2> log || exit 1
    sed "s/^[0-9:]* *//; /takes about/d" log >&2
done
ringfence emit --graph top6.h5 --scores top.scores.h5 --path - --top 1 --quiet | grep -c '"reasons":\[{'
echo "== the kinds of entity are others"
status ringfence score --graph 2.h5 --model top.h5 --output other.h5 --frozen --quiet
echo "== p-values of another night"
ringfence score --graph 2.h5 --model m.h5 --output tonight.h5 --frozen --calibration a.h5 --quiet || exit 1
for name in frozen tonight; do
    ringfence emit --graph 2.h5 --scores $name.h5 --path $name.jsonl --top 1 --set emit.repeat=all --quiet || exit 1
    grep -o '"p_value":[0-9.e-]*,"fdr":[0-9.e-]*' $name.jsonl > $name.rates
    wc -l < $name.rates | tr -d ' '
done
cmp -s frozen.rates tonight.rates || echo "they differ from those of the night itself"
echo "== the paper's scores have none"
ringfence score --graph 2.h5 --model m.h5 --output paper.h5 --frozen --method graphbean --quiet || exit 1
status ringfence score --graph 2.h5 --model m.h5 --output tonight.h5 --frozen --calibration paper.h5 --quiet
status ringfence emit --graph 2.h5 --scores paper.h5 --path - --threshold-fdr 0.2 --quiet
