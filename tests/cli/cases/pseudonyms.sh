. "$CASES/lib.sh"
# with a key, no id of a user or an entity reaches the disk, the log or a message; who has the key finds the way back
awk 'BEGIN {
    for (i = 0; i < 400; i++)
        printf "{\"t\":\"%s\",\"user\":\"customer-%d\",\"shop\":\"shop-%d\",\"amount\":%d}\n",
            i % 97 == 9 ? "customer-7" : sprintf("2026-01-%02dT%02d:00:00Z", 1 + i % 28, i % 24), i * 7 % 40, i * 3 % 10, i % 90
    print "{\"t\":1,\"user\":\"customer-9\""
    print "customer-11"
}' >events.jsonl
cat >job.yaml <<END
source: {paths: [events.jsonl]}
fields: {user: user, entity: shop, time: {field: t}, attributes: {amount: {type: number}}}
graph: {as_of: "2026-02-01T00:00:00Z", window: 60d}
ingest: {max_rejects: 0.5, dead_letters: rejects.jsonl}
train: {epochs: 3, hidden: 8, latent: 8}
emit: {threshold: {top: 10}, budget: 0}
ids: {pseudonymise: {key_file: key}}
output: out
END
echo "the key of this test, long enough" >key
chmod 600 key
named() {
    LC_ALL=C grep -a -l -r 'customer-[0-9]\|shop-[0-9]' "$@"
}

ringfence run --config job.yaml --log-level debug >stdout 2>stderr || exit 1
data="--graph out/graph.h5 --scores out/scores.h5"
ringfence export $data --format graphml --select percentile=0 --output out/export.graphml --quiet || exit 1
echo "== named"
named out stdout stderr
grep -c '"record":null' out/rejects.jsonl
grep -o '"code.*' out/rejects.jsonl | sort | uniq -c | sed 's/^ *//'

echo "== there and back"
ringfence pseudonym --config job.yaml --user customer-7 --entity shop-3 | tee there
p=$(sed -n '1s/.*\t//p' there)
q=$(sed -n '2s/.*\t//p' there)
LC_ALL=C grep -a -c "$p" out/graph.h5 >/dev/null && echo "in the graph"
seq -f 'customer-%g' 0 50 >candidates
seq -f 'shop-%g' 0 50 >>candidates
ringfence pseudonym --key key --reveal candidates "$p" "$q"
status ringfence pseudonym --key key --reveal candidates p-00000000000000000000000000000000 2>&1 | sed 's/^[0-9:]* //'
status ringfence pseudonym --user customer-7

echo "== another key is another graph"
echo "another key of this test, long enough" >key2
chmod 600 key2
status ringfence build --config job.yaml --set ids.pseudonymise.key_file=key2 --quiet 2>&1 | sed 's/now: .*//'
chmod 644 key2
status ringfence build --config job.yaml --set ids.pseudonymise.key_file=key2 --quiet
status ringfence build --config job.yaml --set ids.pseudonymise.key_file=null --quiet 2>&1 | sed 's/there: .*//'

echo "== erased by the id"
status ringfence erase --config job.yaml --user customer-7 --quiet 2>/dev/null
LC_ALL=C grep -a -l -r "$p" out
echo end
