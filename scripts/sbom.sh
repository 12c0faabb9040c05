#!/bin/sh
# A bill of materials of a built program, as SPDX 2.3 JSON on standard output: our sources, what is compiled into it, and the
# libraries that it is linked to, directly or by others, with Debian's versions and licences.
#
#   scripts/sbom.sh [RINGFENCE]            default: build/release/cli/ringfence
#   scripts/sbom.sh --check FILE.json      is the document sound, and does it still fit the sources?
#
# The same sources, libraries and SOURCE_DATE_EPOCH give the same bytes.
exec python3 "$(dirname "$0")/sbom.py" "$@"
