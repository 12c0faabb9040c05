. "$CASES/lib.sh"
# a user and an entity disappear from every byte of the folder, and everything goes on without them
user=victim-qzxwv
entity='shop "qzxwv" & co'
escaped='shop \"qzxwv\" & co'

# events N: orders of forty users at ten shops; some of the victim, at a shop of the victim's own, too
events() {
    USER_ID=$user ENTITY_ID=$escaped awk -v n="$1" 'BEGIN {
        user = ENVIRON["USER_ID"]; entity = ENVIRON["ENTITY_ID"]
        for (i = 0; i < n; i++) {
            u = i % 17 == 3 ? user : "u" (i * 7) % 40
            e = i % 23 == 5 ? entity : "m" (i * 3) % 10
            bad = i % 97 == 50
            printf "{\"id\":\"%s-%d\",\"t\":\"%s\",\"user\":\"%s\",\"shop\":\"%s\",\"amount\":%d,\"by\":\"%s\"}\n",
                u == user ? user : "e", i, bad ? "yesterday" : sprintf("2026-01-%02dT%02d:00:00Z", 1 + i % 28, i % 24),
                u, e, i % 90, i % 4 == 0 ? user : "u" i % 3
        }
    }'
}

cat >job.yaml <<END
source: {paths: [out/orders.jsonl.gz, more.jsonl]}
fields:
  user: user
  entity: shop
  time: {field: t}
  event_id: id
  attributes: {amount: {type: number}, by: {type: category, top: 3}}
graph: {granularity: event, as_of: "2026-02-01T00:00:00Z", window: 60d}
ingest: {max_rejects: 0.5, dead_letters: rejects.jsonl}
train: {epochs: 3, hidden: 8, latent: 8}
emit: {threshold: {top: 40}, budget: 0}
erase: {key_file: key}
output: out
END
echo "a key of the test that is long enough" >key
chmod 600 key
mkdir out
events 600 | gzip -n >out/orders.jsonl.gz
: >more.jsonl
ringfence run --config job.yaml --quiet >/dev/null 2>&1 || exit 1

# named: the files that have an id as it is or as JSON, XML or CSV escape it, unpacked; HDF5 files byte by byte
named() {
    find out -type f | sort | while read -r file; do
        case $file in *.gz) zcat "$file" ;; *) cat "$file" ;; esac >plain
        if LC_ALL=C grep -a -q -e "$user" -e 'qzxwv' plain; then echo "$file"; fi
    done
}

data="--graph out/graph.h5 --scores out/scores.h5 --quiet"
for format in cx2 cytoscapejs dot gexf graphml html svg neo4j; do
    ringfence export $data --format $format --select percentile=0 --output out/export.$format || exit 1
done
cp out/audit.jsonl out/audit.jsonl.1 && gzip -n out/audit.jsonl.1
cp out/graph.h5 out/graph-yesterday.h5
cp -r out whole
echo "== before"
named

echo "== erased"
status ringfence erase --config job.yaml --user $user --entity "$entity" --quiet 2>/dev/null
named
ls out
sed 's/"\(before\|after\)_sha256":"[0-9a-f]*"/"\1"/g; s/"ringfence":"[^"]*"/"ringfence"/; s/"bytes":[0-9]*/"bytes"/
     s/\(edges.csv".*"rows":\)[1-9][0-9]*/\1"some"/' out/erased-*.json # which edges are exported is up to the scores' last digits
grep -c '"erased:[0-9a-f]\{64\}"' out/audit.jsonl

echo "== as if they had never been there"
zcat whole/orders.jsonl.gz | grep -v -e "\"user\":\"$user\"" -e '"shop":"shop ' >never.jsonl
name=$(ringfence inspect out/graph.h5 --json | grep -o 'erased-[0-9a-f]*' | head -n 1)
sed "s/\"by\":\"$user\"/\"by\":\"$name\"/" never.jsonl >never2.jsonl
ringfence build --config job.yaml never2.jsonl --graph never.h5 --quiet --set ingest.dead_letters=never-rejects.jsonl 2>/dev/null || exit 1
ringfence train --graph never.h5 --model never-model.h5 --epochs 3 --hidden 8 --latent 8 --quiet || exit 1
ringfence train --graph out/graph.h5 --model erased-model.h5 --epochs 3 --hidden 8 --latent 8 --quiet || exit 1
same never-model.h5 erased-model.h5

echo "== and on it goes"
events 40 | sed 's/"id":"/"id":"new-/; /qzxwv/d' >more.jsonl
ringfence run --config job.yaml --quiet 2>/dev/null | grep '^events\|^graph'
named
status ringfence erase --config job.yaml --user nobody --quiet
status ringfence erase --config job.yaml --quiet
chmod 640 key
status ringfence erase --config job.yaml --user nobody
chmod 600 key

echo "== killed anywhere, the next call finishes"
for after in 0.03 0.08 0.14; do
    rm -rf out && cp -r whole out
    killed $after erase --config job.yaml --user $user --entity "$entity" --quiet
    if [ -e out/erase.pending ]; then
        ringfence erase --config job.yaml --quiet 2>/dev/null || echo "not finished after $after"
    else
        ringfence erase --config job.yaml --user $user --entity "$entity" --quiet 2>/dev/null || echo "not erased after $after"
    fi
    named
    [ -e out/erase.pending ] && echo "the journal stays after $after"
    ls out | grep -c '^erased-'
done

echo "== numbers that others have, too"
mkdir numbers
awk 'BEGIN {
    print "t,user,shop,amount"
    for (i = 0; i < 400; i++)
        printf "2026-01-%02dT%02d:00:00Z,%d,%d,%d\n", 1 + i % 28, i % 24, i * 7 % 40, i * 3 % 10, i % 90
    print "2026-01-01T00:00:00Z,3,\"4,5"
    print "2026-01-01T00:00:00Z,8,\"4\n5\",6"
    print "2026-01-01T00:00:00Z,7,\"4\n5\",6"
    print "2026-01-01T00:00:00Z,7,4,\"6"
    print "2026-01-01T00:00:00Z,9,4,6"
}' >numbers/e.csv
sed 's/^source.*/source: {paths: [numbers\/e.csv]}/; s/^output.*/output: numbers/; /event_id/d; s/, by: .*/}/; s/granularity: event, //' job.yaml >numbers.yaml
ringfence run --config numbers.yaml --quiet --set emit.envelope=true >/dev/null 2>&1 || exit 1
status ringfence erase --config numbers.yaml --user 7 --quiet 2>/dev/null
grep -c '^[^,]*,7,' numbers/e.csv
grep -c '[^ ]' numbers/e.csv # others' lines stay, whatever quotes are left open
tail -n 7 numbers/e.csv
grep -c '"ce_subject":"entity/7"' numbers/actions.jsonl
grep -c '"user":"7"\|user/7"' numbers/actions.jsonl numbers/audit.jsonl

echo "== scores are computed again"
small_events 1500
rm -rf out
ringfence run --config job.yaml $quick >/dev/null 2>&1 || exit 1
last=$(grep -o '"user":"u[0-9]*"' events.jsonl | sort | uniq -c | sort -n | sed -n 's/.*:"\(.*\)"/\1/;1p')
status ringfence erase --config job.yaml $quick --user "$last" 2>/dev/null
ringfence inspect out/scores.h5 --json | grep -c '"/u/tag_ptr"'
ringfence emit --config job.yaml $quick && grep -c '"run.completed"' out/actions.jsonl
