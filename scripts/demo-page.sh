# shellcheck shell=bash
# demo-page.sh - how `scripts/demo.sh` ends, with files and with Kafka: the page of the worst ring. Sourced by demo.sh.
# shellcheck disable=SC2154 # folder and ringfence are those of demo.sh

export_page() {
  "$ringfence" export --quiet --config "$folder/orders.yaml" --graph "$folder/graph.h5" --scores "$folder/scores.h5" \
    --format html --select "$1" --output "$folder/ring.html"
}

# Writes $folder/ring.html with the worst cluster or, if there is none, with the highest users. Prints its path and what to
# click first. Needs no browser.
write_page() {
  local shows="the worst cluster; a number beside a node opens its other partners"
  if ! export_page cluster=worst; then # says why
    shows="the 20 highest users and their partners"
    export_page top-users=20
  fi
  cat <<END
$folder/ring.html

It shows $shows. It is one file and needs no network.
Open it in any browser (file://$(realpath "$folder/ring.html")). Click first
  1. the first name under "Its users" (or "Begin with the worst") in the card on the right: it shows tags with evidence, and what was observed and expected
  2. a name under "Who it met" in that card, the worst meeting first: this leads along the ring
  3. "Show everything" in the card of the ring (Esc leads there), then a tag under "Tags" on the left: all others with this tag
END
}
