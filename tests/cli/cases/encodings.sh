. "$CASES/lib.sh"
# files in other encodings, with other line ends, and files that are none of events
cat > job.yaml <<'YAML'
source: {paths: ["e*"]}
fields: {user: user, entity: shop, time: ts, attributes: {amount: number}}
graph: {file: graph.h5}
ingest: {dead_letters: bad.jsonl}
YAML
rows() { # SHOP
    echo user,shop,ts,amount,note
    for i in 1 2 3 4 5 6 7 8; do
        printf 'u%d,%s,2024-03-1%dT00:00:00Z,%d.5,Zo\353\n' $((i % 3)) "$1" $i $i
    done
}
wide() { # as UTF-16, little end first
    LC_ALL=C od -An -v -tu1 | tr -s ' ' '\n' | sed '/^$/d' | while read -r byte; do printf "\\$(printf %o "$byte")\\000"; done
}
build() { # LABEL [ARGUMENT…]
    label=$1
    shift
    rm -f bad.jsonl
    ringfence build --config job.yaml --rebuild "$@" > said 2>&1
    code=$?
    echo "$label: status $code: $(sed -n 's/^ringfence: //p; s/.*build: \([0-9]* records* read: [0-9]* accepted, [0-9]* rejected\).*/\1/p' said)"
}
rows m1 > e.csv
build 'a column that nobody reads'
rows "$(printf 'Caf\351')" > e.csv
build 'a shop in Latin-1'
build latin-1 --set source.encoding=latin-1
build windows-1252 --set source.encoding=windows-1252
{ printf '\377\376'; rows m1 | wide; } > e.csv
build 'UTF-16 with a mark'
rows m1 | wide > e.csv
build 'UTF-16 without'
build utf-16 --set source.encoding=utf-16
build unknown --set source.encoding=utf-9
{ printf '\357\273\277\357\273\277'; rows m1; } > e.csv
build 'two byte order marks'
rows m1 | tr '\n' '\r' > e.csv
build 'returns alone'
rows m1 | tr 2 '\000' > e.csv
build NUL --set ingest.max_rejects=0
rows m1 | gzip -n | gzip -n > e.csv
build 'gzip in gzip'
tar -cf - job.yaml | gzip -n > e.csv
build 'tar in gzip'
printf 'PAR1\025\004\025 and so on' > e.csv
build parquet
{ printf 'PK\003\004%022d\023\000\000\000' 0 | tr 0 '\000'; printf '[Content_Types].xml'; } > e.csv
build xlsx
printf '<!DOCTYPE html><title>Sign in</title>' > e.csv
build 'a page'
printf '<?xml version="1.0"?>\n<rows/>\n' > e.csv
build XML
printf '\357\273\277\357\273\277' > bom.yaml
cat job.yaml >> bom.yaml
rows m1 > e.csv
status ringfence build --config bom.yaml --rebuild --quiet
{ printf '\377\376'; wide < job.yaml; } > wide.yaml
status ringfence build --config wide.yaml --quiet 2>&1
