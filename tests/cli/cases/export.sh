. "$CASES/lib.sh"
# a part of a scored graph for graph tools: the same bytes each time, and faults that say what to do
small_events 3000
ringfence run --config job.yaml $quick >/dev/null || exit 1
data="--graph out/graph.h5 --scores out/scores.h5"

echo "== before tag and cluster" >&2
ringfence score --graph out/graph.h5 --model out/model.h5 --output plain.h5 --quiet || exit 1
for wrong in tag=promo_abuse cluster=worst; do
    ringfence export --graph out/graph.h5 --scores plain.h5 --format graphml --select $wrong --output x 2>&1 | sed 's/^[0-9:]* //' >&2
done
ringfence tag $data --quiet >/dev/null || exit 1
ringfence cluster $data --quiet >/dev/null || exit 1

for format in cx2 cytoscapejs dot gexf graphml html neo4j svg; do
    echo "== $format"
    ringfence export $data --format $format --select top-users=5 --output one.$format --quiet || exit 1
    ringfence export $data --format $format --select top-users=5 --output two.$format --quiet || exit 1
    if diff -r one.$format two.$format >/dev/null; then echo "same"; else echo "they differ"; fi
done
ringfence export $data --format graphml --select top-users=5 --output - --quiet >three.graphml || exit 1
same one.graphml three.graphml

# what a killed export left there goes with the next one
touch one.neo4j/users.csv.tmp-2147483646
ringfence export $data --format neo4j --select top-users=5 --output one.neo4j --quiet || exit 1
ls one.neo4j

echo "== events, first and last event of every node"
for column in events first_seen last_seen; do
    [ "$(grep -c "key=\"node_$column\"" one.graphml)" = "$(grep -c '<node ' one.graphml)" ] && echo "$column"
done

echo "== what is said"
user=$(grep -o 'node_name">u[0-9]*<' one.graphml | head -n 1 | sed 's/.*>\(.*\)</\1/')
entity=$(grep -o 'node_name">m[0-9]*<' one.graphml | head -n 1 | sed 's/.*>\(.*\)</\1/')
tag=$(grep -o 'node_tag">[a-z_]*<' one.graphml | head -n 1 | sed 's/.*>\(.*\)</\1/')
for select in top-users=5 top-entities=5 "around=$user" "around-entity=$entity" percentile=0.99 "tag=$tag" cluster=worst; do
    ringfence export $data --format graphml --select "$select" --output two.graphml 2>&1 |
        sed 's/^[0-9:]* //; s/[0-9][0-9,]*/N/g'
done
ringfence export $data --format graphml --select percentile=0.5 --max-nodes 20 --max-edges 10 --output two.graphml 2>&1 |
    sed 's/^[0-9:]* //; s/[0-9][0-9,]*/N/g'
grep -c '<node ' two.graphml
grep -c '<edge ' two.graphml
grep -c 'Cut by score' two.graphml

echo "== tags, clusters and the legend"
ringfence export $data --format graphml --select "tag=$tag" --output two.graphml --quiet || exit 1
tr -d '\n' <two.graphml | sed 's/<node /\n/g' | grep 'node_role">subject<' >subjects
[ "$(grep -c "node_tag_types\">[^<]*$tag" subjects)" = "$(wc -l <subjects)" ] && echo "every subject has the tag"
ringfence export $data --format graphml --select cluster=worst --output two.graphml --quiet || exit 1
grep -o 'Cluster c-[0-9a-f]* ([a-z]*, [a-z]* since the last run)' two.graphml | sed 's/c-[0-9a-f]* (.*, [a-z]* /c-X (X, X /'
grep -c 'Colours of nodes: ' two.graphml

echo "== faults" >&2
for wrong in "--format graphml" "--format graphml --select top-users=5" "--format grahpml --select top-users=5 --output x" \
    "--format graphml --select best=5 --output x" "--format graphml --select top-users=0 --output x" \
    "--format graphml --select around=nobody --output x" "--format graphml --select tag=promo_abus --output x" \
    "--format graphml --select cluster=wurst --output x" "--format graphml --select around-entity=$user --output x" \
    "--format graphml --select top-users=5 --hops 0 --output x" \
    "--format graphml --select top-users=5 --max-nodes none --output x" \
    "--format graphml --select top-users=5 --output no/such/folder" \
    "--format neo4j --select top-users=5 --output -"; do
    ringfence export $data $wrong 2>&1 | sed 's/^[0-9:]* //' >&2
done
ls x 2>&1 | sed 's/.*No such/No such/'
