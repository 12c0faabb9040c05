#!/bin/bash
# Builds the image of the Dockerfile and runs a job in it, as nearly as this machine can: by Docker or Podman, by Debian's buildah, or
# step by step in folders (as root, with mmdebstrap). It takes minutes, and is no part of scripts/test.sh.
#
#   scripts/try-container.sh [docker|podman|buildah|chroot]      default: the first of them that works here
#
# Where no registry answers, a Debian made by mmdebstrap stands for debian:bookworm-slim. BASE=FILE.tar uses one made before.
set -euo pipefail
cd "$(dirname "$0")/.."
image=ringfence-try
work=$(mktemp -d "${TMPDIR:-/var/tmp}/ringfence-container-XXXXXX")
trap 'rm -rf "$work"' EXIT
export BUILDAH_ISOLATION=${BUILDAH_ISOLATION:-chroot} STORAGE_DRIVER=${STORAGE_DRIVER:-vfs}

say() { printf '\n== %s\n' "$*"; }

works() {
    case $1 in
    docker | podman) "$1" info >/dev/null 2>&1 ;;
    buildah) buildah images >/dev/null 2>&1 ;;
    chroot) [ "$(id -u)" = 0 ] && { [ -n "${BASE:-}" ] || command -v mmdebstrap >/dev/null; } ;;
    esac
}

# the file system of a small Debian, as a tar file
make_base() {
    base=${BASE:-$work/base.tar}
    [ -e "$base" ] && return
    command -v mmdebstrap >/dev/null || { echo "try-container.sh: no registry, and no mmdebstrap (apt-get install mmdebstrap)" >&2; exit 1; }
    say "a Debian of its own, by mmdebstrap"
    mmdebstrap --quiet --variant=minbase bookworm "$base"
}

# has the builder's store the base image, or can it have it?
have_base() {
    case $tool in
    docker | podman) "$tool" image inspect debian:bookworm-slim >/dev/null 2>&1 || "$tool" pull --quiet debian:bookworm-slim ;;
    buildah) buildah inspect --type image docker.io/library/debian:bookworm-slim >/dev/null 2>&1 ||
        buildah pull --quiet docker.io/library/debian:bookworm-slim ;;
    esac >/dev/null 2>&1
}

import_base() {
    make_base
    case $tool in
    docker | podman) "$tool" import "$base" debian:bookworm-slim >/dev/null ;;
    buildah)
        container=$(buildah from scratch)
        buildah add --quiet "$container" "$base" / >/dev/null
        buildah commit --quiet "$container" docker.io/library/debian:bookworm-slim >/dev/null
        buildah rm "$container" >/dev/null
        ;;
    esac
}

build() {
    local arguments=(--build-arg "REVISION=$(git rev-parse HEAD 2>/dev/null || echo unknown)" --tag "$image" .)
    case $tool in
    docker) DOCKER_BUILDKIT=1 docker build "${arguments[@]}" ;;
    podman) podman build "${arguments[@]}" ;;
    buildah) buildah bud --pull-never "${arguments[@]}" ;;
    chroot) python3 scripts/dockerfile.py chroot "$base" "$work" ;;
    esac
}

# inside COMMAND…: in the finished image, as its user, in a /data that stays
inside() {
    case $tool in
    docker | podman)
        "$tool" run --rm --read-only --cap-drop ALL --security-opt no-new-privileges --network none --volume "$work/data:/data" \
            --entrypoint "$1" "$image" "${@:2}"
        ;;
    buildah) buildah run --user 10001:10001 --volume "$work/data:/data" "$container" -- "$@" ;;
    chroot) chroot --userspec=10001:10001 "$work/1" /bin/sh -c 'cd /data && exec "$@"' sh "$@" ;;
    esac
}

tool=${1:-}
if [ -z "$tool" ]; then
    for tool in docker podman buildah chroot none; do works $tool && break; done
    [ "$tool" != none ] || { echo "SKIP: neither docker, podman nor buildah works here, nor mmdebstrap as root" >&2; exit 77; }
elif ! works "$tool"; then
    echo "try-container.sh: $tool does not work here" >&2
    exit 2
fi
say "by $tool"
python3 scripts/dockerfile.py check
if [ "$tool" = chroot ]; then
    make_base
elif ! have_base; then
    import_base
fi

say "the image"
from=$SECONDS
build
if [ "$tool" = buildah ]; then
    container=$(buildah from --pull-never "$image")
    trap 'buildah rm "$container" >/dev/null; rm -rf "$work"' EXIT
fi
echo "built in $((SECONDS - from)) s"

say "what is in it"
install -d -m 750 -o 10001 -g 10001 "$work/data"
[ "$tool" != chroot ] || { mkdir -p "$work/1/data" && chown 10001:10001 "$work/1/data"; }
inside ringfence --version
[ "$(inside id -u)" = 10001 ] || { echo "it does not run as user 10001" >&2; exit 1; }
for left in cc gcc cmake ninja make pkg-config; do
    ! inside sh -c "command -v $left" 2>/dev/null || { echo "the last stage holds $left" >&2; exit 1; }
done
# shellcheck disable=SC2016 # a template of Go
[ "$tool" != buildah ] || buildah inspect --type image --format '{{range $k, $v := .OCIv1.Config.Labels}}{{$k}}={{$v}}{{"\n"}}{{end}}' "$image"

say "a job in it"
inside ringfence simulate --quiet --events 5000 --seed 1 --output events.jsonl --write-config orders.yaml --set output=run
inside ringfence run --quiet --config orders.yaml --epochs 5 >"$work/said"
tail -n 4 "$work/said"
inside sh -c 'test -s run/actions.jsonl && test -s run/graph.h5'
say "the image builds and works (by $tool)"
