. "$CASES/lib.sh"
# an event names entities of several kinds: what check shows of them, and what is said of wrong records and keys
awk 'BEGIN {
    print "who,shop,dev,street,zip,mail,t,sum,app,none"
    for (i = 0; i < 200; i++)
        printf "c-%03d,shop-%02d,%s,%s,%d,%s,2026-01-%02dT%02d:00:00Z,%d,%s,\n", i % 37, i * 3 % 10,
            i % 3 ? "device-" i % 41 : "", i % 4 ? "Main  Street" : " main street", i % 5, i % 5 ? "a.b+" i "@gmail.com" : "",
            1 + i % 28, i % 24, i, i % 2 ? "web" : "app"
    print "c-001,,d1,x,1,,2026-01-02T00:00:00Z,1,app,"
    print "c-001,shop-01,d1,x,1,nobody,2026-01-02T00:00:00Z,1,app,"
}' >e.csv
cat >job.yaml <<'END'
source: {paths: [e.csv]}
fields:
  user: who
  entities:
    shop: shop
    device: {field: dev, hub_degree: 100}
    address: {fields: [street, zip], normalise: [lower, squeeze]}
    mailbox: {field: mail, normalise: [email_canonical, "sha256 ${file:key}"]}
  time: t
  attributes:
    sum: {type: number, of: [shop, device]}
    app: category
threads: 1
output: out
END
echo "the key of this test, long enough" >key
chmod 600 key
ringfence check --config job.yaml --quiet 2>/dev/null | sed -n '/^field/,/^$/p; /^kind/,/^$/p'
mailbox() { ringfence check --config job.yaml --set 'fields.entities.mailbox.normalise=[email_canonical]' "$@" 2>&1; }
mailbox | sed -n 's/^  \([0-9]* rejected\)/\1/p; s/^.* warn *//p'
echo "== a value that is no mailbox, where one is required"
mailbox --set fields.entities.mailbox.required=true | grep 'bad_id'
echo "== a column of a kind that is not there"
status ringfence check --config job.yaml --set fields.entities.device=device 2>&1
echo "== which kinds there are"
status ringfence check --config job.yaml --set 'fields.attributes.sum.of=[shop, devise]' 2>&1
status ringfence check --config job.yaml --set fields.entity=shop --quiet 2>&1 | grep '^entity\|status'
echo "== pseudonyms of a kind"
ringfence pseudonym --config job.yaml --kind mailbox --entity a.b@gmail.com --entity AB+x@gmail.com | cut -f 1,3 | sort -u | cut -f 1
printf 'a.b@gmail.com\nshop-01\n' >candidates
ringfence pseudonym --config job.yaml --reveal candidates "$(ringfence pseudonym --config job.yaml --kind mailbox --entity ab@gmail.com | cut -f 3)" | cut -f 1,2
status ringfence pseudonym --config job.yaml --kind mail --entity a.b@gmail.com
echo "== erased in whatever kind"
mkdir -p out
cp e.csv out/e.csv
input="--config job.yaml --set source.paths=[out/e.csv] --quiet"
ringfence build $input --rebuild 2>/dev/null || exit 1
before=$(grep -c ',device-7,' out/e.csv)
status ringfence erase $input --entity device-7 2>/dev/null
echo "$((before - $(grep -c ',device-7,' out/e.csv))) of $before lines blank, $(grep -c ',device-17,' out/e.csv) of another device"
LC_ALL=C grep -a -o 'device-[67]' out/graph.h5 | sort -u
echo "== a kind of which no event has one, and one of hubs alone"
for step in build train score; do
    ringfence $step --config job.yaml $quick --set graph.file=hubs.h5 --set fields.entities.spare=none --set fields.entities.device.hub_degree=2 2>/dev/null
    echo "$step $?"
done
