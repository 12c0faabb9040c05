. "$CASES/lib.sh"
# suppression lists and the audit log: who is kept back and by whom, what expires, what is wrong with a list
small_events 6000
ringfence run --config job.yaml $quick >/dev/null || exit 1
said() {
    sed 's/^[0-9:]* //'
}
emit() {
    ringfence emit --graph out/graph.h5 --scores out/scores.h5 --path actions.jsonl --threshold-percentile 0.99 "$@"
}
# field NAME: of each line of JSON
field() {
    sed "s/.*\"$1\":\"\([^\"]*\)\".*/\1/"
}
emit --quiet
worst=$(head -n 1 actions.jsonl | field user)
cat >list.yaml <<END_OF_LIST
version: 1
suppress:
  - {user: $worst, reason: "test account", author: jo, expires: 2099-12-31}
  - {user: nobody-of-this-name, reason: "gone", author: jo, expires: never}
  - {user: $worst, reason: "an older one", author: kim, expires: 2020-01-01}
END_OF_LIST

echo "== kept back, and said so"
emit --suppress 'li*.yaml' --audit audit.jsonl 2>log
grep -v actions.jsonl log | said
sed -n 's/.*clusters); [0-9]* suppressed.*/N suppressed/p' log
grep -c "\"kind\":\"[a-z]*\",\"user\":\"$worst\"" actions.jsonl
sed -n 's/.*"suppressed":\([1-9]\).*/the manifest counts them/p' actions.jsonl
grep '"event":"suppressed","run_id":"[0-9a-f]*","ce_id":"[0-9a-f]*","kind":"user"' audit.jsonl |
    sed "s/\"at\":\"[^\"]*\"/\"at\":T/; s/\"[0-9a-f]\{32\}\"/ID/g; s/$worst/WORST/; s/\"score\":[0-9.]*/\"score\":N/; s/\"tags\":\[[^]]*\]/\"tags\":[]/"
field event <audit.jsonl | uniq | tr '\n' ' '
echo
python=$(command -v python3) && "$python" "$CASES/../validate_actions.py" "$CASES/../../../export/schema" actions.jsonl >valid.txt || cat valid.txt

echo "== its time is over"
SOURCE_DATE_EPOCH=4102444800 emit --suppress list.yaml 2>&1 | grep suppress | said
grep -c "\"kind\":\"user\",\"user\":\"$worst\"" actions.jsonl

echo "== a cut line is closed, and nothing is taken away"
cp audit.jsonl before.jsonl
printf '{"at":"20' >>audit.jsonl
emit --suppress list.yaml --audit audit.jsonl --quiet
head -c "$(wc -c <before.jsonl)" audit.jsonl | cmp - before.jsonl && echo kept
grep -c '^{"at":"20$' audit.jsonl
tail -n 1 audit.jsonl | field event

rm audit.jsonl
echo "== every step leaves its line"
for step in score tag cluster; do
    ringfence $step --config job.yaml --set audit.path=steps.jsonl --quiet >/dev/null || exit 1
done
field event <steps.jsonl | tr '\n' ' '
echo
grep -c '"types":{' steps.jsonl
grep -c '"options":{"seed_percentile":' steps.jsonl
# without a name, in the job's folder; without a folder, nowhere
wc -l <out/audit.jsonl >before
ringfence emit --config job.yaml --quiet || exit 1
tail -n "+$(($(cat before) + 1))" out/audit.jsonl | field event | uniq | tr '\n' ' '
echo
ls *.jsonl

echo "== faults"
fault() {
    sed "$1" list.yaml >wrong.yaml
    status emit --suppress wrong.yaml 2>&1 | said
}
fault 's/reason: "gone"/raeson: "gone"/'
fault 's/, author: jo, expires: never//'
fault 's/expires: never/expires: soon/'
fault "s/user: nobody/entity: m1, user: nobody/"
fault 's/version: 1/version: 2/'
status emit --suppress absent.yaml 2>&1 | said
sed "s/user: $worst, /&types: [promo_abus], /" list.yaml >wrong.yaml
emit --suppress wrong.yaml 2>&1 | grep 'wrong.yaml:' | said
status emit --audit /not/there/audit.jsonl 2>&1 | said
