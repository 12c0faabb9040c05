. "$CASES/lib.sh"
# who may read what is written: nobody else, whatever the umask; a replaced file stays as it was made
small_events 2000
modes() {
    find "$@" -type f | sort | while read -r file; do stat -c '%a %n' "$file"; done
}

umask 000
echo "== new"
ringfence run --config job.yaml $quick >/dev/null || exit 1
data="--graph out/graph.h5 --scores out/scores.h5"
for format in csv graphml html neo4j; do
    ringfence export $data --format $format --select top-users=2 --output export.$format --quiet 2>/dev/null
done
ringfence train --graph out/graph.h5 --model model.h5 --epochs 1 --hidden 8 --latent 8 --log train.jsonl --summary train.json --quiet || exit 1
ringfence simulate --events 10 --output simulated.jsonl --write-config simulated.yaml --quiet || exit 1
ringfence merge --config job.yaml out/graph.h5 --output merged.h5 --quiet || exit 1
ringfence build --config job.yaml --graph bad.h5 --set ingest.dead_letters=bad.jsonl --set fields.user=nobody --quiet 2>/dev/null
modes . | grep -v 'events.jsonl\|job.yaml'
stat -c '%a %n' out export.neo4j

echo "== a tighter umask"
umask 077
ringfence simulate --events 10 --output tight.jsonl --quiet || exit 1
modes tight.jsonl
umask 022

echo "== replaced"
find out model.h5 -type f -exec chmod 600 {} +
chmod 644 out/summary.json
ringfence run --config job.yaml $quick --rebuild --restart >/dev/null || exit 1
ringfence train --graph out/graph.h5 --model model.h5 --epochs 2 --hidden 8 --latent 8 --restart --log train.jsonl --quiet || exit 1
modes out model.h5

echo "== links"
mkdir data
mv out/graph.h5 out/audit.jsonl data
ln -s ../data/graph.h5 out/graph.h5
ln -s ../data/audit.jsonl out/audit.jsonl
ln -s data/later.html page.html
ringfence run --config job.yaml $quick --rebuild --restart >/dev/null || exit 1
ringfence export $data --format html --select top-users=2 --output page.html --quiet || exit 1
stat -c '%F %n' out/graph.h5 out/audit.jsonl page.html
modes data
ls -A . out | grep tmp

echo "== a descriptor is no file to be replaced"
ringfence export $data --format graphml --select top-users=2 --output /dev/stdout --quiet >direct.graphml
ringfence export $data --format graphml --select top-users=2 --output file.graphml --quiet
same direct.graphml file.graphml
