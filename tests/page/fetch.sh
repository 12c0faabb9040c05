#!/bin/sh
# fetch.sh browser|modules: makes what the tests of the page need available, and prints where it lies. Exit status 77, and the
# reason on stderr, where it cannot be had.
#
#   browser   a Chromium: CHROMIUM, or the one that is installed (scripts/setup.sh --dev)
#   modules   the node_modules of tests/page/package-lock.json, fetched once into RF_READERS (default ~/.cache/ringfence/readers)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=${RF_READERS:-${XDG_CACHE_HOME:-$HOME/.cache}/ringfence/readers}

skip() {
    echo "SKIP: $*" >&2
    exit 77
}

case ${1:-} in
browser)
    for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
        if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1; then
            command -v "$name"
            exit 0
        fi
    done
    skip "no Chromium is installed (scripts/setup.sh --dev)"
    ;;
modules)
    for tool in node npm; do
        command -v "$tool" >/dev/null 2>&1 || skip "$tool is not installed (scripts/setup.sh --dev)"
    done
    name=page-$(cksum <"$here/package-lock.json" | cut -d' ' -f1)
    mkdir -p "$cache"
    exec 9>"$cache/$name.lock"
    flock 9
    if [ ! -e "$cache/$name" ]; then
        rm -rf "$cache/$name.new"
        mkdir "$cache/$name.new"
        cp "$here/package.json" "$here/package-lock.json" "$cache/$name.new"
        if ! (cd "$cache/$name.new" && timeout 420 npm ci --ignore-scripts --no-audit --no-fund </dev/null) >"$cache/$name.log" 2>&1; then
            tail -n 5 "$cache/$name.log" >&2
            skip "npm cannot fetch what tests/page/package-lock.json names (its last words are above)"
        fi
        mv "$cache/$name.new" "$cache/$name"
    fi
    echo "$cache/$name/node_modules"
    ;;
*)
    echo "usage: fetch.sh browser|modules" >&2
    exit 2
    ;;
esac
