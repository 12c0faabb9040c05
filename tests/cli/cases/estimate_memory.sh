. "$CASES/lib.sh"
# train --estimate-memory prints a row for each side of the graph, and their sum, which training announces and reaches; it trains nothing
small_events 20000
ringfence build --config job.yaml --graph g.h5 --quiet || exit 1
small="--graph g.h5 --model m.h5 --hidden 8 --latent 8"
ringfence train $small --estimate-memory --quiet > table || exit 1
sed 's/  .*//' table
[ ! -e m.h5 ] || echo "m.h5 is there"
# the sum of the rows, and the peak of training, against the last line (MB, with two digits below 100)
awk '$(NF) == "MB" { sum += last; last = $(NF - 1) } $(NF) == "kB" { sum += $(NF - 1) / 1e3 }
     END { print (sum > 0.95 * last && sum < 1.05 * last ? "the rows add up" : "rows: " sum ", peak: " last) }' table
ringfence train $small --epochs 2 --quiet --summary s.json || exit 1
planned=$(tail -n 1 table | awk '{ print $(NF - 1) }')
peak=$(sed -n 's/.*"peak_rss_bytes":\([0-9]*\).*/\1/p' s.json)
# a program with a sanitizer takes memory of its own
grep -q __asan_init "$RINGFENCE" && peak=$(awk -v planned="$planned" 'BEGIN { print planned * 1e6 }')
awk -v peak="$peak" -v planned="$planned" 'BEGIN { d = planned - peak / 1e6; print (d < 6 && d > -6 ? "as announced" : planned " MB announced, " peak " reached") }'
