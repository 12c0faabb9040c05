#!/bin/sh
# planted_reviewers.sh RINGFENCE [RING_FILE]: plants groups of copy-paste reviewers (plant_reviewers.py) into a table of reviews without
# times, made ones or the pages of a ring file of the shared data, and fails unless a stored part or voice ranks them with a ROC-AUC of 0.85, and the
# alerts of a run name ten of them.
set -eu
ringfence=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
here=$(cd "$(dirname "$0")" && pwd)
command -v python3 >/dev/null || { echo "SKIP: no python3" >&2; exit 77; }
if [ $# -gt 1 ]; then
    file=${RF_SHARED_DATA:-$here/../../../shared/data}/$2
    [ -r "$file" ] || { echo "SKIP: $file is not there" >&2; exit 77; }
    base="--ring $(cd "$(dirname "$file")" && pwd)/$(basename "$file") --groups 50"
else
    base="--made 1500x200 --groups 12"
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/ringfence-reviewers-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
export OPENBLAS_NUM_THREADS=1

# shellcheck disable=SC2086 # the options are several words
python3 "$here/plant_reviewers.py" $base --output reviews.csv
cat >job.yaml <<'END'
source: {paths: [reviews.csv]}
fields: {user: user, entity: item, label: label, attributes: {stars: {type: number}}}
graph: {label_share: 0}
output: out
END
"$ringfence" run --config job.yaml --log-level error --no-progress --threads 2 >run.txt || { cat run.txt; exit 1; }
python3 - <<'END'
import csv, json, sys

users = json.load(open("out/evaluation.json"))["u"]
for part in users["parts"]:
    print(f'{part["name"]:<18} ROC-AUC {part["roc_auc"]:.3f}  average precision {part["average_precision"]:.3f}')
best = max(users["parts"], key=lambda part: part["roc_auc"])

planted = {row["user"] for row in csv.DictReader(open("reviews.csv")) if row["label"] == "1"}
reached, alerts = set(), 0
for line in open("out/actions.jsonl"):
    action = json.loads(line)
    if action["kind"] == "run.completed":
        continue
    alerts += 1
    if action["kind"] == "cluster":
        reached.update(action["cluster"]["user_ids"])
    elif action["user"] is not None:
        reached.add(action["user"])
print(f'best: {best["name"]}; {alerts} alerts reach {len(reached & planted)} of {len(planted)} planted reviewers')
sys.exit(best["roc_auc"] < 0.85 or len(reached & planted) < 10)
END
