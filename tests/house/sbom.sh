#!/bin/sh
# The bill of materials: sound, the same twice, and faults in one are noticed.
#
#   sbom.sh RINGFENCE SOURCE-FOLDER
set -eu
ringfence=$1
cd "$2"
for tool in python3 dpkg-query readelf ldd; do
    command -v $tool >/dev/null || { echo "SKIP: $tool is not installed" >&2; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SOURCE_DATE_EPOCH=1700000000
scripts/sbom.sh "$ringfence" >"$work/one.json"
scripts/sbom.sh "$ringfence" >"$work/two.json"
cmp "$work/one.json" "$work/two.json"
scripts/sbom.sh --check "$work/one.json"
grep -q '"created": "2023-11-14T22:13:20Z"' "$work/one.json"

# notices WORDS SED-SCRIPT
notices() {
    sed "$2" "$work/one.json" >"$work/bad.json"
    if cmp -s "$work/one.json" "$work/bad.json"; then echo "nothing changed by $2" >&2; exit 1; fi
    if scripts/sbom.sh --check "$work/bad.json" 2>"$work/said" || ! grep -q "$1" "$work/said"; then
        echo "not noticed: $1" >&2
        cat "$work/said" >&2
        exit 1
    fi
}
notices 'cli/main.c: not as in the sources' '/"fileName": ".\/cli\/main.c"/,/SHA256/s/"checksumValue": "./"checksumValue": "x/'
notices 'which is not there' 's/"relatedSpdxElement": "SPDXRef-Package-libyaml-0-2"/"relatedSpdxElement": "SPDXRef-Package-libyaml"/'
notices 'unknown licence Expat' 's/"licenseDeclared": "MIT"/"licenseDeclared": "Expat"/'
notices 'no package libhdf5' 's/"DYNAMIC_LINK"/"DEPENDS_ON"/'
notices 'occurs more than once' 's/"SPDXID": "SPDXRef-Package-d3-color"/"SPDXID": "SPDXRef-Package-d3-drag"/'
