#!/bin/sh
# The committed page is what its sources and the lock file make.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d "${TMPDIR:-/tmp}/ringfence-bundle-XXXXXX")
trap 'rm -rf "$work"' EXIT
scripts/build-page.sh "$work/page.html"
if ! cmp "$work/page.html" export/page/page.html; then
    echo "export/page/page.html is not what export/page/src makes: run scripts/build-page.sh and commit the result" >&2
    exit 1
fi
for licence in 'Copyright 2010-2021 Mike Bostock' 'd3-zoom 3.0.0' 'd3-scale 4.0.2'; do
    if ! grep -q "$licence" export/page/page.html; then
        echo "the head comment of the page lacks \"$licence\"" >&2
        exit 1
    fi
done
