. "$CASES/lib.sh"
# SIGTERM while a record never ends, while nothing comes, and while blank lines come for ever: status 130, soon
small_events 500
fields="--set fields.user=user --set fields.entity=entity --set fields.time=time --quiet"

# ended GRAPH NAME: sends SIGTERM to the build $! of this graph when it waits for its input, and says how it ended.
ended() {
    build=$!
    wait_until [ -e "$1.lock" ]
    sleep 0.1
    kill -TERM $build
    ( sleep 20; kill -KILL $build ) 2>/dev/null &
    watch=$!
    wait $build
    echo "$2: status $?"
    kill $watch 2>/dev/null
    sed 's/, 0x[0-9a-f]*//' message
}

"$RINGFENCE" build --config job.yaml --set source.format=jsonl --quiet --graph endless.h5 /dev/zero 2>message &
ended endless.h5 "an endless line"
"$RINGFENCE" build $fields --graph guess.h5 /dev/zero 2>message &
ended guess.h5 "an endless line of no known format"
yes '' | gzip -1 | "$RINGFENCE" build $fields --graph blank.h5 - 2>message &
ended blank.h5 "blank lines for ever"
mkfifo silent
"$RINGFENCE" build $fields --graph silent.h5 silent 2>message &
ended silent.h5 "a pipe that nobody writes"
sleep 5 >silent &
writer=$!
"$RINGFENCE" build $fields --graph silent.h5 silent 2>message &
ended silent.h5 "a pipe in which nothing comes"
kill $writer

echo "== afterwards"
ringfence build --config job.yaml --graph endless.h5 --quiet || exit 1
ringfence build --config job.yaml --graph whole.h5 --quiet || exit 1
for file in endless.h5 whole.h5; do
    ringfence inspect $file | grep -E '^  (users|entities|edges)' >$file.txt
done
same endless.h5.txt whole.h5.txt
