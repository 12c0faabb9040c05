#!/usr/bin/env bash
# bench-json.sh - measures our reader of JSON events against yyjson, in one run: speed to the event, and strictness.
#
#   scripts/bench-json.sh [EVENTS [REPEATS]]     default 200000 and 21
#
# Fetches yyjson's source (it is in the source package of the same name on PyPI) into build/bench, checks it, and builds
# tests/bench/bench_json.c with it in the release preset. Prints the JSON lines that are described there.
set -euo pipefail
cd "$(dirname "$0")/.."

version=4.0.6 # of the package; it holds yyjson 0.10.0
sha256=fcd4dc15c1e39a30bf9fa85d56903029111506860fc3080ab0d81c6c6dacaa8c
folder=$PWD/build/bench
mkdir -p "$folder"

if [ ! -e "$folder/yyjson-$version.tar.gz" ]; then
  python3 -m pip download --quiet --no-binary :all: --no-deps --dest "$folder" "yyjson==$version"
fi
echo "$sha256  $folder/yyjson-$version.tar.gz" | sha256sum --check --quiet
tar -xzf "$folder/yyjson-$version.tar.gz" -C "$folder"

cmake --preset release -DRF_YYJSON="$folder/yyjson-$version/yyjson" > /dev/null
cmake --build --preset release --target bench_json -- -j 2 > /dev/null
build/release/tests/bench_json "${1:-200000}" "${2:-21}" tests/fuzz/corpus/event_json/*
