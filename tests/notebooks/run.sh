#!/bin/sh
# run.sh RINGFENCE: two small runs, ten days apart; ringfence_h5.py against what the program prints of them; then every notebook,
# whose own assertions must hold. KEEP=1 leaves the folder, with the executed notebooks, and says where.
set -eu
ringfence=$1
here=$(cd "$(dirname "$0")" && pwd)
notebooks=$(cd "$here/../../notebooks" && pwd)
python=$("$here/../readers/fetch.sh" python "$notebooks/requirements.txt")
builder=$("$here/../readers/fetch.sh" python "$here/requirements-package.txt")
work=$(mktemp -d "${TMPDIR:-/tmp}/ringfence-notebooks-XXXXXX")
if [ -n "${KEEP:-}" ]; then echo "$work"; else trap 'rm -rf "$work"' EXIT; fi
export SOURCE_DATE_EPOCH=1700000000 LC_ALL=C.UTF-8 TZ=UTC PYTHONDONTWRITEBYTECODE=1 OPENBLAS_NUM_THREADS=1

# what Jupyter, IPython and matplotlib keep for themselves stays out of the home folder
export HOME="$work/home" XDG_CACHE_HOME="$work/home/cache" MPLCONFIGDIR="$work/home/matplotlib" IPYTHONDIR="$work/home/ipython"
export JUPYTER_CONFIG_DIR="$work/home/jupyter" JUPYTER_DATA_DIR="$work/home/jupyter" JUPYTER_RUNTIME_DIR="$work/home/jupyter"
mkdir -p "$HOME"

"$ringfence" simulate --quiet --events 60000 --days 40 --seed 3 --output "$work/events.jsonl" --kinds one \
    --write-config "$work/orders.yaml" --set "output=$work/now"
for run in before:2026-01-31 now:2026-02-10; do
    folder=$work/${run%%:*}
    "$ringfence" run --quiet --config "$work/orders.yaml" --epochs 30 --set "output=$folder" --set graph.window=30d \
        --set "graph.as_of=${run#*:}T00:00:00Z" --set "cluster.registry=$work/clusters.h5" >"$work/run.log" ||
        { cat "$work/run.log"; exit 1; }
done
mv "$work/events.jsonl" "$work/now/"

# one of three kinds of entity
"$ringfence" simulate --quiet --events 8000 --seed 4 --output "$work/kinds.jsonl" --kinds one --write-config "$work/one.yaml" --set "output=$work/kinds"
sed '/^    device: /d; s/^  entity: entity$/  entities: {merchant: entity, device: {field: device, required: false}, card: {field: card, required: false}}/' \
    "$work/one.yaml" >"$work/kinds.yaml"
"$ringfence" run --quiet --config "$work/kinds.yaml" --epochs 2 >"$work/run.log" || { cat "$work/run.log"; exit 1; }

RINGFENCE=$ringfence RINGFENCE_RUN=$work/now RINGFENCE_BEFORE=$work/before RINGFENCE_KINDS=$work/kinds PYTHONPATH=$notebooks \
    "$python" "$here/test_ringfence_h5.py"

# The module as a package, in a fresh environment without it. What it needs, and setuptools, are taken from others: pip looks
# whether they will do, and fetches nothing.
mkdir "$work/tree" "$work/tree/notebooks"
cp "$notebooks/../CMakeLists.txt" "$work/tree"
cp "$notebooks"/*.py "$notebooks"/*.toml "$notebooks"/README.md "$work/tree/notebooks"
"$python" -m venv --without-pip "$work/fresh"
fresh=$work/fresh/bin/python3
packages_of() {
    "$1" -c 'import sysconfig; print(sysconfig.get_path("purelib"))'
}
{ packages_of "$builder"; packages_of "$python"; } >"$(packages_of "$fresh")/needs.pth"
"$fresh" -m pip --disable-pip-version-check install --quiet --no-index --no-build-isolation "$work/tree/notebooks"
(cd "$work/fresh" && RINGFENCE=$ringfence RINGFENCE_RUN=$work/now "$fresh" - "$work/fresh" <<'END')
import os, subprocess, sys
from importlib.metadata import version
import ringfence_h5
assert ringfence_h5.__file__.startswith(sys.argv[1]), ringfence_h5.__file__
program = subprocess.run([os.environ["RINGFENCE"], "--version"], check=True, capture_output=True, text=True).stdout.strip()
assert program == f"ringfence {version('ringfence-h5')}", program
with ringfence_h5.open_run(os.environ["RINGFENCE_RUN"]) as run:
    assert len(run.users) == run.graph.n["user"] > 0 and run.users["score"].notna().all()
END

# a copy, so that nothing is written beside the sources
cp "$notebooks"/*.ipynb "$notebooks"/*.py "$work/home/"
RINGFENCE_RUN=$work/now RINGFENCE_BEFORE=$work/before RINGFENCE_SAMPLE=600 \
    "$python" -m nbconvert --log-level ERROR --to notebook --execute --output-dir "$work/executed" "$work"/home/*.ipynb 2>"$work/nbconvert.log" ||
    { cat "$work/nbconvert.log"; exit 1; }
"$python" "$here/check_executed.py" "$notebooks" "$work/executed"
