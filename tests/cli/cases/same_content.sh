. "$CASES/lib.sh"
# a file is known by its content: a copy under another name, or packed, does not count twice
cat >job.yaml <<'YAML'
source: {paths: [in/*]}
fields: {user: u, entity: v, time: t, attributes: {amount: number}}
graph: {window: all}
output: out
YAML
rows() { # FIRST LAST
    awk -v first="$1" -v last="$2" 'BEGIN {
        if (first == 1)
            print "t,u,v,amount"
        for (i = first; i <= last; i++)
            printf "2024-03-%02dT%02d:%02d:00Z,u%d,m%d,%d.5\n", 1 + i % 20, i % 24, i % 60, i % 31, i % 7, i
    }'
}
build() {
    ringfence build --config job.yaml --no-progress "$@" 2>&1 | sed "s|$PWD|HERE|; s/^[0-9:]* //" | grep -v continuing
}
mkdir in
rows 1 50 >in/e.csv
echo "== other spellings, a copy, packed copies"
build in/e.csv
cp out/graph.h5 first.h5
build ./in/e.csv
build "$PWD/in/e.csv"
cp in/e.csv in/copy.csv
gzip -k -c in/e.csv >in/e.csv.gz
build
ringfence inspect out/graph.h5 | grep '^  edges'
echo "== all at once, in a new graph"
build --graph once.h5
echo "== moved, and grown since"
mv in/e.csv in/e.1.csv
rm in/copy.csv in/e.csv.gz
rows 51 60 >>in/e.1.csv
build
rows 61 65 >>in/e.1.csv
build
cat in/e.1.csv >whole.csv
build whole.csv --graph whole.h5
cp in/e.1.csv all.csv
build all.csv
echo "== another file of the same length, with one value changed at its end"
rows 1 5000 >long.csv
sed '$s/5000.5/4999.5/' long.csv >changed.csv
build long.csv --graph long.h5
build changed.csv --graph long.h5
{ cat long.csv; rows 5001 5010; } >more.csv
build more.csv --graph long.h5
echo "== stdin first"
ringfence build --config job.yaml --quiet --graph piped.h5 - <long.csv
build long.csv --graph piped.h5
echo "== two graphs of one content"
cp long.csv other.csv
build other.csv --graph other.h5
build long.csv --graph again.h5
ringfence merge --config job.yaml other.h5 again.h5 --output joined.h5 --quiet 2>&1
