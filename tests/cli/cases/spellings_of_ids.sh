. "$CASES/lib.sh"
# words of normalise that know what an id is, what they refuse, and what check says of it
cat > job.yaml <<'YAML'
source: {paths: [e.jsonl]}
fields:
  user: {field: u, normalise: [trim, email_canonical]}
  entity: {field: v, normalise: [ip_prefix 24/56]}
  time: ts
graph: {window: all}
ingest: {max_rejects: 9, dead_letters: bad.jsonl}
YAML
event() { printf '{"u":"%s","v":"%s","ts":"2024-03-01"}\n' "$1" "$2"; }
{
    event ann.lee@gmail.com 192.0.2.1
    event ' Ann.Lee+shop@googlemail.com' '[::ffff:192.0.2.9]:443'
    event Bob@Example.org 2001:db8:0:12aa::1
    event Bob@EXAMPLE.org 2001:db8:0:12ff::2
    event ann 192.0.2.1
    event bob@example.org home
} > e.jsonl
said() { sed -n 's/^.*graph.h5: \([0-9]* users*\)/\1/p; s/^ringfence: //p' said; }
ringfence build --config job.yaml > said 2>&1; said
sed 's/.*"code":"\([^"]*\)","reason":"\(.*\)","record.*/\1: \2/' bad.jsonl
ringfence check --config job.yaml 2>&1 | sed -n '/rejected/p; /^The graph/p'
echo "--- a phone number with and without its country"
{
    event '+49 (0)170 1234567' 1
    event '0170 1234567' 1
    event '0049 170 1234567' 1
    event 'none' 1
} > e.jsonl
phones() { ringfence build --config job.yaml --rebuild --set fields.entity=v --set fields.entity.normalise=null "$@" > said 2>&1; said; }
phones --set 'fields.user.normalise=[phone 49]'
phones --set 'fields.user.normalise=[phone]'
phones --set 'fields.user.normalise=[phone home]'
phones --set 'fields.user.normalise=[emial]'
echo "--- letters without marks, and texts of any length"
long=$(printf 'a lovely shop with very quick delivery %.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30)
{
    event Zoë "$long"
    event Zoe "$(echo "$long" | tr a-z A-Z)!"
    event ＺＯＥ 'short text'
    event zoe '...'
} > e.jsonl
texts() { phones --set 'fields.user.normalise=[ascii, lower]' "$@"; cut -c1-150 bad.jsonl | sed 's/.*"code":"\([^"]*\)","reason":"\(.*\)/\1: \2/'; }
texts --set 'fields.entity.normalise=[simhash 64]'
texts --set 'fields.entity.normalise=[minhash 64]'
texts --set 'fields.entity.normalise=[wordhash 64]'
texts --set 'fields.entity.normalise=[lower, simhash 64]' | grep -c id_too_long
