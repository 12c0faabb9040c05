#!/bin/sh
# Installs the packages of Debian 12 that building ringfence needs (Ubuntu 22.04 and later have the same
# names). Prints nothing and changes nothing if all are installed.
#
#   scripts/setup.sh            compiler, libraries and Check: build, run and test
#   scripts/setup.sh --package  also what cpack makes Debian packages with
#   scripts/setup.sh --dev      all that, and clang, clang-format, clang-tidy, valgrind and the Python of the tests
set -eu

# what is needed | how to see that it is there | its package
needs='
C compiler       | cmd cc                | gcc
C library        | file stdio.h          | libc6-dev
CMake            | cmd cmake             | cmake
Ninja            | cmd ninja             | ninja-build
pkg-config       | cmd pkg-config        | pkg-config
HDF5             | lib hdf5              | libhdf5-dev
igraph           | lib igraph            | libigraph-dev
OpenBLAS         | lib openblas          | libopenblas-dev
LAPACKE          | lib lapacke           | liblapacke-dev
libyaml          | lib yaml-0.1          | libyaml-dev
YAJL             | lib yajl              | libyajl-dev
xxHash           | lib libxxhash         | libxxhash-dev
utf8proc         | lib libutf8proc       | libutf8proc-dev
zlib             | lib zlib              | zlib1g-dev
Zstandard        | lib libzstd           | libzstd-dev
librdkafka       | lib rdkafka           | librdkafka-dev
OpenSSL          | lib libcrypto         | libssl-dev
protobuf-c       | lib libprotobuf-c     | libprotobuf-c-dev
protoc-c         | cmd protoc-c          | protobuf-c-compiler
protoc           | path /usr/include/google/protobuf/descriptor.proto | libprotobuf-dev
libavro          | lib avro-c            | libavro-dev
snappy           | lib snappy            | libsnappy-dev
liblzma          | lib liblzma           | liblzma-dev
libcurl          | lib libcurl           | libcurl4-openssl-dev
Check            | lib check             | check
time zones       | path /usr/share/zoneinfo/Europe/Paris | tzdata
'
package_needs='
dpkg-shlibdeps   | cmd dpkg-shlibdeps    | dpkg-dev
file             | cmd file              | file
'
dev_needs='
clang            | cmd clang             | clang
libFuzzer        | fuzzer -              | libclang-rt-14-dev
clang-format     | cmd clang-format      | clang-format
clang-tidy       | cmd clang-tidy        | clang-tidy
Valgrind         | cmd valgrind          | valgrind
debug symbols    | path /usr/lib/debug/.build-id | libc6-dbg
Python           | cmd python3           | python3
jsonschema       | py jsonschema         | python3-jsonschema
strace           | cmd strace            | strace
kcat             | cmd kcat              | kcat
protoc           | cmd protoc            | protobuf-compiler
Java             | cmd java              | openjdk-17-jdk-headless
Maven            | cmd mvn               | maven
xmllint          | cmd xmllint           | libxml2-utils
venv             | py ensurepip          | python3-venv
Graphviz         | cmd dot               | graphviz
Node             | cmd node              | nodejs
npm              | cmd npm               | npm
Chromium         | cmd chromium          | chromium
h5py             | py h5py               | python3-h5py
'

there() {
    case $1 in
    cmd) command -v "$2" >/dev/null 2>&1 ;;
    lib) pkg-config --exists "$2" 2>/dev/null ;;
    file) echo "#include <$2>" | cc -E -x c - >/dev/null 2>&1 ;;
    path) [ -e "$2" ] ;;
    # the tests take whichever Python has it, Debian's own or the first one found
    py) python3 -c "import $2" >/dev/null 2>&1 || /usr/bin/python3 -c "import $2" >/dev/null 2>&1 ;;
    fuzzer) ls /usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a >/dev/null 2>&1 ;;
    esac
}

case ${1:-} in
'') ;;
--package) needs="$needs$package_needs" ;;
--dev) needs="$needs$package_needs$dev_needs" ;;
*)
    echo "usage: scripts/setup.sh [--package|--dev]" >&2
    exit 2
    ;;
esac

missing=''
packages=''
old_ifs=$IFS
IFS='
'
for line in $needs; do
    IFS='| '
    # shellcheck disable=SC2086
    set -- $(echo "$line" | cut -d'|' -f2-)
    IFS='
'
    there "$1" "$2" && continue
    missing="$missing  $(echo "$line" | cut -d'|' -f1 | sed 's/ *$//') ($3)
"
    packages="$packages $3"
done
IFS=$old_ifs
[ -n "$packages" ] || exit 0

fail() {
    echo "scripts/setup.sh: $1 Missing, with the names of Debian's packages:" >&2
    printf '%s' "$missing" >&2
    exit 1
}

command -v apt-get >/dev/null 2>&1 || fail "this system has no apt-get; install these by hand."
as_root=''
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null 2>&1 || fail "neither root nor sudo; run this script as root."
    as_root=sudo
fi

echo "scripts/setup.sh: installing$packages"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086
if ! { $as_root apt-get -o Acquire::Retries=3 update &&
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 install -y --no-install-recommends $packages; } \
    >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    fail "apt-get failed (its last lines are above)."
fi
