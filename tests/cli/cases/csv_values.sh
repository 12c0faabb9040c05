. "$CASES/lib.sh"
# numbers as offices write them, and words that mean that there is no value
cat > job.yaml <<'YAML'
source: {paths: [e.csv]}
fields: {user: user, entity: shop, time: ts, label: y, attributes: {amount: number, score: {type: number, required: false}}}
graph: {file: graph.h5}
ingest: {dead_letters: bad.jsonl}
YAML
rows() { # AMOUNT SCORE LABEL [USER]
    i=0
    while [ $i -lt 20 ]; do
        printf '%s;m%d;2024-03-%dT00:00:00Z;%s;%s;%s\n' "${4:-u$((i % 4))}" $((i % 3)) $((10 + i)) "$1" "$2" "$3"
        i=$((i + 1))
    done
}
build() { # LABEL [ARGUMENT…]
    label=$1
    shift
    rm -f bad.jsonl
    ringfence build --config job.yaml --rebuild "$@" > said 2>&1
    code=$?
    echo "$label: status $code: $(sed -n 's/^ringfence: //p; s/.*build: \([0-9]* records* read: [0-9]* accepted, [0-9]* rejected\).*/\1/p' said)"
    sed -n 's/.* warn  build: /    /p' said
}
table() { # AMOUNT SCORE LABEL [USER]
    { echo 'user;shop;ts;amount;score;y'; rows "$@"; } > e.csv
}
table 48,50 '' 0
build 'decimal comma'
build read --set fields.numbers.decimal=comma
table '$1,084.50' '' 0
build dollars --set fields.numbers.thousands=comma
build 'dollars without their sign' --set fields.numbers.thousands=comma --set 'fields.numbers.currency=["$"]'
table '1.084,50 EUR' '' 0
build euros --set fields.numbers.decimal=comma --set fields.numbers.thousands=point --set fields.numbers.currency=EUR
build both --set fields.numbers.thousands=point
for word in NULL '(null)' '\N' N/A NaN -Infinity ' '; do
    table ' 1.5 ' "$word" ''
    build "score '$word'"
done
table 1 2 NULL
build 'label NULL'
table NULL 2 0
build 'required NULL'
table 1 2 0 N/A
build 'user N/A' --set ingest.max_rejects=50
build 'user N/A is a name' --set 'fields.null_values=[]'
table 1 2 0 ' u1'
build 'spaces around a user'
build trimmed --set source.csv.trim=true
table -999 2 0
build 'own words' --set 'fields.null_values=["-999"]'
# a JSON text is a text, but never a user
printf '{"user":"%s","shop":"m","ts":"2024-03-01","amount":1,"score":"None","y":null}\n' u1 undefined u2 > e.jsonl
build json --set 'source.paths=[e.jsonl]' --set ingest.max_rejects=1
