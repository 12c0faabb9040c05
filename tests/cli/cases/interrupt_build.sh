. "$CASES/lib.sh"
# SIGINT while events come in: status 130, the state is saved, and the same command continues
small_events 3000
mkfifo pipe
"$RINGFENCE" build --config job.yaml --graph g.h5 --quiet - < pipe 2> message &
build=$!
exec 9> pipe
head -1500 events.jsonl >&9 # more than a pipe holds: when this ends, some are read
wait_until [ -e g.h5.lock ]
kill -INT $build
wait $build
echo "status $?"
exec 9>&-
sed 's/[0-9,][0-9,]* records/N records/' message
ls g.h5*
ringfence build --config job.yaml --graph g.h5 --quiet - < events.jsonl || exit 1
ls g.h5*
ringfence build --config job.yaml --graph whole.h5 --quiet || exit 1
for file in g.h5 whole.h5; do
    ringfence inspect $file | grep -E '^  (users|entities|edges)' > $file.txt
done
same g.h5.txt whole.h5.txt
