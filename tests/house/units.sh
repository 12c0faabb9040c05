#!/bin/sh
# The units for systemd: sound, and closed but for what the program needs. systemd reads them beside its own targets, in a
# folder where only the program is installed.
#
#   units.sh RINGFENCE SOURCE-FOLDER
set -eu
ringfence=$1
source=$2
command -v systemd-analyze >/dev/null || { echo "SKIP: systemd-analyze is not installed" >&2; exit 77; }
case "$(systemd-analyze --version | sed -n 's/^systemd \([0-9]*\).*/\1/p')" in
'' | 1* | 2[0-4]?) echo "SKIP: systemd is older than 250, and cannot look at units offline" >&2; exit 77 ;;
esac
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
units=$root/usr/lib/systemd/system
mkdir -p "$units" "$root/usr/bin"
cp "$source"/packaging/systemd/*@.* "$units"
cp "$ringfence" "$root/usr/bin/ringfence"
for target in sysinit basic shutdown network-online timers multi-user time-sync time-set; do
    printf '[Unit]\nDescription=%s\n' $target >"$units/$target.target"
done

systemd-analyze verify --man=no --root="$root" ringfence-rebuild@orders.timer ringfence-rebuild@orders.service \
    ringfence-follow@orders.service >"$root/said" 2>&1 || { cat "$root/said"; exit 1; }
test ! -s "$root/said" || { cat "$root/said"; exit 1; }

# tenths on systemd's scale of 0 to 100; without any protection a unit has 92
for unit in ringfence-rebuild ringfence-follow; do
    systemd-analyze security --offline=true --no-pager --threshold=20 "$units/$unit@.service" >"$root/said" 2>&1 ||
        { cat "$root/said"; exit 1; }
    tail -n 1 "$root/said"
done
