. "$CASES/lib.sh"
# two builds of one graph at the same time: the second one names the first and stops; a killed one leaves no lock
small_events 3000
mkfifo pipe
"$RINGFENCE" build --config job.yaml --graph g.h5 --quiet - < pipe &
first=$!
exec 9> pipe
head -1000 events.jsonl >&9
wait_until [ -e g.h5.lock ]
ringfence build --config job.yaml --graph g.h5 2> message
echo "status $?"
sed "s/process $first/process N/" message
ln -s g.h5 link.h5
ringfence build --config job.yaml --graph link.h5 --quiet 2> message
sed "s/process $first/process N/" message
status ringfence build --config job.yaml --graph other.h5 --quiet
kill -9 $first
wait $first 2>/dev/null
exec 9>&-
ls g.h5*
status ringfence build --config job.yaml --graph g.h5 --quiet
ls g.h5*
same g.h5 other.h5
