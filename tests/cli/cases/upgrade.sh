. "$CASES/lib.sh"
# files of an earlier ringfence become today's, hold the same, and are left alone the second time
for file in graph model scores alerts clusters; do
    gzip -dc "$CASES/../../golden/earlier/$file.h5.gz" >$file.h5
done
mkdir before
cp *.h5 before
ringfence score --graph graph.h5 --model model.h5 --output before/again.h5 --quiet || exit 1
chmod 600 model.h5
ln -s scores.h5 link.h5

echo "== upgraded"
status ringfence upgrade --quiet graph.h5 model.h5 alerts.h5 clusters.h5
status ringfence upgrade --quiet link.h5 --graph graph.h5
stat -c '%a %F %n' model.h5 link.h5
ls

echo "== the same content"
for file in graph model scores alerts clusters; do
    ringfence inspect --json before/$file.h5 | sed 's,before/,,' >before.json
    ringfence inspect --json $file.h5 >after.json
    same before.json after.json
done
ringfence score --graph graph.h5 --model model.h5 --output again.h5 --quiet || exit 1
same before/again.h5 again.h5
ringfence export --graph graph.h5 --scores scores.h5 --format cx2 --select top-users=5 --output after.cx2 --quiet
ringfence export --graph before/graph.h5 --scores before/scores.h5 --format cx2 --select top-users=5 --output before.cx2 --quiet
same before.cx2 after.cx2

echo "== the second time"
mkdir second
cp *.h5 second
status ringfence upgrade --quiet graph.h5 model.h5 scores.h5 alerts.h5 clusters.h5 --graph graph.h5
for file in graph model scores alerts clusters; do same $file.h5 second/$file.h5; done

echo "== cut off by a full disk, or killed: the old file or the new one, whole"
cp before/graph.h5 cut.h5
(ulimit -f 100; status ringfence upgrade --quiet cut.h5)
same cut.h5 before/graph.h5
for delay in 0.004 0.008 0.012 0.016 0.02 0.03; do
    cp before/graph.h5 cut.h5
    killed $delay upgrade --quiet cut.h5
    cmp -s cut.h5 before/graph.h5 || cmp -s cut.h5 second/graph.h5 || echo "neither, killed after $delay s"
done
ringfence upgrade --quiet cut.h5 >/dev/null || exit 1
same cut.h5 second/graph.h5
ls | grep tmp

echo "== damage is noticed now"
size=$(stat -c %s model.h5)
printf '\377' | dd of=model.h5 bs=1 seek=$((size / 2)) conv=notrunc 2>/dev/null
for verb in "score --graph graph.h5 --model model.h5 --output never.h5" "upgrade model.h5"; do
    status ringfence $verb --quiet 2>message
    sed 's/bytes from [0-9]* on/bytes from N on/' message >&2
done

echo "== what is damaged gets no hashes"
head -c 60000 before/scores.h5 >short.h5
cp short.h5 short.copy
status ringfence upgrade --quiet short.h5
same short.h5 short.copy

echo "== scores of another graph"
small_events 500
ringfence run --config job.yaml $quick >/dev/null || exit 1
cp before/scores.h5 old.h5
status ringfence upgrade --quiet old.h5 --graph out/graph.h5
same old.h5 before/scores.h5

echo "== today's"
status ringfence upgrade --quiet out/graph.h5 out/model.h5 out/scores.h5 out/alerts.h5 out/clusters.h5

echo "== no files of ours"
mkfifo pipe
{ head -n 300 events.jsonl; sleep 2; } >pipe &
"$RINGFENCE" build --config job.yaml --graph begun.h5 --quiet - <pipe 2>/dev/null &
build=$!
wait_until [ -e begun.h5.lock ]
sleep 0.1
kill -INT $build
wait $build
status ringfence upgrade --quiet begun.h5.building
status ringfence upgrade --quiet job.yaml
status ringfence upgrade
