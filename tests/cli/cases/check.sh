. "$CASES/lib.sh"
# how a configuration reads its events, without leaving anything
{
    echo 'user,shop,ts,amount,channel,fraud'
    i=0
    while [ $i -lt 200 ]; do
        echo "u$((1000 + i * 31 % 37)),m$((100 + i * 7 % 11)),2024-03-$((10 + i / 10))T0$((i % 10)):00:00Z,$i.50,$([ $((i % 2)) -eq 0 ] && echo app || echo web),$((i % 40 == 0))"
        i=$((i + 1))
    done
    echo 'u1001,m101,2024-03-12T00:00:00Z,many,app,0'
    echo 'NULL,m101,2024-03-12T00:00:00Z,1.0,app,0'
} > e.csv
cat > job.yaml <<'YAML'
source: {paths: [e.csv]}
fields:
  user: user
  entity: shop
  time: ts
  label: fraud
  attributes: {amount: number, channel: category}
threads: 1
output: out
YAML
ringfence check --config job.yaml > said
echo "status $?" >> said
sed 's/ and [0-9.]* MB of memory/ and N MB of memory/' said; rm said # a debug build and a release differ
echo "== a column that is not there"
status ringfence check --config job.yaml --set fields.user=usr 2>&1
echo "== another unit"
status ringfence check --config job.yaml --set fields.time.format=ms 2>&1
echo "== events of the future are not bad"
{
    head -n 21 e.csv
    printf 'u1,m1,2090-01-01,1,app,0\nu2,m1,2090-01-01,1,app,0\nu2,m1,2024-03-12,many,app,0\n'
} > late.csv
status ringfence check late.csv --config job.yaml --set ingest.max_rejects=1 2>&1 | grep -E 'status|would|rejected as'
status ringfence check late.csv --config job.yaml --set ingest.max_rejects=0 2>&1 | grep -E 'status|would'
ls
