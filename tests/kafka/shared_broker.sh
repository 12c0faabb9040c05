#!/bin/sh
# shared_broker.sh start|stop DIR: the broker that the tests of one CTest run share. It ends with that run, whatever becomes of
# it: the parent of this script is ctest.
set -eu
kafka=$(dirname "$0")/../../scripts/kafka.sh
case $1 in
start)
    # what an interrupted run may have left
    "$kafka" stop --dir "$2"
    exec "$kafka" start --dir "$2" --while "$PPID" \
        --set transaction.max.timeout.ms=60000 --set log.message.timestamp.before.max.ms=9223372036854775807
    ;;
stop) exec "$kafka" stop --dir "$2" ;;
esac
