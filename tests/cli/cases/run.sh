. "$CASES/lib.sh"
# the job, again with nothing new (the same bytes), and again with new events (a new model)
small_events 4000
head -3500 events.jsonl > part1.jsonl
tail -n +3501 events.jsonl > later
sed -i 's/paths: .*/paths: ["part*.jsonl"]/' job.yaml
ringfence run --config job.yaml $quick > first.txt || exit 1
cp -r out first
ringfence run --config job.yaml $quick > /dev/null || exit 1
for file in graph.h5 model.h5 scores.h5 actions.jsonl evaluation.json ring.svg; do
    echo "$file: $(same out/$file first/$file)"
done
mv later part2.jsonl
ringfence run --config job.yaml --set train.epochs=4 --set train.hidden=8 --set train.latent=8 --threads 1 2> log > second.txt || exit 1
sed -n 's/^[0-9:]* info  //p' log | sed 's/ (.*//; s/takes about .*/takes about/; s/loss .*/loss/; s/revision .*/revision/; s/clusters: .*/clusters:/; s/since run .*/since run/; s/[0-9,][0-9,]* \(actions\|users\|entities\|edges\)/N \1/g'
# a fresh folder that knows the same earlier clusters and alerts
mkdir fresh
cp first/clusters.h5 first/alerts.h5 fresh
ringfence run --config job.yaml $quick --rebuild --restart --output fresh > /dev/null || exit 1
for file in model.h5 scores.h5 actions.jsonl; do
    echo "$file: $(same out/$file fresh/$file)"
done
grep -E '^(events|graph|training|Most|Time|Files|out/)' first.txt | sed 's/loss .*/loss/; s/[0-9,][0-9,]* \(users\|entities\|edges\)/N \1/g'
