. "$CASES/lib.sh"
# clusters into the scores, compared with the run before: the same again for the same run, changes for the next
small_events 20000
ringfence run --config job.yaml $quick >/dev/null || exit 1
said() {
    sed 's/^[0-9:]* //; s/run [0-9a-f]\{32\}/run ID/; s/[0-9][0-9,]* \(communities\|dense\|new\|grown\|shrunk\|changed\|same\|gone\)/N \1/g'
}
rm -f out/clusters.h5
ringfence cluster --config job.yaml >first.txt 2>first.err || exit 1
said <first.err
cp out/scores.h5 first.h5
cp out/clusters.h5 register.h5

echo "== the table"
sed -n 1,4p first.txt | sed 's/  */ /g; s/of [0-9]* (/of N (/; s/-\{3,\}/---/g'
[ "$(wc -L <first.txt)" -le 100 ] && echo "fits 100 columns"
grep -c '^c-[0-9a-f]\{16\} .* new ' first.txt | sed 's/^[1-9].*/some are new/'

grep -o '^Second opinion: dense blocks, found without scores' first.txt

echo "== the same run again, on one thread and on two"
for threads in 1 2; do
    ringfence cluster --config job.yaml --threads $threads --quiet >again.txt || exit 1
    same first.txt again.txt
    same out/scores.h5 first.h5
    same out/clusters.h5 register.h5
done

echo "== killed before the registry was written"
rm out/clusters.h5
ringfence cluster --config job.yaml --quiet >again.txt || exit 1
same first.txt again.txt
same out/scores.h5 first.h5

echo "== the next run"
ringfence score --graph out/graph.h5 --model out/model.h5 --output out/scores.h5 --eta 0.3 --quiet
ringfence cluster --config job.yaml 2>&1 >next.txt | said
grep -q ' same \| grown \| shrunk \| changed ' next.txt && echo "some are known"
grep -o '^c-[0-9a-f]*' first.txt | sort >ids.first
grep -o '^c-[0-9a-f]*' next.txt | sort >ids.next
[ -n "$(comm -12 ids.first ids.next)" ] && echo "by their ids"

echo "== inspect"
ringfence inspect out/scores.h5 | grep -E '^(/clusters/(id|user|density)|/[uv]/cluster|  (clusters|previous_run_id)) ' |
    sed 's/  */ /g; s/[0-9a-f]\{32\}/ID/; s/[0-9][0-9]*$/N/'
ringfence inspect out/clusters.h5 | grep -E '^  (format|version|run_id)' | sed 's/[0-9a-f]\{32\}/ID/'

echo "== without a configuration, the registry lies beside the scores"
cp -r out elsewhere && rm elsewhere/clusters.h5
ringfence cluster --graph elsewhere/graph.h5 --scores elsewhere/scores.h5 --quiet >/dev/null
ls elsewhere/clusters.h5 clusters.h5 2>/dev/null

echo "== settings"
ringfence cluster --config job.yaml --max-clusters 2 --dense-blocks 0 --quiet | grep -c '^c-'
ringfence cluster --config job.yaml --seed-percentile 1.5 2>&1 | sed 's/^[0-9:]* //'

echo "== faults"
cp out/graph.h5 out/clusters.h5
ringfence cluster --config job.yaml 2>&1 | sed 's/^[0-9:]* //'
