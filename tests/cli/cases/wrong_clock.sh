. "$CASES/lib.sh"
# events of a wrong clock never move the window, wherever they come; most of a state never goes unsaid
bulk() { # FIRST_DAY LAST_DAY: 10 events a day
    awk -v first="$1" -v last="$2" 'BEGIN {
        print "t,u,v"
        for (d = first; d <= last; d++)
            for (i = 0; i < 10; i++)
                printf "2024-03-%02dT%02d:%02d:00Z,u%d,m%d\n", d, i * 2, i, (d * 10 + i) % 17, i % 5
    }'
}
said() {
    sed 's/^[0-9:]* //' said
}
build() {
    ringfence build --config job.yaml --no-progress "$@" 2>said
    echo "status $?"
    said | grep -v '^info .*records* read\|going on\|continuing'
}
cat >job.yaml <<'YAML'
source: {paths: [day*.csv]}
fields: {user: u, entity: v, time: t}
graph: {window: 30d}
output: out
YAML
bulk 1 20 >day1.csv
echo "== one event of another year, first, last, and alone in a file"
build --graph plain.h5
ringfence inspect plain.h5 | grep -A1 '^  window_from' >window
for place in first last; do
    odd=2025-03-01T00:00:00Z,u1,m1
    case $place in first) { head -n 1 day1.csv; echo $odd; tail -n +2 day1.csv; } ;; *) { cat day1.csv; echo $odd; } ;; esac >$place.csv
    build --graph $place.h5 $place.csv
    ringfence inspect $place.h5 | grep -A1 '^  window_from' >found
    same found window
done
echo "== beyond the moment of reading: set aside, not counted as bad"
far=$(date -u -d '+3 days' +%Y-%m-%dT00:00:00Z)
{ cat day1.csv; for i in 1 2 3 4 5; do echo "$far,u$i,m1"; done; } >ahead.csv
build ahead.csv --graph ahead.h5 | sed "s/$far/FAR/g"
grep -c '"code":"time_in_future"' out/rejects.jsonl
ringfence inspect ahead.h5 | grep -A1 '^  window_from' >found
same found window
build ahead.csv --graph any.h5 --set ingest.future_tolerance=any | grep -c "T01:00:00Z"
echo "== a continued build"
build
{ bulk 21 21; awk 'BEGIN { for (i = 0; i < 24; i++) printf "2025-03-0%dT0%d:00:00Z,dev%d,m%d\n", 1 + i / 8, i % 8, i % 4, i % 3 }'; } >day2.csv
build
awk 'BEGIN { print "t,u,v"; for (i = 0; i < 90; i++) printf "2025-03-04T%02d:00:00Z,u%d,m%d\n", i % 24, i % 7, i % 3 }' >day3.csv
cp out/graph.h5 before.h5
build
same out/graph.h5 before.h5
build --as-of latest
echo "== one event that is ahead by less than the window"
ringfence build --config job.yaml --quiet day1.csv --graph near.h5
echo 't,u,v' >near.csv
echo 2024-04-15T00:00:00Z,u1,m1 >>near.csv
build --graph near.h5 near.csv
echo "== a shorter window"
ringfence build --config job.yaml --quiet day1.csv --graph short.h5
build --graph short.h5 --window 7d day1.csv
