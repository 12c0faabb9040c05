. "$CASES/lib.sh"
# bad records: counted and kept below the limit; above it status 3, and the graph stays as it was
printf 'id,t,u,v,x\n' > events.csv
i=0
while [ $i -lt 40 ]; do
    echo "$i,2026-01-01T00:00:$((10 + i % 40)),u$((i % 5)),v$((i % 7)),$i.5" >> events.csv
    i=$((i + 1))
done
cat > job.yaml <<'YAML'
source: {paths: [events*.csv]}
fields: {user: u, entity: v, time: t, event_id: id, attributes: {x: number}}
ingest: {max_rejects: 2, dead_letters: bad.jsonl}
YAML
status ringfence build --config job.yaml --quiet
cp graph.h5 before.h5
printf 'id,t,u,v,x\n100,2026-01-01T00:01:00,u1,v1,nan\n101,yesterday,u1,v1,1\n' > events2.csv
status ringfence build --config job.yaml --quiet --summary s.json 2>&1 | sed 's/^[0-9:]* //'
sed 's/.*"events":{\([^}]*\)}.*/\1/' s.json
wc -l < bad.jsonl | tr -d ' '
cp graph.h5 before.h5
printf 'id,t,u,v,x\n102,,u1,v1,1\n103,2026-01-01T00:01:00,,v1,1\n104,2026-01-01T00:01:00,u1,v1,\n' > events3.csv
status ringfence build --config job.yaml --quiet 2>&1 | sed 's/^[0-9:]* //; s/most often.*//'
same graph.h5 before.h5
ls
