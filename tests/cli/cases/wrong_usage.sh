. "$CASES/lib.sh"
status ringfence train --epoch 3
status ringfence train --lr
status ringfence train --lr abc
status ringfence train --hidden 1,2
status ringfence train --log-level loud
status ringfence train --log-format xml
status ringfence train extra.h5
status ringfence train --set train.epohs=3
status ringfence train --set train.epochs
status ringfence train --threads -1
status ringfence simulate --events 5
status ringfence simulate --events 5 --output e.jsonl.gz
status ringfence simulate --events 5 --output e.jsonl --fraud-types colusion
status ringfence emit --threshold-fdr 0.2 --top 5
status ringfence emit --set emit.threshold.score=3 --threshold-percentile 0.9
printf 'emit:\n  threshold:\n    top: 5\n    fdr: 0.2\n' > two.yaml
status ringfence emit --config two.yaml
status ringfence emit --config two.yaml --config two.yaml
rm two.yaml
status ringfence emit --topic alerts
status ringfence emit --set emit.to=kafka --set emit.topic=alerts --path alerts.jsonl
status ringfence build events.csv --topics orders
status ringfence train --progress --quiet
status ringfence inspect
status ringfence build --config nowhere.yaml
status ringfence build events.csv
ls
