#!/bin/sh
# Trains, scores (score.method: graphbean) and evaluates the five Wikipedia graphs with injected anomalies, 200 epochs, and prints mean
# areas under the ROC and the precision-recall curve beside those of GraphBEAN's reference implementation. The default seed
# decides. One seed can move a mean over five graphs by up to 0.01. With several seeds in SEEDS their common mean decides, and
# the means of each seed are printed, too.
# Exit status 1 if a mean is lower than the reference's by more than 0.01.
#
#   scripts/eval-wiki.sh [options of `ringfence train`]
#
# RINGFENCE names the program (build/release/cli/ringfence), RF_SHARED_DATA the folder that holds wiki/ (../shared/data),
# SEEDS the seeds ("0"), THREADS the number of threads (2), WORK a folder for models and scores (a temporary one, removed).
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
ringfence=${RINGFENCE:-$here/build/release/cli/ringfence}
data=${RF_SHARED_DATA:-$here/../shared/data}/wiki
threads=${THREADS:-2}

[ -x "$ringfence" ] || { echo "eval-wiki: $ringfence is not there; build it (cmake --preset release && cmake --build --preset release) or set RINGFENCE" >&2; exit 2; }
[ -r "$data/wiki_anomaly_0.h5" ] || { echo "eval-wiki: $data/wiki_anomaly_0.h5 is not there; set RF_SHARED_DATA" >&2; exit 2; }
if [ -n "${WORK:-}" ]; then
    work=$WORK
    mkdir -p "$work"
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM
fi

for seed in ${SEEDS:-0}; do
    for i in 0 1 2 3 4; do
        graph=$data/wiki_anomaly_$i.h5 model=$work/model_$i.h5 scores=$work/scores_$i.h5
        "$ringfence" train --graph "$graph" --model "$model" --epochs 200 --seed "$seed" --restart --threads "$threads" \
            --quiet --no-progress "$@"
        "$ringfence" score --graph "$graph" --model "$model" --output "$scores" --set score.method=graphbean --threads "$threads" --quiet --no-progress
        printf '%s ' "$seed"
        "$ringfence" evaluate --scores "$scores" --graph "$graph" --json
    done
    echo "seed $seed done" >&2
done > "$work/evaluations"

# A seed and a JSON object a line; a number is the first behind its key, searched from the group's key on.
awk '
    function number(line, group, key) {
        line = substr(line, index(line, "\"" group "\":{"))
        line = substr(line, index(line, "\"" key "\":") + length(key) + 3)
        return line + 0
    }
    function row_of(name, key, before, reference_roc, reference_pr) {
        rows++
        title[rows] = name; group[rows] = key; prefix[rows] = before
        want_roc[rows] = reference_roc; want_pr[rows] = reference_pr
    }
    BEGIN {
        row_of("users", "u", "", 0.997, 0.938)
        row_of("entities", "v", "", 0.982, 0.879)
        row_of("edges by feature error", "e", "x_error_", 0.988, 0.907)
        row_of("edges by score", "e", "", 0.985, 0.851)
    }
    {
        if (!($1 in graphs))
            order[++seeds] = $1
        graphs[$1]++
        n++
        for (row = 1; row <= rows; row++) {
            roc[$1, row] += number($0, group[row], prefix[row] "roc_auc")
            pr[$1, row] += number($0, group[row], prefix[row] "pr_auc")
        }
    }
    END {
        printf "%-24s %-13s %-13s %-13s %-13s ROC-AUC/PR-AUC\n", "means of five graphs", "users", "entities", "edges, error",
               "edges, score"
        for (s = 1; s <= seeds; s++) {
            printf "seed %-19s", order[s]
            for (row = 1; row <= rows; row++)
                printf " %.4f/%.4f", roc[order[s], row] / graphs[order[s]], pr[order[s], row] / graphs[order[s]]
            print ""
        }
        printf "\nmeans of %-3d trainings     ROC-AUC  reference     PR-AUC  reference\n", n
        for (row = 1; row <= rows; row++) {
            a = b = 0
            for (s = 1; s <= seeds; s++) {
                a += roc[order[s], row] / n
                b += pr[order[s], row] / n
            }
            low = a < want_roc[row] - 0.01 || b < want_pr[row] - 0.01
            failed = failed || low
            printf "%-24s %9.4f %10.3f %10.4f %10.3f%s\n", title[row], a, want_roc[row], b, want_pr[row],
                   low ? "   LOW" : ""
        }
        exit failed || n == 0
    }' "$work/evaluations"
