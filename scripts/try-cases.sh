#!/usr/bin/env bash
# Tries files as people have them: every folder of a collection of cases, against what is expected of each.
#
#   scripts/try-cases.sh [--kafka] [--ringfence PROGRAM] [--only PATTERN] [--show] [FOLDER]
#
# A case is a folder NUMBER-NAME with inputs, config.yaml, cmd.sh (run in a copy, `ringfence` on the PATH), expected.txt (what a user
# expects, in words) and got.txt (what came once). tests/cases/ingest-verdicts.tsv judges: a line for each run of a case, whose columns
# are separated by tabs:
#
#   case        NAME
#   settings    "-", or KEY=VALUE && KEY=VALUE...: given to every command as --set. They are what the run before names as the way out.
#   status      how cmd.sh ends, or the statuses that it prints
#   must        regular expressions that all match somewhere in what it prints and in its first dead letters, separated by " && "
#   must_not    likewise, none of which may match
#
# FOLDER is ../shared/cases/ingest if it is not given; where it is absent, nothing is tried. PROGRAM is that of build/release, else of
# build/dev. --kafka starts brokers for the cases that read topics (scripts/kafka.sh); without it they are skipped.
# --only PATTERN tries the cases whose names match; --show prints what they print.
# Exit status 1: a case is not as expected, has no verdict, or a verdict has no case.
set -euo pipefail
source_dir=$(cd "$(dirname "$0")/.." && pwd)
verdicts=$source_dir/tests/cases/ingest-verdicts.tsv
folder=$source_dir/../shared/cases/ingest kafka='' only='*' show=''
RINGFENCE=$source_dir/build/release/cli/ringfence
[ -x "$RINGFENCE" ] || RINGFENCE=$source_dir/build/dev/cli/ringfence
while [ $# -gt 0 ]; do
    case $1 in
    --kafka) kafka=yes ;;
    --ringfence) RINGFENCE=$(cd "$(dirname "$2")" && pwd)/$(basename "$2") && shift ;;
    --only) only=$2 && shift ;;
    --show) show=yes ;;
    -*) sed -n '4p' "$0" | cut -c 5- >&2 && exit 2 ;;
    *) folder=$1 ;;
    esac
    shift
done
[ -d "$folder" ] || { echo "SKIP: $folder has no cases" >&2; exit 0; }
[ -x "$RINGFENCE" ] || { echo "try-cases.sh: no program $RINGFENCE: build it, or name one with --ringfence" >&2; exit 2; }
work=$(mktemp -d "${TMPDIR:-/tmp}/ringfence-cases-XXXXXX")
export RINGFENCE work LC_ALL=C.UTF-8 TZ=UTC OPENBLAS_NUM_THREADS=1

finish() {
    local broker
    for broker in "$work"/broker*; do
        [ ! -d "$broker" ] || "$source_dir/scripts/kafka.sh" stop --dir "$broker" >/dev/null
    done
    rm -rf "$work"
}
trap finish EXIT

# `ringfence` of the cases: the program with the settings of the run, and the broker that stands for the one in the configuration.
mkdir "$work/bin"
cat >"$work/bin/ringfence" <<'SH'
#!/usr/bin/env bash
mapfile -t more <"$work/settings"
case " $* " in *config2*) broker=broker-2 ;; *) broker=broker-1 ;; esac
[ ! -s "$work/$broker" ] || more+=("kafka.bootstrap.servers=$(cat "$work/$broker")")
exec "$RINGFENCE" "$@" "${more[@]/#/--set=}"
SH
chmod +x "$work/bin/ringfence"

# ---- cases that read topics

# start_broker NUMBER: its address goes to broker-NUMBER
start_broker() {
    "$source_dir/scripts/kafka.sh" start --dir "$work/broker$1" --while $$ | tail -n 1 >"$work/broker-$1"
}

# fill NUMBER TOPIC FILE...: a topic with a message for each file
fill() {
    "$source_dir/scripts/kafka.sh" topic "$2" 1 --dir "$work/broker$1" >/dev/null
    [ $# -eq 2 ] || kcat -P -q -b "$(cat "$work/broker-$1")" -t "$2" "${@:3}"
}

# Files with the values of the messages of a case, one each.
messages() { # FOLDER
    python3 - "$1" <<'PY'
import ast, os, sys
path = os.path.join(sys.argv[1], "messages.txt")
lines = open(path).read().splitlines() if os.path.exists(path) else []
values = [ast.literal_eval(line)[1] for line in lines if line.startswith("(")]
for number, value in enumerate(values):
    open(os.path.join(sys.argv[1], "message-%03d" % number), "wb").write(value or b"")
PY
}

order() { # NUMBER
    printf '{"user": "u%d", "shop": "m%d", "ts": "2024-03-%02dT00:00:00Z", "amount": %d}' $(($1 % 3)) $(($1 % 2)) $(($1 + 1)) "$1"
}

# Topics as a case wants them, in the brokers that it names.
prepare_topics() { # NAME FOLDER
    local topic i
    topic=$(sed -n 's/.*topics: \[\([a-z0-9]*\)\].*/\1/p' "$2/config.yaml")
    messages "$2"
    case $1 in
    kafka-topic-recreated)
        for i in 0 1 2 3 4 5 6 7 8 9; do order $i >"$2/message-$i"; done
        fill 1 "$topic" "$2"/message-[0-2]
        fill 2 "$topic" "$2"/message-*
        ;;
    kafka-tombstones)
        for i in 0 1 2 3 4 5; do order $i >"$2/message-$i"; done
        fill 1 "$topic" "$2"/message-*
        printf 'u1|\nu2|\n' | kcat -P -q -b "$(cat "$work/broker-1")" -t "$topic" -K '|' -Z
        ;;
    kafka-empty-topic) fill 1 "$topic" ;;
    *) fill 1 "$topic" "$2"/message-* ;;
    esac
}

