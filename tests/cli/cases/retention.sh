. "$CASES/lib.sh"
# what is older than the retention is dropped at the next run, counted, said in one line each
events() {
    awk -v day="$1" -v who="$2" 'BEGIN {
        for (i = 0; i < 200; i++)
            printf "{\"t\":\"%sT%02d:%02d:00Z\",\"user\":\"%s%d\",\"shop\":\"%sm%d\",\"amount\":%d}\n",
                i % 50 == 9 ? "yesterday" : day, i % 24, i % 60, who, i * 7 % 23, i % 9 == 0 ? who : "", i % 5, i % 31
    }'
}

cat >job.yaml <<END
source: {paths: ["events-*.jsonl"]}
fields: {user: user, entity: shop, time: {field: t}, attributes: {amount: {type: number}}}
graph: {window: all}
ingest: {max_rejects: 0.5, dead_letters: rejects.jsonl}
train: {epochs: 3, hidden: 8, latent: 8}
emit: {threshold: {top: 5}}
retention: 400d
output: out
END
at() {
    SOURCE_DATE_EPOCH=$(date -u -d "$1" +%s) ringfence run --config job.yaml 2>&1 >/dev/null | grep -o 'retention: .*\|ringfence: .*'
}
letters() {
    grep -c '"place"' out/rejects.jsonl
}

events 2025-01-10 oldtimer >events-1.jsonl
echo "== the first run"
at 2025-01-11
letters
events 2026-01-10 newcomer >events-2.jsonl
echo "== a year later nothing is too old"
at 2026-01-11
letters
grep -c oldtimer out/actions.jsonl
events 2026-03-10 newcomer >events-3.jsonl
echo "== after 400 days"
at 2026-03-11
letters
head -n 1 out/rejects.jsonl
LC_ALL=C grep -a -l 'oldtimer[0-9]' out/graph.h5 out/rejects.jsonl out/actions.jsonl
echo "== and again"
at 2026-03-11
letters
events 2026-03-11 newcomer >events-4.jsonl
at 2026-03-12
letters
echo "== after a pause of years the old is gone from everywhere"
events 2029-01-01 latecomer >events-5.jsonl
at 2029-01-02
at 2029-01-03
letters
LC_ALL=C grep -a -l 'oldtimer[0-9]\|newcomer[0-9]' out/* 2>/dev/null
grep -c . out/audit.jsonl

echo "== a log that is a descriptor is written where it stands, and not aged"
printf '{"at":"%s","event":"earlier"}\n' 2020-01-01T00:00:00Z 2029-01-01T00:00:00Z >log.jsonl
SOURCE_DATE_EPOCH=$(date -u -d 2029-01-04 +%s) ringfence run --config job.yaml --set audit.path=/dev/fd/9 --quiet 9>>log.jsonl >/dev/null 2>&1
grep -c earlier log.jsonl
sed -n 3p log.jsonl | grep -o '"event":"[a-z.]*"'
