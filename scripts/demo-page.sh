# shellcheck shell=bash
# demo-page.sh - how `scripts/demo.sh` ends, with files and with Kafka: the page of the worst ring. Sourced by demo.sh.
# shellcheck disable=SC2154 # folder and ringfence are those of demo.sh

export_page() {
  "$ringfence" export --quiet --config "$folder/orders.yaml" --graph "$folder/graph.h5" --scores "$folder/scores.h5" \
    --format html --select "$1" --output "$folder/ring.html"
}

# Writes $folder/ring.html, of the worst cluster or, where there is none, of the highest users; says where it lies and what to
# click first. Needs no browser.
write_page() {
  local shows="the worst cluster and whom its members met"
  if ! export_page cluster=worst; then # says why
    shows="the 20 highest users and whom they met"
    export_page top-users=20
  fi
  cat <<END
$folder/ring.html

It shows $shows: one file, no network.
Open it in any browser (file://$(realpath "$folder/ring.html")), and click first
  1. the first name under "Begin with the worst" in the card on the right: its tags with their evidence, what was observed and expected
  2. a name under "Who it met" in that card, worst meeting first: they lead along the ring
  3. a tag under "Tags" on the left: everybody else who has it; Esc goes back
END
}
