. "$CASES/lib.sh"
# CSV as other programs write it: what is evident is read, what is not is an error that names the setting
cat > job.yaml <<'YAML'
source: {paths: [e.csv]}
fields: {user: user, entity: shop, time: ts, attributes: {amount: number, channel: category}}
graph: {file: graph.h5}
ingest: {dead_letters: bad.jsonl}
YAML
rows() { # FORMAT: printf's, with user, shop, day, amount, channel
    i=0
    while [ $i -lt 20 ]; do
        printf "$1" "u$((i % 4))" "m$((i % 3))" "$((10 + i))" "$i.50" app
        i=$((i + 1))
    done
}
build() { # LABEL [ARGUMENT…]: what a build of e.csv says
    label=$1
    shift
    rm -f bad.jsonl
    ringfence build --config job.yaml --rebuild "$@" > said 2>&1
    code=$?
    echo "$label: status $code: $(sed -n 's/^ringfence: //p; s/.*build: \([0-9]* records* read: [0-9]* accepted, [0-9]* rejected\).*/\1/p' said)"
}
plain='user,shop,ts,amount,channel\n'
row='%s,%s,2024-03-%sT00:00:00Z,%s,%s'

{ printf "$plain"; rows "$row\n"; } > e.csv
build plain
{ printf 'user;shop;ts;amount;channel\n'; rows "$row\n" | tr , ';'; } > e.csv
build semicolon
{ printf 'user,shop,ts,amount,channel\n'; rows "$row\n"; } | tr , '\t' > e.csv
build tab
build comma --set source.csv.delimiter=comma
{ printf 'sep=;\r\nuser;shop;ts;amount;channel\r\n'; rows "$row\r\n" | tr , ';'; } > e.csv
build sep
{ printf 'user, shop, ts, amount, channel\n'; rows "$row,\n"; } > e.csv
build 'spaces in the header, rows that end in a comma'
{ printf "Export of 2024\n\n# by us\n$plain"; rows "$row\n#\n"; } > e.csv
build preamble --set source.csv.skip=2 --set source.csv.comment=hash
build "preamble unsaid"
{ printf 'user,shop,ts,amount,channel,note\n'; rows "$row,"'"say \\"hi\\", ok"\n'; } > e.csv
build backslash
build escape --set source.csv.escape=backslash
{ printf "$plain"; rows "'%s','%s',2024-03-%sT00:00:00Z,%s,'%s'\n"; } > e.csv
build 'single quotes' --set source.csv.quote=single
{ printf 'user,shop,ts,amount,channel,note\n'; rows "$row\n"; } > e.csv
build 'short rows'
build filled --set source.csv.short_rows=fill
rows "$row\n" > e.csv
build 'no header'
build listed --set 'source.columns=[user, shop, ts, amount, channel]'
build positions --set source.csv.header=false --set 'fields.user=#1' --set 'fields.entity=#2' --set 'fields.time=#3' \
    --set 'fields.attributes.amount.field=#4' --set 'fields.attributes.channel.field=#5'
{ printf 'user,user,ts,amount,channel\n'; rows "$row\n"; } > e.csv
build twice --set fields.entity=user
build 'by number' --set 'fields.user=user#1' --set 'fields.entity=user#2'
{ printf 'User,shop,ts,amount,channel\n'; rows "$row\n"; } > e.csv
build 'another name'
# the dialect is part of the state: other settings would read other events
{ printf "$plain"; rows "$row\n"; } > e.csv
build once
ringfence build --config job.yaml --set source.csv.trim=true 2>&1 | sed 's/.*ringfence: //'
ringfence build --config job.yaml --set source.csv.delimiter=ab 2>&1
ringfence build --config job.yaml --set source.csv.quote=, --set source.csv.delimiter=, 2>&1
