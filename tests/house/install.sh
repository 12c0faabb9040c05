#!/bin/sh
# Installs a build into a fresh folder. Compiles, links and runs a program against what is there: with pkg-config and
# with CMake, shared and static. Looks at which symbols the libraries show.
#
#   install.sh BUILD-FOLDER SOURCE-FOLDER
set -eu
build=$1
source=$2
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
cmake=${CMAKE:-cmake}
cc=${CC:-cc}

echo "what a build of the program alone has left out is built"
rm -f "$build/libringfence.a" "$build"/libringfence.so* "$build/ringfence.1"
"$cmake" --install "$build" --prefix "$prefix/built" >/dev/null
mv "$prefix/built" "$prefix/usr" # nothing that was installed may know where it was

echo "binary"
"$prefix/usr/bin/ringfence" --version
"$prefix/usr/bin/ringfence" --help >/dev/null

echo "man page"
test -s "$prefix/usr/share/man/man1/ringfence.1"
grep -q '^\.TH RINGFENCE 1' "$prefix/usr/share/man/man1/ringfence.1"

echo "documents, examples, units"
for file in share/doc/ringfence/README.md share/doc/ringfence/docs/OPERATIONS.md share/doc/ringfence/examples/orders.yaml \
    share/ringfence/configs/rules.yaml share/ringfence/schema/ringfence.action.v1.schema.json \
    lib/systemd/system/ringfence-rebuild@.service lib/systemd/system/ringfence-rebuild@.timer \
    lib/systemd/system/ringfence-follow@.service; do
    test -s "$prefix/usr/$file" || { echo "$file is not installed" >&2; exit 1; }
done

echo "one header"
test "$(cd "$prefix/usr/include" && find . -type f)" = ./ringfence.h

echo "symbols"
static=$(find "$prefix/usr" -name libringfence.a)
shared=$(find "$prefix/usr" -name libringfence.so)
lib=${shared%/*}
declared=$(grep -o '\bringfence_[a-z_]*(' "$prefix/usr/include/ringfence.h" | tr -d '(' | sort -u)
for shown in "$(nm -g --defined-only "$static" | awk 'NF == 3 { print $3 }')" \
    "$(nm -D --defined-only "$shared" | awk '$2 == "T" { print $3 }' | sed 's/@.*//')"; do
    if [ "$(echo "$shown" | sort -u)" != "$declared" ]; then
        echo "the library shows other symbols than ringfence.h declares:" >&2
        echo "$shown" | sort -u >"$prefix/shown"
        echo "$declared" | diff - "$prefix/shown" >&2
        exit 1
    fi
done

# small events, and a job that reads them
"$prefix/usr/bin/ringfence" simulate --quiet --events 2000 --seed 7 --output "$prefix/orders.jsonl" \
    --write-config "$prefix/orders.yaml"
runs=0
worst() {
    runs=$((runs + 1))
    sed "s,^output: .*,output: $prefix/run$runs,; s/^  epochs: .*/  epochs: 3/" "$prefix/orders.yaml" >"$prefix/job.yaml"
    LD_LIBRARY_PATH="$lib" "$1" "$prefix/job.yaml" >"$prefix/worst$runs.txt"
    test "$(wc -l <"$prefix/worst$runs.txt")" = 10
    cmp "$prefix/worst1.txt" "$prefix/worst$runs.txt"
}

export PKG_CONFIG_PATH="$lib/pkgconfig"
echo "pkg-config, shared"
# shellcheck disable=SC2046
"$cc" -std=c11 -Wall -Wextra -Wpedantic -Werror "$source/examples/embed/worst.c" $(pkg-config --cflags --libs ringfence) -o "$prefix/worst-shared"
worst "$prefix/worst-shared"

echo "pkg-config, static"
# shellcheck disable=SC2046
"$cc" -std=c11 "$source/examples/embed/worst.c" $(pkg-config --cflags --libs ringfence-static) -o "$prefix/worst-static"
worst "$prefix/worst-static"

echo "C++ reads the header"
if command -v c++ >/dev/null; then
    echo '#include <ringfence.h>' | c++ -x c++ -fsyntax-only -Wall -Wextra -Werror -I"$prefix/usr/include" -
fi

echo "CMake package, shared and static"
mkdir "$prefix/project"
cp "$source/examples/embed/worst.c" "$prefix/project/"
cat >"$prefix/project/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.22)
project(worst C)
find_package(ringfence 0.1 REQUIRED)
add_executable(worst-shared worst.c)
target_link_libraries(worst-shared PRIVATE ringfence::ringfence)
add_executable(worst-static worst.c)
target_link_libraries(worst-static PRIVATE ringfence::ringfence_static)
END
"$cmake" -G Ninja -S "$prefix/project" -B "$prefix/project/build" -DCMAKE_PREFIX_PATH="$prefix/usr" \
    -DCMAKE_C_COMPILER="$cc" >/dev/null
"$cmake" --build "$prefix/project/build" >/dev/null
worst "$prefix/project/build/worst-shared"
worst "$prefix/project/build/worst-static"
