#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Runs a command inside the build root, in mount and process namespaces of its
# own: the source tree is /shim6 there (and the working directory), the cache
# /cache. When the command ends, nothing is left mounted or running.
#
# usage: enter.sh [NAME=VALUE...] COMMAND [ARGUMENT...]
# environment: SHIM6_CACHE (default: build/ in the tree)
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tools/lab/say.sh
. "$here/say.sh"
tree=$(cd "$here/../.." && pwd)
cache=${SHIM6_CACHE:-$tree/build}
root=$cache/root

if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null || fail "entering the build root needs root: install sudo or run this as root"
	exec sudo env SHIM6_CACHE="$cache" TERM="${TERM:-dumb}" \
		http_proxy="${http_proxy-}" https_proxy="${https_proxy-}" no_proxy="${no_proxy-}" \
		"$here/enter.sh" "$@"
fi

[ -x "$root/bin/sh" ] || fail "there is no build root in $root: run tools/lab/root.sh first"

# Second half: in namespaces of our own, where mounts are nobody else's.
if [ -z "${SHIM6_ENTERED-}" ]; then
	SHIM6_ENTERED=1 exec unshare --mount --pid --fork --kill-child "$here/enter.sh" "$@"
fi

mount --make-rprivate /
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=755 run "$root/run"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
mkdir -p "$root/shim6" "$root/cache"
mount --bind "$tree" "$root/shim6"
mount --bind "$cache" "$root/cache"

exec chroot "$root" /usr/bin/env -i \
	PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
	HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" \
	http_proxy="${http_proxy-}" https_proxy="${https_proxy-}" no_proxy="${no_proxy-}" \
	CARGO_HOME=/cache/cargo CARGO_TARGET_DIR=/cache/target \
	SHIM6_IN_ROOT=1 SHIM6_CACHE=/cache \
	sh -c 'cd /shim6 && exec env "$@"' sh "$@"
