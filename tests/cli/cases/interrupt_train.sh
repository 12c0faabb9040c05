. "$CASES/lib.sh"
# SIGTERM during training: status 130 after the epoch, and the checkpoint knows how far it came
small_events 3000
ringfence build --config job.yaml --graph g.h5 --quiet || exit 1
"$RINGFENCE" train --graph g.h5 --model m.h5 --epochs 100000 --quiet 2> message &
train=$!
sleep 2
kill -TERM $train
wait $train
echo "status $?"
sed 's/epoch [0-9]*/epoch N/' message
ringfence inspect m.h5 | grep -c '^  epoch  *[1-9]'
status ringfence train --graph g.h5 --model m.h5 --epochs 100000 --seed 1 --quiet
