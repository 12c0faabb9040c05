. "$CASES/lib.sh"
# SIGTERM during training: status 130 after the epoch, and the checkpoint knows how far it came
small_events 3000
ringfence build --config job.yaml --graph g.h5 --quiet || exit 1
"$RINGFENCE" train --graph g.h5 --model m.h5 --epochs 100000 --no-progress 2> message &
train=$!
wait_until grep -qs "training takes" message
sleep 0.5
kill -TERM $train
wait $train
echo "status $?"
sed -n '/^ringfence/s/epoch [0-9]*/epoch N/p' message
ringfence inspect m.h5 | grep -c '^  epoch  *[1-9]'
status ringfence train --graph g.h5 --model m.h5 --epochs 100000 --seed 1 --quiet
