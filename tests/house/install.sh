#!/bin/sh
# Installs a build into a fresh folder; compiles, links and runs a small program against what stands there.
#
#   install.sh BUILD-FOLDER
set -eu
build=$1
here=$(cd "$(dirname "$0")" && pwd)
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
cmake=${CMAKE:-cmake}

"$cmake" --install "$build" --prefix "$prefix/usr" >/dev/null

echo "binary"
"$prefix/usr/bin/ringfence" --version
"$prefix/usr/bin/ringfence" --help >/dev/null

echo "man page"
test -s "$prefix/usr/share/man/man1/ringfence.1"
grep -q '^\.TH RINGFENCE 1' "$prefix/usr/share/man/man1/ringfence.1"

echo "pkg-config"
pc=$(find "$prefix/usr" -name ringfence.pc)
# the file names the configured prefix; here the library stands elsewhere
export PKG_CONFIG_PATH="${pc%/*}"
flags=$(pkg-config --define-variable=prefix="$prefix/usr" --cflags --libs ringfence)
# shellcheck disable=SC2086
"${CC:-cc}" -std=c11 -Wall -Werror "$here/consumer.c" $flags -o "$prefix/consumer"
"$prefix/consumer" "$prefix/consumer.h5"

echo "CMake package"
mkdir "$prefix/project"
cp "$here/consumer.c" "$prefix/project/"
cat >"$prefix/project/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.22)
project(consumer C)
find_package(ringfence 0.1 REQUIRED)
add_executable(consumer consumer.c)
target_link_libraries(consumer PRIVATE ringfence::ringfence)
END
"$cmake" -G Ninja -S "$prefix/project" -B "$prefix/project/build" -DCMAKE_PREFIX_PATH="$prefix/usr" \
    -DCMAKE_C_COMPILER="${CC:-cc}" >/dev/null
"$cmake" --build "$prefix/project/build" >/dev/null
"$prefix/project/build/consumer" "$prefix/consumer2.h5"
