. "$CASES/lib.sh"
# fields.entity.near: hashes that are nearly the same are one entity
cat > job.yaml <<'YAML'
source: {paths: [e.jsonl]}
fields:
  user: u
  entity: {field: v, normalise: [trim], near: 3}
  time: ts
graph: {window: all}
YAML
event() { printf '{"u":"%s","v":"%s","ts":"2024-03-0%s"}\n' "$1" "$2" "$3"; }
{
    event a 00000000000000ff 1
    event a ' 00000000000000FE' 1
    event b 00000000000000f0 2
    event b 123456789abcdef0 2
    event c home 3
} > e.jsonl
build() { # ARGUMENT...: how a build ends and what it says
    ringfence build --config job.yaml "$@" > said 2>&1
    echo "status $?"
    sed -n 's/^ringfence: //p; s/^[0-9:]* [a-z]* *build: near: //p; s/^.*graph.h5: \([0-9]* users*.*edges*\).*/\1/p' said
}
build
ringfence check --config job.yaml 2>&1 | sed -n 's/^The graph.* has \(.*entities\).*/\1/p'
echo "--- the state has ids as they came: another event joins what was apart"
event c 00000000000000d6 3 > more.jsonl
event c 123456789abcde08 3 >> more.jsonl
event c 123456789abcde38 3 >> more.jsonl
build --set 'source.paths=[e.jsonl, more.jsonl]'
build --set 'source.paths=[e.jsonl, more.jsonl]' --set fields.entity.near=4
build --rebuild --set fields.entity.near=none
echo "--- a chain of most is warned of"
i=0
while [ $i -lt 120 ]; do
    event u$i "$(printf '%015x0' $((i ^ i / 2)))" 1
    i=$((i + 1))
done > e.jsonl
build --rebuild --set fields.entity.near=1
echo "--- what is refused"
head -c 32 /dev/zero | tr '\0' k > key
chmod 600 key
build --rebuild --set fields.entity.near=17
build --rebuild --set 'fields.entity={field: v, near: 0}'
build --rebuild --set 'fields.user={field: u, near: 3}' | cut -c1-60
build --rebuild --set ids.pseudonymise.key_file=key
build --rebuild --set 'fields.entity.normalise=["sha256 ${file:key}"]'
echo "--- init keeps what was told"
for told in '{field: v, near: 4}' '{first: [v, u], normalise: [trim], near: 4}'; do
    ringfence init e.jsonl --yes --set "fields.entity=$told" --user u -o told.yaml > said 2>&1
    sed -n 's/ *#.*//; s/^  entity:/entity:/p' told.yaml
    rm told.yaml
done
