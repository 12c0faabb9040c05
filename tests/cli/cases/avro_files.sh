. "$CASES/lib.sh"
# Avro container files: read as they are, packed, grown; what is wrong is named; erasure leaves them alone
byte() { # NUMBER…
    for n; do printf "\\$(printf %o "$n")"; done
}
text() { # TEXT, shorter than 64
    byte $((2 * ${#1}))
    printf %s "$1"
}
schema() { # NAME-OF-THE-AMOUNT
    printf '{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"user","type":"string"},{"name":"shop","type":{"type":"record","name":"Shop","fields":[{"name":"id","type":"string"}]}},'
    printf '{"name":"%s","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}},{"name":"at","type":{"type":"int","logicalType":"date"}},' "$1"
    printf '{"name":"channel","type":["null",{"type":"enum","name":"Channel","symbols":["WEB","APP"]}]}]}'
}
header() { # NAME-OF-THE-AMOUNT: a schema of 256 to 383 bytes and more, whose length has two bytes
    printf 'Obj\001\002'
    text avro.schema
    n=$(schema "$1" | wc -c)
    byte $((2 * n % 128 + 128)) $((2 * n / 128))
    schema "$1"
    printf '\000sync marker here'
}
record() { # USER SHOP CENTS DAY CHANNEL: -, 0, 1
    text "$1"
    text "$2"
    byte 4 $(($3 / 256)) $(($3 % 256))
    byte $((2 * $4 % 128 + 128)) $((2 * $4 / 128 % 128 + 128)) $((2 * $4 / 16384))
    if [ "$5" = - ]; then byte 0; else byte 2 $((2 * $5)); fi
}
block() { # FIRST: three orders from that day on
    for i in 0 1 2; do record "u$((($1 + i) % 3))" "m$((i % 2))" $((199 * (i + 1))) $((19000 + $1 + i)) $(($1 % 2)); done >b
    byte 6 $((2 * $(wc -c <b) % 128 + 128)) $((2 * $(wc -c <b) / 128))
    cat b
    printf 'sync marker here'
}
cat >job.yaml <<'END'
source: {paths: ["in/*"]}
fields: {user: user, entity: shop.id, time: at, attributes: {amount: number, channel: {type: category, required: false}}}
graph: {window: all}
ingest: {dead_letters: rejects.jsonl}
output: out
END
build() { # LABEL [ARGUMENT…]
    label=$1
    shift
    ringfence build --config job.yaml --no-progress "$@" >said 2>&1
    code=$?
    echo "$label: status $code: $(sed -n 's/^ringfence: //p; s/.*warn *build: \(in.*\)/\1;/p; s/.*build: \([0-9]* records* read: [0-9]* accepted.*\)/\1/p' said)"
}
mkdir in out
{ header amount; block 1; block 4; } >in/orders.data
build 'two blocks'
block 7 >>in/orders.data
build 'a block more'
gzip -nc in/orders.data >in/copy.gz
build 'a copy, packed'
rm in/copy.gz
{ header amount; block 1; } | head -c -20 >in/cut.avro
build 'cut'
{ header amuont; block 1; } >in/cut.avro
build 'another field'
build 'another field, wanted so' --set ingest.absent_keys=warn --set ingest.max_rejects=1e9
rm in/cut.avro
{
    header amount
    record '' m 5 19000 - >b
    byte 2 $((2 * $(wc -c <b)))
    cat b
    printf 'sync marker here'
} >in/bad.avro
build 'no user' --set ingest.max_rejects=5
cat out/rejects.jsonl
build 'not CSV' --set source.format=csv
build 'no settings of messages' --set source.avro.registry=http://localhost:1
build 'no password of files' --set source.avro.password=secret
printf 'a,b\n' >in/x
build 'not Avro' --set source.format=avro

echo '== settings of messages'
kafka="--set source.type=kafka --set source.topics=[orders] --set kafka.bootstrap.servers=localhost:1 --set kafka.group.id=g"
build 'no schemas' $kafka --set source.format=avro
build 'two places' $kafka --set source.avro.schemas=s --set source.avro.registry=http://localhost:1
build 'another format' $kafka --set source.avro.schemas=s --set source.format=csv --set 'source.columns=[a]'
build 'no user' $kafka --set source.avro.registry=http://localhost:1 --set source.avro.password=secret
build 'no registry' $kafka --set source.avro.user=me --set source.avro.schemas=s
build 'no Avro' $kafka --set source.avro.ca=ca.pem
build 'no URL' $kafka --set source.avro.registry=localhost:8081
schema amuont >order.avsc
build 'another field' $kafka --set source.avro.schema=order.avsc

echo '== erasure'
rm -f in/x in/bad.avro out/rejects.jsonl
mv in/orders.data out/orders.avro
ringfence run --config job.yaml --set source.paths='[out/*.avro]' --set output=out --set train.epochs=2 --rebuild --quiet >/dev/null 2>&1
status ringfence erase --config job.yaml --set source.paths='[out/*.avro]' --user u1 --quiet 2>&1 | sed 's/^[0-9:]* *//' | grep -e Avro -e status
