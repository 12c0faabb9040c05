. "$CASES/lib.sh"
# descriptors that are closed, readers that have gone, files that may not grow: one line and a status, and never a log
# line or a table inside another file
small_events 2000
exec 5>&1
status() {
    "$@"
    echo "status $?" >&5
}
said() {
    sed 's/^[0-9:]* //' "$1"
}
run="ringfence run --config job.yaml $quick"
status $run --output whole >/dev/null

echo "== closed descriptors"
status $run --output no-out >&- 2>said
said said
status $run --output no-err --log-level debug 2>&- >/dev/null
status $run --output no-in <&- >/dev/null
status $run --output none <&- >&- 2>&-
for folder in no-out no-err no-in none; do
    for file in graph.h5 model.h5 scores.h5 clusters.h5 alerts.h5 actions.jsonl rejects.jsonl evaluation.json ring.svg; do
        cmp -s $folder/$file whole/$file || echo "$folder/$file differs"
    done
    [ "$(grep -c '^{.*}$' $folder/audit.jsonl)" = "$(wc -l <$folder/audit.jsonl)" ] || echo "$folder/audit.jsonl has other lines"
done

echo "== output that is the point"
for verb in "evaluate --graph whole/graph.h5 --scores whole/scores.h5" "inspect whole/graph.h5" help --version \
    "emit --config job.yaml --graph whole/graph.h5 --scores whole/scores.h5 --path - --quiet"; do
    status ringfence $verb >&- 2>said
    said said
done
status ringfence build --config job.yaml --graph g.h5 --quiet - <&- 2>said
said said

echo "== a reader that has gone"
{ sleep 0.1; status ringfence inspect whole/graph.h5 2>said; } | true
said said
{ sleep 0.1; status $run --output piped --log-level debug 2>&1 >/dev/null; } | true
same piped/actions.jsonl whole/actions.jsonl

echo "== few files"
(ulimit -n 16; status ringfence inspect whole/graph.h5 2>&1)
(ulimit -S -n 16; status ringfence inspect whole/graph.h5 >/dev/null)

echo "== a file that may not grow"
(ulimit -f 8; status ringfence export --graph whole/graph.h5 --scores whole/scores.h5 --format html --select top-users=2 \
    --output page.html --quiet 2>&1)
(ulimit -f 8; status ringfence build --config job.yaml --graph small.h5 --quiet 2>&1)
ls -A | grep tmp
ls | grep "page.html\|small.h5$"
true
