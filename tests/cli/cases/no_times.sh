. "$CASES/lib.sh"
# a table of reviews without times: rows in any order and in two builds give the same columns and scores
awk 'BEGIN { print "user,item,stars"
    for (i = 0; i < 900; i++) print "u" (i * i + 3 * i) % 97 ",p" (i * 7 + int(i / 13)) % 41 "," i * i % 5 + 1 }' > a.csv
{ head -1 a.csv; tail -n +2 a.csv | sort -r; } > b.csv
head -500 a.csv > first.csv
{ head -1 a.csv; tail -n +501 a.csv; } > second.csv

# scored NAME FIELDS GRANULARITY FILE…: builds NAME from one file after the other, trains and scores it
scored() {
    name=$1
    printf 'source: {paths: [a.csv]}\nfields: {user: user, entity: item%s}\ngraph: {granularity: %s}\noutput: %s\n' \
        "$2" "$3" "$name" > $name.yaml
    shift 3
    for file in "$@"; do
        ringfence build --config $name.yaml --quiet $file || exit 1
    done
    ringfence train --config $name.yaml $quick || exit 1
    ringfence score --config $name.yaml --quiet || exit 1
    ringfence export --graph $name/graph.h5 --scores $name/scores.h5 --select top-users=40 --format graphml \
        --output $name.graphml --quiet || exit 1
    ringfence inspect $name/graph.h5 | sed -n '/^user features/,/^dataset/p' | sed '$d' > $name.features
}

stars=', attributes: {stars: {type: number}}'
scored a "$stars" pair a.csv
scored b "$stars" pair b.csv
scored c "$stars" pair first.csv second.csv
for name in b c; do
    same a.features $name.features
    same a.graphml $name.graphml
done
cat a.features

echo "== single events, with and without an attribute"
scored single "$stars" event a.csv
sed -n '/edge features (/,$p' single.features
scored bare "" event a.csv
sed -n '/edge features (/,$p' bare.features

echo "== nothing that is said has a time"
awk 'BEGIN { print "user,item"; for (i = 0; i < 3000; i++) print "u" (i * i * 7 + 3 * i) % 307 ",p" (i * i * 5 + int(i / 13)) % 41 }' > pairs.csv
printf 'source: {paths: [pairs.csv]}\nfields: {user: user, entity: item}\noutput: run\n' > run.yaml
ringfence run --config run.yaml --set train.epochs=4 --no-progress > run.txt 2> run.log || exit 1
grep -cE '19(69|70)-' run.txt run.log run/actions.jsonl run/ring.svg
grep -o 'account_farm ([0-9]* rules)' run.log | sed 's,[0-9],N,'
grep -o 'rules cannot judge\|with the times of the events: fields.time' run.log
awk '$1 == "account_farm" { print $1, $2, $3, $4 }' run.txt
grep -o '"since":[^,]*\|"window":{[^}]*}' run/actions.jsonl | sort -u
ringfence export --graph run/graph.h5 --scores run/scores.h5 --select top-users=5 --format graphml --output run.graphml --quiet
ringfence export --graph run/graph.h5 --scores run/scores.h5 --select top-users=5 --format html --output run.html --quiet
grep -c 'first_seen' run.graphml
grep -o '"window":[^,]*,[^,]*' run.html
echo "== nor a label"
ringfence evaluate --graph run/graph.h5 --scores run/scores.h5 2>&1 >/dev/null | sed 's/^[0-9:]* //'
