. "$CASES/lib.sh"
# one process at a time tags and clusters a scores file; who only explains does not wait
small_events 3000
ringfence run --config job.yaml $quick >/dev/null || exit 1
data="--graph out/graph.h5 --scores out/scores.h5"
cat >night.yaml <<END
version: 1
name: night
rules:
  - {type: night_owl, subject: user, signals: {night: {value: user.night_share, above: 0.5}}}
END
mkfifo slow.yaml
ringfence tag $data --rules slow.yaml --quiet >/dev/null &
tagger=$!
wait_until [ -e out/scores.h5.lock ]
ringfence cluster $data --quiet 2>&1 | sed 's/process [0-9]*/process N/'
user=$(grep -o '"user":"u[0-9]*"' out/actions.jsonl | head -n 1 | cut -d '"' -f 4)
ringfence tag $data --rules night.yaml --explain "$user" --quiet >/dev/null && echo "explained"
cat night.yaml >slow.yaml
wait $tagger && echo "tagged"
[ ! -e out/scores.h5.lock ] && echo "no lock is left"
ringfence cluster $data --quiet >/dev/null && echo "clustered"
