. "$CASES/lib.sh"
# ids, names and settings that a terminal or a browser would obey: people see them spelled, programs get them whole
command -v python3 >/dev/null || { echo "SKIPPED hostile_text: no python3" >&2; exit 77; }
ringfence simulate --events 3000 --seed 7 --output plain.jsonl --kinds one --write-config job.yaml --quiet --set output=out || exit 1
sed 's/"user":"/"user":"\\u001b[31m\\u202e/; s/"entity":"/"entity":"\\u009b31m\\u2066\\u0007/' plain.jsonl >events.jsonl
run="--config job.yaml $quick --set source.paths=[events.jsonl]"
data="--graph out/graph.h5 --scores out/scores.h5"
esc=$(printf '\033')

# obeyed FILE…: those in which something is left that is not for people.
obeyed() {
    LC_ALL=C grep -lP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xd8\x9c' "$@"
}

ringfence run $run --log-level debug >run.said 2>&1 || exit 1
ringfence run $run --log-level debug --log-format json --rebuild >json.said 2>&1 || exit 1
ringfence tag $data >tag.said 2>&1
ringfence cluster $data >cluster.said 2>&1
user=$(printf '\033[31m\342\200\256u%s' "$(sed -n '1s/.*"user":"u\([^"]*\)".*/\1/p' plain.jsonl)")
ringfence tag $data --explain "$user" >explain.said 2>&1 || exit 1
ringfence inspect out/graph.h5 >inspect.said 2>&1
ringfence evaluate $data >evaluate.said 2>&1
for format in cx2 cytoscapejs dot gexf graphml html svg; do
    ringfence export $data --format $format --select top-users=5 --output export.$format --quiet || exit 1
done
ringfence export $data --format neo4j --select top-users=5 --output export.neo4j --quiet || exit 1
grep -c 'x1b\[31m.u202e' run.said explain.said | sed 's/:[1-9][0-9]*$/: spelled/'

echo "== faults"
{
    ringfence "${esc}[31m"
    ringfence build --config "${esc}[31m.yaml"
    ringfence build --set "threads=${esc}]0;x$(printf '\007')"
    ringfence build --"${esc}x" 1
    ringfence tag $data --explain "${esc}nobody"
    ringfence inspect "$(printf '\302\2331m.h5')"
    printf 'threads: "\\x9b31mred"\n' >c.yaml
    ringfence build --config c.yaml
    ringfence score --graph "${esc}c" --model "${esc}" --output x --log-format json
} >faults.said 2>&1
sed 's/{"time":"[^"]*"/{"time":"T"/' faults.said

echo "== what is left to be obeyed"
obeyed *.said export.[a-z]* export.neo4j/README.md out/*.json out/*.jsonl out/*.svg 2>/dev/null

echo "== what programs get"
python3 - <<'END_OF_PYTHON'
import json
import xml.etree.ElementTree as tree
users = {json.loads(line)["user"] for line in open("events.jsonl")}
actions = [json.loads(line) for line in open("out/actions.jsonl")]
named = [a["user"] for a in actions if a.get("user") is not None]
print("actions:", bool(named) and all(user in users for user in named))
seen = [v.get("label", "") for v in tree.parse("export.gexf").iter() if v.tag.endswith("node")]
print("labels:", bool(seen) and all("\u202e" not in s and "\x1b" not in s for s in seen))
page = json.load(open("export.cytoscapejs"))
print("ids:", sum(n["data"].get("name", n["data"].get("id")) in users for n in page["elements"]["nodes"]) > 0)
END_OF_PYTHON
