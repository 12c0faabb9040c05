. "$CASES/lib.sh"
# the life of alerts: runs a day apart repeat no unchanged alert, a run done again or killed says the same, what is gone is said once
small_events 20000
SOURCE_DATE_EPOCH=1769731200
export SOURCE_DATE_EPOCH
# day T: the window that ends at T
day() {
    ringfence run --config job.yaml $quick --set graph.as_of="2026-01-$1T00:00:00Z" --set graph.window=20d >/dev/null || exit 1
    SOURCE_DATE_EPOCH=$((SOURCE_DATE_EPOCH + 86400))
}
# of CHANGE [FILE]: the alert_ids of the messages with this change
of() {
    grep "\"change\":\"$1\",\"first" "${2:-out/actions.jsonl}" | sed 's/.*"alert_id":"\([0-9a-f]*\)".*/\1/' | sort
}
# manifest FIGURE: what the last line says
manifest() {
    tail -n 1 out/actions.jsonl | sed "s/.*\"$1\":\([0-9]*\).*/\1/"
}
some() {
    [ "$1" -gt 0 ] && echo some || echo none
}

echo "== the first day all are new"
day 29
of new >day1
echo "$(some "$(wc -l <day1)") new, $(of worse | wc -l) worse, $(of same | wc -l) same, $(of gone | wc -l) gone"
[ "$(wc -l <day1)" -le 200 ] && echo "within the budget"
cp -r out first

echo "== the next day only what changed"
day 30
for change in new worse same gone; do of $change >$change; done
echo "$(some "$(wc -l <new)") new, $(wc -l <same) same; of the first day's $(comm -12 day1 new | wc -l) are new again"
echo "$(comm -23 gone day1 | wc -l) are gone that were not there, $(comm -23 worse day1 | wc -l) worse"
[ "$(manifest new) $(manifest worse) $(manifest gone)" = "$(wc -l <new | tr -d ' ') $(wc -l <worse | tr -d ' ') $(wc -l <gone | tr -d ' ')" ] && echo "as the manifest says"
[ "$(($(manifest same) + $(wc -l <worse)))" -gt 0 ] && echo "some live on"
sort new worse >now
[ "$(comm -12 day1 now | wc -l)" -eq "$(wc -l <worse)" ] && echo "no unchanged alert is repeated"
python=$(command -v python3) && "$python" "$CASES/../validate_actions.py" "$CASES/../../../export/schema" out/actions.jsonl >valid.txt || cat valid.txt

echo "== again, also without the memory of it"
emit_again() {
    ringfence emit --config job.yaml --quiet "$@" || exit 1
}
cp out/actions.jsonl second.jsonl
SOURCE_DATE_EPOCH=$((SOURCE_DATE_EPOCH - 86400))
emit_again --path again.jsonl
same again.jsonl second.jsonl
cp first/alerts.h5 before.h5
emit_again --path again.jsonl --alerts before.h5
same again.jsonl second.jsonl
same before.h5 out/alerts.h5

echo "== all of them"
emit_again --path all.jsonl --repeat all
echo "$(($(grep -c '"schema":"ringfence.action.v1"' all.jsonl) - $(wc -l <new) - $(wc -l <worse) - $(manifest same))) too many"
