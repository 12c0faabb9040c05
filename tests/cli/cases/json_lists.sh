. "$CASES/lib.sh"
# records that are several events, keys with dots, and records that are not wanted
build() { # ARGUMENT…: how a build of e.jsonl ends and what it says
    rm -f bad.jsonl
    ringfence build --config job.yaml --rebuild "$@" > said 2>&1
    echo "status $?"
    sed -n 's/^ringfence: //p; s/^[0-9:]* warn  build: /warning: /p; s/^.*graph.h5: \([0-9]* users*\)/\1/p; s/.*info  build: \([0-9]* records* read: .*\) (.*/\1/p' said
    [ ! -s bad.jsonl ] || sed 's/"at":.*//' bad.jsonl
}
cat > e.jsonl <<'JSON'
{"user":"u1","ts":"2024-03-01","items":[{"sku":"a","n":1},{"sku":"b\u0062","n":2},{"sku":"c"}],"tags":["x","y"]}
{"user":"u2","ts":"2024-03-02","items":[{"sku":"a","n":"many"},{"sku":7,"n":2},{"n":3}],"tags":[]}
{"user":"u3","ts":"2024-03-03","items":[]}
[{"user":"u4","ts":"2024-03-04","items":[{"sku":"a"}]},{"user":"u5","ts":"2024-03-04","items":[{"sku":"a"},{"sku":"b"}]},5]
[]
[{"user":"u4","ts":"2024-03-04","items":[{"sku":"a"}]}, oops
JSON
cat > job.yaml <<'YAML'
source: {paths: [e.jsonl]}
fields: {user: user, entity: "items[*].sku", time: ts, attributes: {n: {field: "items[*].n", type: number, required: false}}}
graph: {window: all}
ingest: {max_rejects: 10, dead_letters: bad.jsonl, absent_keys: warn}
YAML
build
echo "--- the first of a list, and a list where none was expected"
build --set 'fields.entity=tags[1]' --set 'fields.attributes=null' --set 'source.where=["tags exists"]' | cut -c1-150
build --set 'fields.entity=items.sku' --set 'fields.attributes.n.field=n' --set ingest.max_rejects=1 | tail -1 | cut -c1-300
build --set 'fields.attributes.n.field=tags[*]' --set 'fields.entity=items[*].sku'
for entity in items.sku sku tags.x; do
    build --set "fields.entity=$entity" --set 'fields.attributes=null' --set ingest.absent_keys=refuse | sed -n '2p'
done
echo "--- keys with dots"
cat > e.jsonl <<'JSON'
{"user.id":"u1","shop":{"id":"m1"},"@timestamp":"2024-03-01"}
{"user":{"id":"u2"},"shop.id":"m2","@timestamp":"2024-03-02"}
{"user":{"id":"u3"},"user.id":"u4","shop":{"id":null},"shop.id":"m1","@timestamp":"2024-03-03"}
JSON
cat > job.yaml <<'YAML'
source: {paths: [e.jsonl]}
fields: {user: user.id, entity: shop.id, time: "@timestamp"}
graph: {window: all}
ingest: {max_rejects: 10, dead_letters: bad.jsonl, absent_keys: warn}
YAML
build
build --set 'fields.user=user\.id' | cut -c1-150
echo "--- what is wanted"
for i in 1 2 3 4 5 6; do
    echo "{\"type\":\"order\",\"user\":\"u$i\",\"shop\":\"m1\",\"ts\":\"2024-03-0$i\",\"amount\":$i}"
done > e.jsonl
echo '{"type":"signup","user":"u9","ts":"2024-03-01"}' >> e.jsonl
echo '{"user":"u7","shop":"m2","ts":"2024-03-01","amount":"10.0"}' >> e.jsonl
cat > job.yaml <<'YAML'
source: {paths: [e.jsonl], where: type = order}
fields: {user: user, entity: shop, time: ts}
graph: {window: all}
ingest: {max_rejects: 0, dead_letters: bad.jsonl, absent_keys: warn}
YAML
build
build --set 'source.where=["type != signup", "amount >= 3", "user not in [u4, u5]"]'
build --set 'source.where=["shop exists", "type missing"]'
build --set 'source.where=type = nothing'
build --set 'source.where=type is order'
build --set 'source.where=$value exists'
status ringfence build --config job.yaml --quiet --set 'source.where=type in order' 2>&1
