. "$CASES/lib.sh"
# records that are too long, and packings that are not read
fields="--set fields.user=u --set fields.entity=e --set fields.time=t --set ingest.max_rejects=5"
line() { printf '{"u":"u%s","e":"m%s","t":"2026-01-0%sT00:00:00Z"}\n' "$1" "$1" "$1"; }
{
    line 1
    printf '{"u":"'; head -c 3000000 /dev/zero | tr '\0' 'x'; printf '"}\n'
    line 2
    head -c 3000000 /dev/zero; echo
    line 3
} >long.jsonl
ringfence build $fields --set ingest.max_record=2000000 --graph g.h5 --set ingest.dead_letters=dead.jsonl long.jsonl 2>&1 | sed 's/^[0-9:]* //'
cut -c 1-160 dead.jsonl
wc -c <dead.jsonl | tr -d ' '
ringfence build $fields --graph h.h5 --quiet long.jsonl 2>/dev/null && ringfence inspect h.h5 | grep '^  edges'
status ringfence build $fields --set ingest.max_record=10 --graph g.h5 long.jsonl
echo "== packed"
for magic in 'BZh91AY&SY' '\375\067\172\130\132\000\000' 'PK\003\004\000\000\000'; do
    printf "$magic" >packed
    status ringfence build $fields --graph p.h5 --quiet packed 2>&1
done
printf 'PK\003\004\000\000\000' | ringfence build $fields --graph p.h5 --quiet - 2>&1
printf 'BZh91AY&SY' | ringfence build $fields --graph p.h5 --quiet - 2>&1
head -c 20000000 /dev/zero | tr '\0' '\n' | gzip -1 >blank.gz
line 1 | gzip >>blank.gz
ringfence build $fields --graph blank.h5 --quiet blank.gz && ringfence inspect blank.h5 | grep '^  edges'
