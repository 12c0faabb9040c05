. "$CASES/lib.sh"
# JSON that is not one object a line
build() { # LABEL [ARGUMENT…]: how a build of e.json ends and what it says
    label=$1
    shift
    rm -f bad.jsonl
    ringfence build --config job.yaml "$@" > said 2>&1
    echo "$label: status $?"
    sed -n 's/^ringfence: /  /p; s/^[0-9:]* warn  build: /  warning: /p; s/^.*graph.h5: \([0-9]* users*\)/  \1/p' said
    [ ! -s bad.jsonl ] || sed 's/^/  /' bad.jsonl
}
cat > job.yaml <<'YAML'
source: {paths: [e.json]}
fields: {user: u.id, entity: v, time: t}
graph: {window: all}
ingest: {max_rejects: 3, dead_letters: bad.jsonl}
YAML
object() { # NUMBER
    printf '{"u": {"id": "u%d", "x": [{"a": 1}, {}]}, "v": "m%d", "t": "2024-03-%02d"}' $(($1 % 3)) $(($1 % 2)) "$1"
}
pretty() {
    printf ' {\n  "u": {\n   "id": "u%d",\n   "x": [\n    {\n    }\n   ]\n  },\n  "v": "m%d",\n  "t": "2024-03-%02d"\n }' $(($1 % 3)) $(($1 % 2)) "$1"
}
{ printf '[\n'; for i in 1 2 3 4 5; do pretty $i; printf ',\n'; done; pretty 6; printf '\n]\n'; } > e.json
build "a printed array" --rebuild
{ printf '[\n'; for i in 1 2 3 4 5 6 7; do pretty $i; printf ',\n'; done; pretty 8; printf '\n]\n'; } > e.json
build "the array has grown"
{ for i in 1 2 3 4 5 6; do pretty $i; printf '\n'; done; } > e.json
build "printed objects" --rebuild
{ for i in 1 2 3 4 5 6; do object $i; done; } > e.json
build "without line ends" --rebuild
{ for i in 1 2 3 4 5 6; do printf '\036'; object $i; printf '\n'; done; } > e.json
build "record separators" --rebuild
{ printf ': hello\nretry: 5\n\n'; for i in 1 2 3 4 5 6; do printf 'id: %d\ndata: ' $i; object $i; printf '\n\n'; done; } > e.json
build "server-sent events" --rebuild
{ for i in 1 2 3 4 5 6; do printf 'id: %d\n' $i; pretty $i | sed 's/^/data: /'; printf '\n\n'; done; } > e.json
build "events over several lines" --rebuild
{ printf '['; for i in 1 2 3 4 5; do object $i; printf ', '; done; object 6; printf ']'; } > e.json
build "an array in a line" --rebuild
{ for i in 1 2 3; do printf '['; object $i; printf ','; object $((i + 3)); printf ']\n'; done; } > e.json
build "arrays, one a line" --rebuild
echo "--- broken ones"
{ printf '[\n'; for i in 1 2 3 4 5 6; do pretty $i | { [ $i = 3 ] && sed '3s/",/,/' || cat; }; printf ',\n'; done; pretty 7; printf '\n]\n'; } > e.json
build "a quote is lacking" --rebuild
{ object 1; printf '{"u": {"id": "u2"}, "v": '; for i in 3 4 5 6; do object $i; done; printf '{"u"'; } > e.json
build "without line ends" --rebuild
{ printf '{"u": {"id": "u2"}, "v": \n'; for i in 1 2 3; do object $i; printf '\n'; done; } > e.json
build "the first of lines" --rebuild
{ for i in 1 2 3 4; do pretty $i | { [ $i = 2 ] && sed 's/"v": /"v" /' || cat; } | sed 's/^/data: /'; printf '\n\n'; done; } > e.json
build "an event over several lines" --rebuild
