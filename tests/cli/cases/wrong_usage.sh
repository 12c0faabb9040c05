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
status ringfence inspect
status ringfence build --config nowhere.yaml
status ringfence build events.csv
ls
