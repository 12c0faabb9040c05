# shellcheck shell=bash
# lib.sh - what every test on a real broker begins with. A test is tests/kafka/NAME.sh, run as `NAME.sh RINGFENCE` in bash:
#
#   . "$(dirname "$0")/lib.sh"
#
# It then works in an empty folder of its own ($WORK, removed at the end), with
#   $RINGFENCE    the program
#   $BOOTSTRAP    the broker: CTest's shared one (folder in RF_KAFKA_DIR), else one of this test's own
#   $NAME         a word that no other test has: begin topics, groups and transactional ids with it
# Where no broker can be had it skips itself: exit status 77 after a line "SKIP: …".
#
# Background commands that still run at its end are killed.
#
# A test that kills, restarts or configures its broker sets OWN_BROKER to the options of `kafka.sh start` (may be empty) before it
# sources this file.
set -euo pipefail
[ $# -ge 1 ] || { echo "usage: $0 RINGFENCE" >&2; exit 2; }
RINGFENCE=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
KAFKA=$(cd "$HERE/../../scripts" && pwd)/kafka.sh
NAME=$(basename "$0" .sh)-$$
WORK=$(mktemp -d "${TMPDIR:-/tmp}/ringfence-$NAME-XXXXXX")
export RINGFENCE WORK LC_ALL=C TZ=UTC OPENBLAS_NUM_THREADS=1 SOURCE_DATE_EPOCH=1700000000

own_broker=
finish() {
    local status=$? child
    for child in $(jobs -pr); do
        kill -KILL "$child" || true
        wait "$child" || true
    done 2>/dev/null
    if [ $status -ne 0 ] && [ $status -ne 77 ]; then
        local file
        for file in "$WORK"/*.err; do
            [ ! -s "$file" ] || { echo "--- ${file##*/}"; tail -n 20 "$file"; } >&2
        done
    fi
    [ -z "$own_broker" ] || "$KAFKA" stop --dir "$own_broker"
    rm -rf "$WORK"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cd "$WORK"

skip() {
    echo "SKIP: $*" >&2
    exit 77
}

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

say() {
    echo "$*"
}

command -v kcat >/dev/null 2>&1 || skip "kcat is not installed"
if [ -n "${OWN_BROKER+set}" ] || [ -z "${RF_KAFKA_DIR:-}" ]; then
    own_broker=$WORK/broker
    status=0
    # shellcheck disable=SC2086
    "$KAFKA" start --dir "$own_broker" --while $$ ${OWN_BROKER:-} >"$WORK/start.out" || status=$?
    [ $status -eq 0 ] || { own_broker=''; exit $status; }
    KAFKA_HOME_DIR=$own_broker
else
    [ -s "$RF_KAFKA_DIR/port" ] || skip "the broker that these tests share did not start"
    KAFKA_HOME_DIR=$RF_KAFKA_DIR
fi
export KAFKA_HOME_DIR
BOOTSTRAP=127.0.0.1:$(cat "$KAFKA_HOME_DIR/port")
export BOOTSTRAP

# Options of emit that make every message a request of its own, one after the other: slow enough to be caught while it sends.
# shellcheck disable=SC2034
SLOWLY=(--set kafka.batch.num.messages=1 --set kafka.max.in.flight=1)

# topic NAME PARTITIONS [key=value]…
topic() {
    "$KAFKA" topic "$@"
}

# produce TOPIC [kcat options]: lines KEY<tab>VALUE from standard input, keyed as the Java client does.
produce() {
    local name=$1
    shift
    kcat -P -q -b "$BOOTSTRAP" -t "$name" -K '	' -X partitioner=murmur2_random -X linger.ms=20 "$@"
}

# consume TOPIC [kcat options]: everything committed. A commit is answered before its markers stand in every partition, and
# readers of committed messages see them only then: consume reads again, for at most 20 s, until no transaction is open below the
# ends that the topic had before.
consume() {
    local name=$1 messages=$WORK/messages.$BASHPID open=1 until=$((SECONDS + 20)) written committed
    shift
    while [ $open -eq 1 ] && [ $SECONDS -le $until ]; do
        written=$(ends "$name" read_uncommitted "$@" -o -1 3>/dev/null) || return
        committed=$(ends "$name" read_committed "$@" 3>"$messages") || return
        open=$(join <(echo "$written") <(echo "$committed") | awk '$2 > $3 { open = 1 } END { print open + 0 }')
    done
    cat "$messages"
}

# visible TOPIC [kcat options]: what a reader of committed messages sees now, though transactions may be open.
visible() {
    ends "$1" read_committed "${@:2}" 3>&1 >/dev/null
}

# ends TOPIC ISOLATION [kcat options] 3>MESSAGES: a line PARTITION OFFSET for each partition: where its messages end.
ends() {
    local name=$1 isolation=$2 log=$WORK/ends.$BASHPID
    shift 2
    if ! kcat -C -e -b "$BOOTSTRAP" -t "$name" -X isolation.level="$isolation" "$@" 2>"$log" >&3; then
        cat "$log" >&2
        return 1
    fi
    sed -n 's/^% Reached end of topic .* \[\([0-9]*\)\] at offset \([0-9]*\).*/\1 \2/p' "$log" | sort -k 1b,1
}

# events N SEED > lines KEY<tab>JSON, keyed by user, without the planted truth; also writes events.jsonl, the same as a file.
events() {
    "$RINGFENCE" simulate --events "$1" --seed "$2" --output simulated.jsonl --quiet
    sed 's/,"label":.*/}/' simulated.jsonl >events.jsonl
    rm simulated.jsonl
    awk -F'"' '{ print $12 "\t" $0 }' events.jsonl
}

# lines FROM TO FILE
lines() {
    sed -n "$1,$2p" "$3"
}

# job FILE TOPIC GROUP: the configuration that reads simulated events from a topic (or, with TOPIC "", from events.jsonl).
job() {
    {
        if [ -n "$2" ]; then
            cat <<END
source: {type: kafka, topics: [$2]}
kafka: {bootstrap.servers: "$BOOTSTRAP", group.id: "$3"}
END
        else
            echo 'source: {type: files, paths: [events.jsonl]}'
        fi
        cat <<'END'
fields:
  user: user
  entity: entity
  time: {field: time, format: iso8601, zone: UTC}
  event_id: event_id
  attributes:
    amount: {type: number, log1p: true}
    promo: {type: number, log1p: true}
    refund: {type: boolean}
    declined: {type: boolean}
    rating: {type: category, top: 5, required: false}
    account_days: {type: number, log1p: true}
    channel: {type: category, top: 4}
    country: {type: category, top: 6}
graph: {file: graph.h5, window: 30d, as_of: "2026-01-31T00:00:00Z", bucket: 1h}
ingest: {max_rejects: 0.01}
train: {epochs: 5, seed: 0}
emit: {threshold: {percentile: 0.99}}
END
    } >"$1"
}

# expect STATUS COMMAND…: its exit status must be that; output and errors go to last.out and last.err.
expect() {
    local wanted=$1 status=0
    shift
    "$@" >last.out 2>last.err || status=$?
    [ $status -eq "$wanted" ] || fail "exit status $status, not $wanted: $*"
}

# said PATTERN: the errors of the last `expect` have one line that matches.
said() {
    grep -qE -- "$1" last.err || fail "no line like \"$1\""
}

# one_line PATTERN: they end in one error line, which matches.
one_line() {
    local errors
    errors=$(grep -c '^ringfence' last.err || true)
    [ "$errors" -eq 1 ] || fail "$errors error lines, not one"
    said "$1"
}

# same_graph A B: equal byte for byte outside /state.
same_graph() {
    local python
    for python in python3 /usr/bin/python3; do
        "$python" -c 'import h5py' 2>/dev/null || continue
        "$python" "$HERE/same_graph.py" "$1" "$2"
        return
    done
    fail "no Python with h5py (scripts/setup.sh --dev brings it)"
}

# wait_until SECONDS COMMAND…: true within that time.
wait_until() {
    local left=$(($1 * 10))
    shift
    until "$@"; do
        left=$((left - 1))
        [ $left -gt 0 ] || return 1
        sleep 0.1
    done
}
