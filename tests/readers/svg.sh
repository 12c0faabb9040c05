# SVG: well-formed, and its elements against the truth.
set -eu
command -v xmllint >/dev/null || { echo "SKIP: xmllint is not installed (scripts/setup.sh --dev)" >&2; exit 77; }
xmllint --nonet --noout all.svg
python3 "$HERE/svg.py" all.svg
