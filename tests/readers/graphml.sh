# GraphML: the schema, NetworkX and igraph.
set -eu
python=$("$HERE/fetch.sh" python)
schema=$("$HERE/fetch.sh" graphml.xsd)
command -v xmllint >/dev/null || { echo "SKIP: xmllint is not installed (scripts/setup.sh --dev)" >&2; exit 77; }
xmllint --nonet --noout --schema "$schema" all.graphml
"$python" "$HERE/graphml.py" all.graphml
