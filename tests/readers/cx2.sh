# CX2: ndex2's reader, and checks of our own for what it lets pass.
set -eu
python=$("$HERE/fetch.sh" python)
"$python" "$HERE/cx2.py" all.cx2
