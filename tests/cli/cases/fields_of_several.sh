. "$CASES/lib.sh"
# fields that are made of several, ages, and ids in one spelling
build() { # ARGUMENT…: how a build of job.yaml ends and what it says
    ringfence build --config job.yaml --rebuild "$@" > said 2>&1
    echo "status $?"
    sed -n 's/^ringfence: //p; s/^[0-9:]* warn  build: /warning: /p; s/^.*graph.h5: \([0-9]* users*\)/\1/p' said
}
cat > e.csv <<'CSV'
bank,account,shop,year,month,day,time,opened
01,23,m1,2024,3,1,10:00,2024-02-20T10:00:00Z
012,3,m1,2024,3,2,10:00,2024-03-03T10:00:00Z
0|1,3,m2,2024,3,3,10:00,
0,1|3,m2,2024,3,4,10:00,2024-03-01T22:00:00Z
CSV
cat > job.yaml <<'YAML'
source: {paths: [e.csv]}
fields:
  user: {join: [bank, account]}
  entity: shop
  time: {field: [year, month, day, time], format: "%Y %m %d %H:%M"}
  attributes: {age_of: {from: opened, required: false}}
graph: {window: all}
YAML
build
echo "--- a list is a choice"
build --set 'fields.user=[bank, account]'
build --set 'fields.user={last: [bank, account]}'
build --set 'fields.attributes.age_of={type: age}'
echo "--- the first that has a value"
cat > e.jsonl <<'JSON'
{"customer":null,"mail":"a@x","n":1,"ts":"2024-03-01"}
{"customer":"c1","mail":"a@x","n":1,"ts":"2024-03-02"}
{"customer":"","mail":"b@x","n":1.5,"ts":"2024-03-03"}
{"n":1,"ts":"2024-03-03"}
JSON
cat > job.yaml <<'YAML'
source: {paths: [e.jsonl]}
fields: {user: [customer, mail], entity: n, time: ts}
graph: {window: all}
ingest: {max_rejects: 5, dead_letters: bad.jsonl}
YAML
build | grep -v rejected
sed 's/.*"code":"\([^"]*\)","reason":"\(.*\)","record.*/\1: \2/' bad.jsonl
echo "--- one spelling"
printf '{"u":"%s","v":"%s","ts":"2024-03-01"}\n' Ann 100 'ann ' 100.0 ' ÄNN' 100 'a\u200bnn' 101 > e.jsonl
cat > job.yaml <<'YAML'
source: {paths: [e.jsonl]}
fields: {user: u, entity: v, time: ts}
graph: {window: all}
YAML
build
build --set 'fields.normalise=[trim, lower, whole]'
status ringfence build --config job.yaml --quiet 2>&1
build --set 'fields.normalise=[loud]'
echo "--- a spelling for each side"
build --set 'fields.user={field: u, normalise: [trim, lower]}' --set 'fields.entity={fields: [u, v]}'
build --set 'fields.user={field: u, normalise: [lower, loud]}'
build --set 'fields.user={field: u, normalize: [lower]}'
build --set 'fields.event_id={field: u, normalise: [lower]}'
build --set 'fields.entity={field: v, normalise: [whole]}' --set 'fields.normalise=[trim, lower]'
echo "--- the state knows by its meaning which key said it"
printf '{"u":"%s","v":"%s","ts":"2024-03-01"}\n' Ann 100.0 > more.jsonl
again() { # ARGUMENT...: how a build ends that goes on
    ringfence build --config job.yaml --quiet --set 'source.paths=[e.jsonl, more.jsonl]' "$@" 2>&1 | sed -n 's/.*now: //p'
    status ringfence build --config job.yaml --quiet --set 'source.paths=[e.jsonl, more.jsonl]' "$@" 2> /dev/null
}
again
again --set 'fields.normalise=[trim, lower]' --set 'fields.entity.normalise=[]'
again --set 'fields.user.normalise=[trim, lower]' --set 'fields.entity.normalise=[whole]'
echo "--- init keeps what was told of one side"
ringfence init e.jsonl --yes --set fields.user=u --set fields.entity=v --set 'fields.entity.normalise=[trim, whole]' -o told.yaml > said 2>&1
sed -n 's/ *#.*//; s/^  \(user\|entity\|normalise\):/\1:/p' told.yaml
ringfence init e.jsonl --yes --set 'fields.user={fields: [u, v], normalise: [squeeze]}' --set fields.entity=v -o joined.yaml > said 2>&1
sed -n 's/ *#.*//; s/^  user:/user:/p' joined.yaml
ringfence check --config told.yaml 2>&1 | sed -n "s/^The graph.* has \(.*entities\).*/\1/p"
