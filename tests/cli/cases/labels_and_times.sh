. "$CASES/lib.sh"
# labels of many spellings, and times that count steps from a moment of the table's own
printf 'step,u,v,l\n' > e.csv
build() { # ARGUMENT…: how a build ends and what it says
    ringfence build "$@" > said 2>&1
    echo "status $?"
    sed -n 's/^ringfence: //p; s/^[0-9:]* warn  build: /warning: /p; s/^.*graph.h5: \([0-9]* users*\)/\1/p' said
}
i=0
for label in t f T F Y N 1.0 0 2 odd '' 1; do
    i=$((i + 1))
    echo "$((i * 24)),u$((i % 3)),v$((i % 4)),$label" >> e.csv
done
cat > job.yaml <<'YAML'
source: {paths: [e.csv]}
fields: {user: u, entity: v, label: l, time: {field: step, format: h, since: 2019-01-01}}
graph: {window: all}
YAML
build --config job.yaml
echo "--- the second of two formats, and words of one's own"
printf 'when,u,v,l\n02/01/2019 00:00,u1,v1,1\n2019-01-03,u2,v2,2\n04/01/2019 00:00,u2,v1,unknown\n' > f.csv
cat > own.yaml <<'YAML'
source: {paths: [f.csv]}
fields:
  user: u
  entity: v
  label: l
  true_values: ["1"]
  false_values: ["2"]
  time: {field: when, format: ["%d/%m/%Y %H:%M", iso8601]}
graph: {window: all}
output: own
YAML
build --config own.yaml
echo "--- other words are another state"
build --config own.yaml --set 'fields.true_values=["3"]' --quiet
echo "--- since is for numbers"
build --config own.yaml --quiet --set fields.time.format=iso8601 --set fields.time.since=2019-01-01
build --config own.yaml --quiet --set 'fields.time.format=[fortnights]'
echo "--- less usual forms, and days of a spreadsheet"
cat > e.csv <<'CSV'
u,v,t
a,x,20240301T1200Z
b,x,2024-W09-6
a,y,2024-03-02T24:00
b,y,2024-064
c,y,2024-03-05 12:00:00 +0100 CET
c,x,20240306
CSV
cat > forms.yaml <<'YAML'
source: {paths: [e.csv]}
fields: {user: u, entity: v, time: t}
graph: {window: all, file: forms.h5}
YAML
ringfence build --config forms.yaml 2>&1 | sed -n 's/.*graph.h5: //p; s/.*forms.h5: \([0-9].*\)/\1/p; s/^ringfence: //p'
sed -i 's/,[^,]*$/,45352.5/; 1s/.*/u,v,t/' e.csv
ringfence build --config forms.yaml --rebuild --set fields.time.format=d --set fields.time.since=1899-12-30 2>&1 |
    sed -n 's/.*forms.h5: \([0-9].*\)/\1/p; s/^ringfence: //p'
