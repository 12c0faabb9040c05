. "$CASES/lib.sh"
# with sha256 among the words of a side, no id of it reaches the disk, the log or a message; it comes after the other words
awk 'BEGIN {
    for (i = 0; i < 400; i++)
        printf "{\"t\":\"%s\",\"mail\":\"%s-%d@Shop.example\",\"shop\":\"shop-%d\",\"amount\":%d}\n",
            i % 97 == 9 ? "customer-7" : sprintf("2026-01-%02dT%02d:00:00Z", 1 + i % 28, i % 24),
            i % 3 == 0 ? " customer" : "customer", i * 7 % 40, i * 3 % 10, i % 90
    print "{\"t\":1,\"mail\":\"customer-9\""
    print "{\"t\":\"2026-01-03\",\"mail\":\"customer-11\",\"shop\":\"shop-1\",\"amount\":1}"
}' >events.jsonl
cat >job.yaml <<'END'
source: {paths: [events.jsonl]}
fields:
  user: {field: mail, normalise: [email_canonical, 'sha256 ${file:key}']}
  entity:
    field: shop
    normalise:
      - sha256 ${env:SHOP_KEY}
  time: {field: t}
  attributes: {amount: {type: number}}
graph: {as_of: "2026-02-01T00:00:00Z", window: 60d}
ingest: {max_rejects: 0.5, dead_letters: rejects.jsonl}
train: {epochs: 3, hidden: 8, latent: 8}
emit: {threshold: {top: 10}, budget: 0}
output: out
END
echo "the key of this test, long enough" >key
chmod 600 key
SHOP_KEY="another key, also long enough"
export SHOP_KEY
named() { # FILE...: those that have an id, or a key
    LC_ALL=C grep -a -i -l -r 'customer-[0-9]\|shop-[0-9]\|long enough' "$@"
}

ringfence run --config job.yaml --log-level debug >stdout 2>stderr || exit 1
ringfence check --config job.yaml >checked 2>&1
ringfence export --graph out/graph.h5 --scores out/scores.h5 --format graphml --select percentile=0 --output out/export.graphml --quiet || exit 1
ringfence init events.jsonl --yes --set 'fields.user={field: mail, normalise: ["sha256 ${file:key}"]}' --entity shop -o told.yaml >proposed 2>&1
echo "== named"
named out stdout stderr checked proposed told.yaml
sed -n 's/^  user: \(.*}\)  #.*/\1/p' told.yaml
sed -n 's/^.*graph.h5: \([0-9]* users*, [0-9]* entit[iesy]*\).*/\1/p' stderr
grep -c '"record":null' out/rejects.jsonl
grep -o '"code.*' out/rejects.jsonl | sort | uniq -c | sed 's/^ *//'

echo "== both ends of a meeting are to be read"
sed -n '/^Most anomalous edges/,/^1\. /p' stdout | grep -o '^[0-9a-f]* *[~]* > [0-9a-f]*~' | sed 's/[0-9a-f]/x/g' | sort -u

echo "== who has the key computes the same"
hash=$(printf 'user\0customer-7@shop.example' | openssl dgst -sha256 -hmac "$(cat key)" | sed 's/.* //')
LC_ALL=C grep -a -q "$hash" out/graph.h5 && echo "a user of the graph"
hash_of_shop=$(printf 'entity\0shop-3' | openssl dgst -sha256 -hmac "$SHOP_KEY" | sed 's/.* //')
LC_ALL=C grep -a -q "$hash_of_shop" out/graph.h5 && echo "an entity of the graph"

ringfence pseudonym --config job.yaml --user customer-7@SHOP.example --entity shop-3 | grep -c "$hash\|$hash_of_shop"
printf 'customer-7@shop.example\n customer-7@Shop.example\nshop-3\nnobody\n' >candidates
ringfence pseudonym --config job.yaml --reveal candidates "$hash" "$hash_of_shop" | cut -f 1,2
status ringfence pseudonym --config job.yaml --user customer-7

echo "== another key is another graph, another place of the key is not"
cp -p key moved
status ringfence build --config job.yaml --set 'fields.user.normalise=[email_canonical, "sha256 ${file:moved}"]' --quiet
status ringfence build --config job.yaml --quiet --set 'fields.entity.normalise=["sha256 ${file:key}"]' 2>&1 | sed 's/sha256 [0-9a-f]\{16\}"/sha256 CHECK"/g'
echo "== a key has to be there, and private"
SHORT=short
export SHORT
user() { status ringfence train --config job.yaml --quiet --set "fields.user.normalise=[$1]"; }
chmod 644 moved
user '"sha256 ${file:moved}"'
user '"sha256 ${file:none}"'
user '"sha256 ${env:NO_SUCH_KEY}"'
user '"sha256 ${env:SHORT}"'
user 'sha256'
user 'sha256 the key itself'
user '"sha256 ${env:SHOP_KEY}x"'
user '"sha265 the key itself"'
status ringfence build --config job.yaml --quiet --set source.type=kafka --set 'source.topics=[t]' --set kafka.bootstrap.servers=127.0.0.1:1 --set kafka.group.id=g --set ingest.dead_letter_topic=bad

echo "== erased by the id"
status ringfence erase --config job.yaml --user customer-7@SHOP.example --quiet 2>/dev/null
LC_ALL=C grep -a -l -r "$hash" out
echo end
