#!/bin/sh
# The Dockerfile fits the sources: what it copies is there and reaches the build, what it installs is known. And the check of
# that notices when it does not. The image itself is built and run by scripts/try-container.sh.
#
#   container.sh SOURCE-FOLDER
set -eu
source=$1
command -v python3 >/dev/null || { echo "SKIP: python3 is not installed (scripts/setup.sh --dev)" >&2; exit 77; }
python3 "$source/scripts/dockerfile.py" check "$source"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fresh() {
    rm -rf "$work/tree"
    mkdir "$work/tree"
    (cd "$source" && tar -cf - --exclude=./build --exclude=./runs --exclude=./tests --exclude=./notebooks --exclude=./.git .) |
        tar -xf - -C "$work/tree"
}
fresh
# notices WORDS FILE SED-SCRIPT: with FILE changed so, the check fails and says WORDS
notices() {
    cp "$work/tree/$2" "$work/before"
    sed -i "$3" "$work/tree/$2"
    if python3 "$source/scripts/dockerfile.py" check "$work/tree" 2>"$work/said" || ! grep -q "$1" "$work/said"; then
        echo "not noticed: $1" >&2
        cat "$work/said" >&2
        exit 1
    fi
    cp "$work/before" "$work/tree/$2"
}
notices 'packaging.*\.dockerignore keeps it out' .dockerignore '/^!packaging/d'
notices 'COPY scripts/missing.sh: the build does not get it' Dockerfile 's,^COPY scripts/setup.sh,COPY scripts/missing.sh,'
notices 'RUN installs gcc-13' Dockerfile 's,ca-certificates,gcc-13,'
notices 'mounts from builder: no stage' Dockerfile 's/from=build,/from=builder,/'
notices 'the last stage runs as root' Dockerfile '/^USER/d'
notices 'brings more than the package' Dockerfile 's,^USER,COPY . .\nUSER,'
notices 'configs.missing: CMake takes it, and it does not exist' cmake/RfInstall.cmake 's,/configs ,/configs.missing ,'
