. "$CASES/lib.sh"
# numbers with more decimal places than usual, and larger ones: what is said, what the settings keep, in any order
build() {
    ringfence build --no-progress --quiet --graph g.h5 --set fields.user=u --set fields.entity=v --set fields.time=t "$@" 2>&1 |
        sed 's/^[0-9:]* //'
}
table() { # FORMAT STEP: numbers 1, 1 + STEP, …
    awk -v format="$1" -v step="$2" 'BEGIN { print "u,v,t,a"
        for (i = 0; i < 60; i++) printf "u%d,m%d,2024-03-%02dT%02d:00:00Z," format "\n", i * 7 % 11, i % 3, 1 + i % 28, i % 24, 1 + i * step }'
}
table '0.%08d' 1 >satoshi.csv
table '%d.5' 1000003 >large.csv
table '%d000000000' 123456789 >wei.csv # up to 10^19
table '%.0f00' 1234567890123 >cents.csv # up to 10^16
table '12.29%d' 1000003 >fine.csv
sed 's/12\.29\([0-9]*\)/1\1.299999999999999/' fine.csv >computed.csv
a="--set fields.attributes.a.type=number"
figures() { # GRAPH: hashes of what a model sees
    ringfence train --graph "$1" --model m.h5 --epochs 1 --hidden 2 --latent 2 --quiet &&
        ringfence score --graph "$1" --model m.h5 --output s.h5 --quiet &&
        ringfence inspect s.h5 | grep -E 'graph_(edges|features)'
}
echo "== small ones"
build --rebuild $a satoshi.csv
build --rebuild $a --set fields.attributes.a.decimals=6 satoshi.csv
build --rebuild $a --set fields.attributes.a.decimals=8 satoshi.csv
mv g.h5 whole.h5
echo "in another order, in two builds"
{ head -n 1 satoshi.csv; sed 1d satoshi.csv | tac | head -n 40; } >first.csv
{ head -n 1 satoshi.csv; sed 1d satoshi.csv | tac | tail -n +41; } >second.csv
build $a --set fields.attributes.a.decimals=8 second.csv
build $a --set fields.attributes.a.decimals=8 second.csv first.csv
figures whole.h5 >whole.txt
figures g.h5 >two.txt
same whole.txt two.txt
build $a --set fields.attributes.a.decimals=9 satoshi.csv
build $a --set fields.attributes.a.decimals=8 --set fields.attributes.a.scale=10 satoshi.csv
echo "a scale has as many places, and so has a unit that is written out"
sed '1!s/,0\.0*\([0-9]*\)$/,\1/' satoshi.csv >units.csv
build --rebuild $a --set fields.attributes.a.scale=1e-8 units.csv
mv g.h5 units.h5
figures units.h5 >units.txt
same whole.txt units.txt
echo "== large ones"
build --rebuild $a large.csv
build --rebuild $a --set ingest.max_rejects=60 wei.csv
build --rebuild $a --set fields.attributes.a.scale=1e-18 wei.csv
build --rebuild $a cents.csv
build --rebuild $a --set fields.attributes.a.decimals=2 cents.csv
build --rebuild $a --set fields.attributes.a.scale=0.01 cents.csv
build --rebuild $a --set fields.attributes.a.scale=0.01 --set fields.attributes.a.decimals=2 cents.csv
echo "== some digits"
build --rebuild $a fine.csv
build --rebuild $a computed.csv
awk '{ $0 = "{\"u\":\"u" NR "\",\"v\":\"m\",\"t\":\"2024-03-01\",\"a\":" (NR % 9 == 0 ? "0.123456789" : "5") "}" } 1' wei.csv >mixed.jsonl
build --rebuild $a mixed.jsonl
echo "== wrong settings"
for wrong in decimals=19 decimals=-1 scale=3 scale=0 scale=1e19; do
    build $a --set fields.attributes.a.$wrong satoshi.csv
done
build --set fields.attributes.a.type=boolean --set fields.attributes.a.decimals=2 satoshi.csv
echo "== conditions are exact"
wanted() {
    ringfence build --no-progress --graph g.h5 --rebuild --set fields.user=u --set fields.entity=v --set fields.time=t --set "source.where=$1" "$2" 2>&1 |
        grep -o '[0-9]* records* read: [0-9]* accepted'
}
wanted 'a = 0.00000002' satoshi.csv
wanted 'a <= 2e-8' satoshi.csv
wanted 'a >= 1000000000000000000' wei.csv
wanted 'a in 1000000000, 123456790000000000.0' wei.csv
