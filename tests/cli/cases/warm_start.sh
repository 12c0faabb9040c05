. "$CASES/lib.sh"
# two nights: the second training begins where the first one ended, if that is wanted and possible, and says so
small_events 3000
small="--set train.hidden=8 --set train.latent=8 --threads 1"
first="--set graph.as_of=2026-01-29T00:00:00Z"
second="--set graph.as_of=2026-01-30T00:00:00Z"
said() {
    grep -E 'training|epochs' log | sed 's/^[0-9:]* info  //; s/takes about .*/takes about/; s/ (.*//; s/[0-9]* epochs, loss [0-9.e-]*/N epochs/; s/, the most that auto takes//; s/, enough: errors .*//; s/all [0-9]* epochs/all N epochs/; s/[0-9a-f]\{16\}/ID/'
}
# run NAME OPTION…
run() {
    echo "== $1"
    shift
    # shellcheck disable=SC2086
    ringfence run --config job.yaml $small "$@" >report 2>log || { cat log; exit 1; }
    said
    grep -o '"start":"[a-z]*"' out/summary.json
}
# shellcheck disable=SC2086
{
run "the first night has nothing to begin with" $first --set train.warm_start=auto
cp -r out night
run "the second night" $second --set train.warm_start=auto
ringfence inspect out/model.h5 | sed -n 's/\(warm_from\) .*/\1/p; s/\(warm_goal\) .*/\1/p; /ended_by/p'
cp out/model.h5 warm.h5
run "again" $second --set train.warm_start=auto
rm -rf out && cp -r night out
run "the same night from the same model" $second --set train.warm_start=auto --threads 2
echo "model.h5: $(same out/model.h5 warm.h5)"
rm -rf out && cp -r night out
run "other options" $second --set train.warm_start=auto --set train.negatives=4
rm -rf out && cp -r night out
run "unless it is wanted" $second
rm -rf out && cp -r night out
run "not with --restart" $second --set train.warm_start=always --restart
echo "== always, where it does not fit"
rm -rf out && cp -r night out
status ringfence run --config job.yaml $small $second --set train.warm_start=always --set train.lr=0.02 --quiet
}
