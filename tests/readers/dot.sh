# DOT: Graphviz, which tells what it read as JSON, draws it, and gives the places back.
set -eu
command -v dot >/dev/null || { echo "SKIP: Graphviz is not installed (scripts/setup.sh --dev)" >&2; exit 77; }
dot -Tdot_json -o dot.json all.dot 2>dot.log
dot -Tplain -o dot.plain all.dot 2>>dot.log
dot -Tsvg -o dot.svg all.dot 2>>dot.log
xmllint --nonet --noout dot.svg || { echo "FAILED: the SVG that Graphviz draws is no XML" >&2; exit 1; }
[ ! -s dot.log ] || { head -n 5 dot.log >&2; echo "FAILED: Graphviz has something to say" >&2; exit 1; }
python3 "$HERE/dot.py" dot.json dot.plain
