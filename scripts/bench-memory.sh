#!/bin/sh
# bench-memory.sh [RINGFENCE]: the memory that `train` and `score` announce beside the peak that they reach, on graphs of
# several shapes. Prints a line a graph and step, and fails where it announces a tenth too much, or a twentieth too little: 4 MB
# at least, which a graph of a few thousand edges may miss by.
#
#   SCALE=0.1 scripts/bench-memory.sh       with a tenth of the rows
set -eu
ringfence=$(realpath "${1:-build/release/cli/ringfence}")
scale=${SCALE:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export LC_ALL=C SOURCE_DATE_EPOCH=1700000000

# events EDGES USERS ENTITIES ATTRIBUTES: as many pairs, users and entities by turns, and a configuration
events() {
    awk -v n="$1" -v users="$2" -v entities="$3" -v a="$4" -v scale="$scale" 'BEGIN {
        n = int(n * scale); users = int(users * scale) + 1; if (entities > 1000) entities = int(entities * scale) + 1
        printf "u,e,t"
        for (k = 0; k < a; k++) printf ",a%d", k
        print ""
        for (i = 0; i < n; i++) {
            printf "u%d,m%d,%d", i % users, (i + int(i / users) * 7907) % entities, 1767225600 + i % 2000000
            for (k = 0; k < a; k++) printf ",%d", (i * (2 * k + 3)) % 97
            print ""
        }
    }' >events.csv
    {
        echo 'fields:'
        echo '  user: u'
        echo '  entity: e'
        echo '  time: {field: t, format: s}'
        echo '  attributes:'
        k=0
        while [ $k -lt "$4" ]; do
            echo "    a$k: number"
            k=$((k + 1))
        done
    } >job.yaml
}

failed=0
printf '%-13s %-6s %9s %9s %9s  %10s %10s  %s\n' graph step users entities edges planned measured difference
# compare STEP: of summary.json and log
compare() {
    planned=$(sed -n 's/.*takes about \([0-9.]*\) \([MG]\)B of memory.*/\1 \2/p' log | awk '{ print $1 * ($2 == "G" ? 1000 : 1) }')
    peak=$(sed -n 's/.*"peak_rss_bytes":\([0-9]*\).*/\1/p' summary.json | awk '{ print $1 / 1e6 }')
    # shellcheck disable=SC2086
    printf '%-13s %-6s %9s %9s %9s  %7.0f MB %7.0f MB  %+.1f %%\n' "$name" "$1" $rows "$planned" "$peak" \
        "$(awk "BEGIN { print 100 * ($planned / $peak - 1) }")"
    awk "BEGIN { d = $planned - $peak; exit !((d > 0.1 * $peak && d > 4) || (d < -$peak / 20 && d < -4)) }" && failed=1
    return 0
}

# shape NAME EDGES USERS ENTITIES ATTRIBUTES [OPTION…]
shape() {
    name=$1
    events "$2" "$3" "$4" "$5"
    shift 5
    rm -f graph.h5 model.h5
    "$ringfence" build --config job.yaml --quiet events.csv
    rows=$("$ringfence" inspect graph.h5 | awk '$1 == "users" || $1 == "entities" || $1 == "edges" { printf "%s ", $2 }')
    "$ringfence" train --graph graph.h5 --epochs 2 --summary summary.json "$@" 2>log
    compare train
    [ "${1:-}" = --threads ] || set -- # what shapes the model is in it
    "$ringfence" score --graph graph.h5 --summary summary.json "$@" 2>log
    compare score
}

shape small 1000 200 50 1
shape one-each 200000 200000 200000 1
shape dense 300000 2000 400 1
shape few-entities 400000 200000 50 1
shape many-columns 60000 20000 5000 24
shape many-both 300000 60000 10000 24
shape wide 100000 50000 20000 2 --hidden 64 --latent 48
shape deep 100000 50000 20000 2 --layers-encoder 3 --layers-decoder 4 --layers-mlp 3
shape two-threads 200000 100000 50000 1 --threads 2
exit $failed