# ---- judging

# How it ended: the statuses that it printed, else its own.
status_of() { # FILE
    local printed
    printed=$(sed -n 's/^status \([0-9]*\)$/\1/p' "$1" | tr '\n' ' ')
    [ -n "$printed" ] || printed=$(sed -n 's/^exit\( status:\)\{0,1\} \([0-9]*\)$/\2/p' "$1" | tail -n 1)
    printed=${printed% }
    echo "${printed:-0}" # a case without a line that says so ended well
}

# The counts of the last build that says them: read/accepted/rejected.
counts_of() { # FILE
    local counts
    counts=$(sed -n -e 's/^.*[^0-9,]\([0-9,]*\) records\{0,1\} read: \([0-9,]*\) accepted\(, \([0-9,]*\) rejected\)\{0,1\}.*/\1 read, \2 in, \4 bad/p' \
        -e 's/^events  *\([0-9,]*\) read: \([0-9,]*\) accepted\(, \([0-9,]*\) rejected\)\{0,1\}.*/\1 read, \2 in, \4 bad/p' \
        -e 's/^.*[^0-9,]\([0-9,]*\) of \([0-9,]*\) records* w[a-z]* rejected.*/\2 read, 0 in, \1 bad/p' "$1" | tail -n 1)
    counts=${counts/,  bad/, 0 bad}
    echo "${counts:--}"
}

# matches FILE PATTERNS all|none: do all, or do none, match? Prints the first that does not as it should.
matches() {
    local rest=$2 pattern found
    [ "$rest" != - ] || return 0
    while [ -n "$rest" ]; do
        pattern=${rest%% && *}
        [ "$pattern" = "$rest" ] && rest='' || rest=${rest#* && }
        found=0
        grep -Eq -e "$pattern" "$1" || found=$?
        case $3$found in all0 | none1) ;; *) echo "$pattern"; return 1 ;; esac # 2: it is no expression
    done
}

# try NAME FOLDER SETTINGS NUMBER: the case's first run in a copy, or another; what came is in $work/said
try() {
    local copy=$work/copy status=0
    rm -rf "$copy" "$work/settings" && cp -r "$2" "$copy"
    { [ "$3" = - ] || printf '%s\n' "${3// && /$'\n'}"; } >"$work/settings"
    case $1 in kafka-*) [ "$4" -gt 1 ] || prepare_topics "$1" "$copy" ;; esac
    (cd "$copy" && PATH=$work/bin:$PATH sh cmd.sh) >"$work/said" 2>&1 </dev/null || status=$?
    echo "exit status: $status" >>"$work/said"
    [ ! -s "$copy/out/rejects.jsonl" ] || head -n 6 "$copy/out/rejects.jsonl" >>"$work/said"
}

line() {
    printf '%-32s %-8s %-8s %-30s %-30s %s\n' "$@"
}

failed=0 held=0 skipped=0
line case before now 'counts before' 'counts now' verdict
if [ -n "$kafka" ]; then
    start_broker 1
    start_broker 2
fi
for case in "$folder"/[0-9]*-*/; do
    case=${case%/}
    name=${case##*/}
    name=${name#*-}
    # shellcheck disable=SC2254
    case $name in $only) ;; *) continue ;; esac
    before=$(status_of "$case/got.txt")
    counts=$(counts_of "$case/got.txt")
    if [ -z "$kafka" ] && [ "${name#kafka-}" != "$name" ]; then
        line "$name" "$before" - "$counts" - skipped
        skipped=$((skipped + 1))
        continue
    fi
    tried=0 verdict=''
    while IFS=$'\t' read -r _ settings status must must_not; do
        tried=$((tried + 1))
        try "$name" "$case" "$settings" $tried
        now=$(status_of "$work/said")
        verdict=held
        [ "$now" = "$status" ] || verdict="FAILED: status $now, not $status"
        [ "$verdict" != held ] || pattern=$(matches "$work/said" "$must" all) || verdict="FAILED: does not say \"$pattern\""
        [ "$verdict" != held ] || pattern=$(matches "$work/said" "$must_not" none) || verdict="FAILED: says \"$pattern\""
        [ "$settings" = - ] || verdict="$verdict, with $settings"
        line "$name" "$before" "$now" "$counts" "$(counts_of "$work/said")" "$verdict"
        [ -z "$show" ] || sed 's/^/    /' "$work/said"
        case $verdict in held*) held=$((held + 1)) ;; *) failed=$((failed + 1)) ;; esac
    done < <(awk -F '\t' -v name="$name" '$1 == name' "$verdicts")
    if [ $tried -eq 0 ]; then
        line "$name" "$before" - "$counts" - 'FAILED: it has no verdict'
        failed=$((failed + 1))
    fi
done
if [ "$only" = '*' ]; then
    while IFS= read -r name; do
        ls -d "$folder"/[0-9]*-"$name" >/dev/null 2>&1 || { line "$name" - - - - 'FAILED: there is no such case' && failed=$((failed + 1)); }
    done < <(grep -v '^\(#\|$\|case	\)' "$verdicts" | cut -f 1 | sort -u)
fi
echo "$held as expected, $failed not, $skipped skipped"
[ $failed -eq 0 ]
