#!/bin/bash
# Makes the Debian packages of a build, looks at what they hold and need, unpacks the program into an empty root and runs it
# there. lintian judges them where it is installed.
#
#   package.sh BUILD-FOLDER SOURCE-FOLDER
set -euo pipefail
build=$1
source=$2
skip() {
    echo "SKIP: $*" >&2
    exit 77
}
command -v dpkg-shlibdeps >/dev/null || skip "dpkg-shlibdeps is not installed (scripts/setup.sh --dev)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

"${CMAKE%cmake}cpack" --config "$build/CPackConfig.cmake" -B "$work" >cpack.log 2>&1 || { cat cpack.log; exit 1; }
version=$(sed -n 's/^project(ringfence VERSION \([0-9.]*\) .*/\1/p' "$source/CMakeLists.txt")
arch=$(dpkg --print-architecture)
program=ringfence_$version-0upstream1_$arch.deb
library=libringfence0_$version-0upstream1_$arch.deb
development=libringfence-dev_$version-0upstream1_$arch.deb

# holds PACKAGE PATH…: each path, or what a pattern stands for, is in it
holds() {
    local package=$1 path
    shift
    dpkg-deb --contents "$package" >contents.txt
    for path in "$@"; do
        grep -qE " \./$path( ->.*)?\$" contents.txt || { echo "$package holds no $path" >&2; exit 1; }
    done
    # only root may change what is installed
    if grep -vE '^(l.{9}|.....-..-.) root/root' contents.txt; then
        echo "$package: the files above do not belong to root alone" >&2
        exit 1
    fi
}

echo "what is inside"
holds "$program" usr/bin/ringfence usr/share/man/man1/ringfence.1.gz etc/ringfence/ \
    'usr/lib/systemd/system/ringfence-rebuild@\.(service|timer)' 'usr/lib/systemd/system/ringfence-follow@\.service' \
    usr/share/doc/ringfence/{README.md,copyright,changelog.gz,changelog.Debian.gz,docs/OPERATIONS.md,examples/orders.yaml} \
    usr/share/ringfence/{configs/rules.yaml,schema/ringfence.action.v1.schema.json}
holds "$library" 'usr/lib/(.*/)?libringfence.so.0' usr/share/doc/libringfence0/copyright
holds "$development" 'usr/lib/(.*/)?libringfence.so' 'usr/lib/(.*/)?libringfence.a' usr/include/ringfence.h \
    'usr/lib/(.*/)?pkgconfig/ringfence.pc' usr/share/doc/libringfence-dev/copyright

echo "what they need"
for need in libc6 libhdf5 libigraph libopenblas librdkafka libyaml; do
    for package in "$program" "$library"; do
        dpkg-deb --field "$package" Depends | grep -qE "(^|, )$need" || { echo "$package does not depend on $need" >&2; exit 1; }
    done
done
dpkg-deb --field "$development" Depends | grep -q "^libringfence0 (= $version-"
for module in $(sed -n 's/^Requires: //p' "$build/ringfence-static.pc" | tr -d ,); do
    need=$(sed -n "s/.*| lib $module *| //p" "$source/scripts/setup.sh")
    dpkg-deb --field "$development" Depends | grep -qE ", $need(,|\$)" || { echo "libringfence-dev does not depend on $need" >&2; exit 1; }
done

echo "unpacked and run"
dpkg-deb --extract "$program" root
env -i PATH="$work/root/usr/bin" ringfence --version | grep -qx "ringfence $version"
zcat root/usr/share/man/man1/ringfence.1.gz | grep -q '^\.TH RINGFENCE 1'
for script in postinst prerm postrm; do
    dpkg-deb --info "$program" $script | sh -n
done

if ! command -v lintian >/dev/null; then
    echo "NOT JUDGED: lintian is not installed (apt-get install lintian)"
    exit 0
fi
# a build for /usr/local does not use the folder of this machine's kind; the preset `package` does
lintian --allow-root --suppress-tags pkg-config-unavailable-for-cross-compilation --fail-on error,warning ./*.deb
