#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Makes what `make` needs on a bare Debian 12, Debian 13 or Ubuntu 24.04: a Debian 13
# build root in the cache (package list: `packages` beside this file), the stock
# kernels in it, and the kernels' Rust metadata. What is there already stays; what
# was left half-made is made again.
#
# usage: root.sh [FLAVOUR...]     (cloud-amd64, amd64; default: cloud-amd64)
# environment: SHIM6_CACHE (default: build/ in the tree)
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tools/lab/say.sh
. "$here/say.sh"
cache=${SHIM6_CACHE:-$(cd "$here/../.." && pwd)/build}
root=$cache/root
[ $# -gt 0 ] || set -- cloud-amd64

[ "$(uname -m)" = x86_64 ] || fail "this builds on x86-64 machines only, and this one is $(uname -m)"

packages() {
	grep -v '^#' "$here/packages" | xargs echo | tr ' ' ','
}

# The root is as the list and this script say.
root_is_current() {
	[ "$(cat "$cache/root.stamp" 2>/dev/null)" = "$(packages)" ]
}

# Metadata of these flavours is there.
kernels_are_ready() {
	for flavour in "$@"; do
		version=$(cat "$cache/kernel/$flavour" 2>/dev/null) || return 1
		[ -e "$cache/kernel/$version/ready" ] || return 1
	done
}

become_root() {
	[ "$(id -u)" != 0 ] || return 0
	command -v sudo >/dev/null || fail "setting up needs root: install sudo or run this as root"
	say "setting up the build root needs root; sudo may ask for your password"
	exec sudo env SHIM6_CACHE="$cache" TERM="${TERM:-dumb}" \
		http_proxy="${http_proxy-}" https_proxy="${https_proxy-}" no_proxy="${no_proxy-}" \
		"$here/root.sh" "$@"
}

host_packages() {
	missing=
	command -v mmdebstrap >/dev/null || missing="$missing mmdebstrap"
	[ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || missing="$missing debian-archive-keyring"
	[ -n "$missing" ] || return 0
	command -v apt-get >/dev/null || fail "install$missing first: this host has no apt-get to do it"
	step "$cache/log/apt-update.log" "asking the host's package lists" apt-get update
	# shellcheck disable=SC2086
	step "$cache/log/apt-install.log" "installing$missing on the host" \
		env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing
}

# Everything a root needs, in a directory that becomes `root` once it is whole.
make_root() {
	rm -rf --one-file-system "$root.part"
	# In a mount namespace of its own, so that nothing stays mounted if it is killed.
	# Nobody reads manuals in there, and a power cut may spoil it: it is made again then.
	unshare --mount mmdebstrap --variant=apt --components=main --include="$(packages)" \
		--dpkgopt='force-unsafe-io' --dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/man/*' \
		trixie "$root.part" || return
	# Backports come from where the root's own packages come from.
	sed -n 's/^deb \(.*\) trixie main.*/deb \1 trixie-backports main/p' "$root.part/etc/apt/sources.list" |
		head -n 1 >"$root.part/etc/apt/sources.list.d/backports.list"
	grep -q trixie-backports "$root.part/etc/apt/sources.list.d/backports.list"
}

publish_root() {
	rm -rf --one-file-system "$root"
	mv "$root.part" "$root"
	rm -rf "$cache/kernel"
	packages >"$cache/root.stamp"
}

# The host's certificates and name servers, so that cargo and apt work inside.
host_settings() {
	[ ! -e /etc/ssl/certs/ca-certificates.crt ] ||
		cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
	rm -f "$root/etc/resolv.conf"
	cat /etc/resolv.conf >"$root/etc/resolv.conf"
}

if root_is_current && kernels_are_ready "$@"; then
	exit 0
fi
become_root "$@"
mkdir -p "$cache/log"
exec 9>"$cache/lock"
flock 9
if ! root_is_current; then
	host_packages
	step "$cache/log/root.log" "making the Debian 13 build root (2 minutes)" make_root
	publish_root
fi
host_settings
kernels_are_ready "$@" || "$here/enter.sh" tools/lab/kernel.sh "$@" 9>&-
