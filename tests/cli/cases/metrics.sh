. "$CASES/lib.sh"
# --metrics: Prometheus's text format, of a run and of single verbs; only a success replaces the file
command -v python3 >/dev/null || { echo "SKIPPED metrics: no python3" >&2; exit 77; }
read_metrics="python3 $CASES/../read_metrics.py"
root=$CASES/../../..
small_events 3000
echo 'not an event' >>events.jsonl
ringfence run --config job.yaml $quick --output 'a "b\c' --metrics run.prom >/dev/null 2>&1 || exit 1
$read_metrics run.prom "$root/docs/OPERATIONS.md" "$root/examples/prometheus-rules.yml" "$root/examples/grafana-dashboard.json"
sum=$(sed -n 's/^ringfence_alerts{.* //p' run.prom | awk '{ n += $1 } END { print n + 0 }')
[ "$sum" = "$(sed -n 's/.*"actions":\([0-9]*\).*/\1/p' 'a "b\c/summary.json')" ] && echo "alerts add up to the actions"
now=$(date +%s)
sed -n 's/^ringfence_last_success.* //p' run.prom | awk -v now="$now" '{ print ($1 > now - 600 && $1 <= now + 1) ? "now" : $1 }'

ringfence train --graph 'a "b\c/graph.h5' --model m.h5 --epochs 2 --hidden 8 --latent 8 --quiet --metrics train.prom || exit 1
$read_metrics train.prom
cp train.prom before.prom
ringfence train --graph nowhere.h5 --model m.h5 --quiet --metrics train.prom
echo "status $?, $(same train.prom before.prom)"
ls -A | grep prom
