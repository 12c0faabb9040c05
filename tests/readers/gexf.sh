# GEXF 1.3: NetworkX (Gephi: gephi.sh).
set -eu
python=$("$HERE/fetch.sh" python)
"$python" "$HERE/gexf.py" all.gexf
