. "$CASES/lib.sh"
# an erasure knows a file whatever its name looks like, and says which folders it did not search
user=victim-qzxwv
tiny="--set train.epochs=3 --set train.hidden=8 --set train.latent=8 --quiet"

# orders DAY: of thirty users at ten shops; some of the victim
orders() {
    awk -v day="$1" -v user="$user" 'BEGIN {
        print "t,user,shop,amount"
        for (i = 0; i < 200; i++)
            printf "2026-01-%02dT%02d:00:00Z,%s,m%d,%d\n", day, i % 24, i % 17 == 3 ? user : "u" i * 7 % 30, i * 3 % 10, i % 90
    }'
}

cat >job.yaml <<END
source: {paths: ["out/*.csv"]}
fields: {user: user, entity: shop, time: {field: t}, attributes: {amount: {type: number}}}
graph: {window: 60d}
emit: {threshold: {top: 5}}
output: out
END
mkdir out
orders 1 >"out/$user.1.csv"
orders 2 >"out/$user.2.csv"
orders 3 >'out/a "quoted\ name.csv'
orders 4 >"$(printf 'out/b\351.csv')" # no UTF-8
ringfence run --config job.yaml $tiny >/dev/null 2>&1 || exit 1
cp -r out whole

# what the certificate says of each file, without its hashes
certificate() {
    cat out/erased-*.json | sed -n 's/.*"complete":\([a-z]*\).*/complete \1/p; /"before_sha256"/{s/"\(before\|after\)_sha256":"[0-9a-f]*"/"\1"/g; p;}; s/.*"left"/"left"/p'
    rm -f out/erased-*.json
}

echo "== names with an id, quotes and backslashes: the state knows the blanked files again"
status ringfence erase --config job.yaml --user $user --quiet 2>/dev/null
certificate
ringfence run --config job.yaml $tiny 2>/dev/null | grep '^events'
LC_ALL=C grep -a -l -r qzxwv out | sort

echo "== the same after a kill: the disk has no room for the graph"
rm -rf out && cp -r whole out
(
    ulimit -f 24
    ringfence erase --config job.yaml --user $user --quiet >/dev/null 2>&1
)
grep -c '"kind":"input"' out/erase.pending
status ringfence erase --config job.yaml --quiet 2>/dev/null
certificate | grep -c '"kind":"input".*"before","after"'
ringfence run --config job.yaml $tiny 2>/dev/null | grep '^events'

echo "== too deep to be searched"
rm -rf out && cp -r whole out
deep=out/deep
for level in 1 2 3 4 5 6 7 8; do deep=$deep/1/2/3/4; done
mkdir -p $deep && cp out/actions.jsonl $deep
status ringfence erase --config job.yaml --user $user --quiet 2>warnings
grep -o 'deep/.*searched' warnings
certificate | sed -n 's/^complete/&/p; s#.*out/\(deep[^"]*searched\)".*#left: \1#p'

echo "== the graph by another name"
small_events 1500
rm -rf out whole
ringfence run --config job.yaml $quick >/dev/null 2>&1 || exit 1
cp -r out whole
last=$(grep -o '"user":"u[0-9]*"' events.jsonl | sort | uniq -c | sort -n | sed -n 's/.*:"\(.*\)"/\1/;1p')
for graph in ./out/graph.h5 "$PWD/out/graph.h5"; do
    rm -rf out && cp -r whole out
    status ringfence erase --config job.yaml $quick --user "$last" --graph "$graph" --shards ./out 2>/dev/null
    certificate | sed "s#$PWD#HERE#"
    status ringfence emit --config job.yaml $quick
done

echo "== hard links: each is a file of its own"
rm -rf out && cp -r whole out
for file in graph.h5 alerts.h5 actions.jsonl; do ln out/$file out/earlier-$file; done
status ringfence erase --config job.yaml $quick --user "$last" 2>/dev/null
certificate | sed 's/,"how".*//'

echo "== a dead letter that nobody can read goes, too"
rm -rf out && cp -r whole out
for record in 'bm9ib2R5Cg==' 'bm9ib*' "$(printf '\377,%s' "$last" | base64)"; do
    printf '{"place":{"file":"e","line":1},"code":"bad_utf8","reason":"r","record_base64":"%s"}\n' "$record"
done >>out/rejects.jsonl
status ringfence erase --config job.yaml $quick --user "$last" 2>/dev/null
certificate | grep -o 'rejects.*letters":[0-9]*'
cut -c 1-30 out/rejects.jsonl
