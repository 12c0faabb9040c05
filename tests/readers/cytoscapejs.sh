# Cytoscape.js: the library itself, without a screen.
set -eu
modules=$("$HERE/fetch.sh" cytoscape)
NODE_PATH=$modules nice -n 5 node "$HERE/cytoscapejs.js" all.cytoscapejs cytoscapejs.json
python3 "$HERE/cytoscapejs.py" cytoscapejs.json
