. "$CASES/lib.sh"
# graphs of half the events each become, joined, the file of one build of all
small_events 4000
awk 'NR % 2 == 0' events.jsonl > part-0.jsonl
awk 'NR % 2 == 1' events.jsonl > part-1.jsonl
for kind in pair event; do
    set="--config job.yaml --granularity $kind --quiet"
    ringfence build $set --graph whole-$kind.h5 part-0.jsonl part-1.jsonl || exit 1
    ringfence build $set --graph 0-$kind.h5 part-0.jsonl || exit 1
    ringfence build $set --graph 1-$kind.h5 part-1.jsonl || exit 1
    ringfence merge $set 1-$kind.h5 0-$kind.h5 -o merged-$kind.h5 || exit 1
    same merged-$kind.h5 whole-$kind.h5
done
echo "== what it says"
ringfence merge --config job.yaml 0-pair.h5 1-pair.h5 -oagain.h5 --summary summary.json 2> log || exit 1
sed 's/^[0-9:]* //' log
same again.h5 whole-pair.h5
tr ',' '\n' < summary.json | grep -o '"\(users\|entities\|edges\|name\)":[^}]*'
echo "== what it refuses"
status ringfence merge 0-pair.h5 1-pair.h5 -o g.h5
status ringfence merge --config job.yaml
status ringfence merge --config job.yaml -o
status ringfence merge --config job.yaml --shards nowhere
status ringfence merge --config job.yaml 0-pair.h5 ./0-pair.h5 -o g.h5
status ringfence merge --config job.yaml 0-pair.h5 whole-pair.h5 -o g.h5
status ringfence merge --config job.yaml 0-pair.h5 1-event.h5 -o g.h5
status ringfence merge --config job.yaml 0-pair.h5 events.jsonl -o g.h5
: > g.h5.building
status ringfence merge --config job.yaml 0-pair.h5 1-pair.h5 -o g.h5
rm g.h5.building
echo "== the same events under another name"
cp part-0.jsonl copy.jsonl
ringfence build --config job.yaml --quiet --graph copy-pair.h5 copy.jsonl || exit 1
ringfence build --config job.yaml --quiet --granularity event --graph copy-event.h5 copy.jsonl || exit 1
status ringfence merge --config job.yaml --quiet 0-pair.h5 copy-pair.h5 -o g.h5
ringfence merge --config job.yaml --quiet 0-pair.h5 copy-pair.h5 -o g.h5 --keep-repeats 2> log || exit 1
sed 's/^[0-9:]* //' log
ringfence merge --config job.yaml --quiet --granularity event 0-event.h5 copy-event.h5 -o g.h5 || exit 1
for file in g.h5 0-event.h5; do
    ringfence inspect $file | grep -E '^  (users|entities|edges)' > $file.txt
done
same g.h5.txt 0-event.h5.txt
ls g.h5*
