#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Inside the build root: installs the newest stock kernel of each flavour asked for
# (image, modules, headers, source) and has its Rust metadata made. Afterwards
# /cache/kernel/FLAVOUR holds the version, /cache/kernel/VERSION is the build
# directory to compile modules against.
#
# usage: kernel.sh FLAVOUR...
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tools/lab/say.sh
. "$here/say.sh"
log=/cache/log
suite=trixie-backports
export DEBIAN_FRONTEND=noninteractive

# The version that the metapackage stands for: backports keep only the newest ones,
# so none is written down here.
version_of() {
	apt-get install --simulate --no-install-recommends -t $suite "linux-headers-$1" |
		sed -n "s/^Inst linux-headers-\([0-9][^ ]*-$1\) .*/\1/p" | grep -v -- '-common' | head -n 1
}

# Names of all packages for one kernel version.
pieces_of() {
	for piece in headers binary modules; do
		echo "linux-$piece-$1"
	done
}

step $log/kernel-update.log "asking for the newest kernel" apt-get update

versions='' pieces=''
for flavour in "$@"; do
	installed=$(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' 'linux-headers-[0-9]*' 2>/dev/null |
		sed -n "s/^ii linux-headers-\([0-9][^-]*-$flavour\)$/\1/p" | sort -V | tail -n 1)
	version=${installed:-$(version_of "$flavour")}
	[ -n "$version" ] || fail "$suite has no kernel of the flavour '$flavour'; cloud-amd64 and amd64 are known to work"
	versions="$versions $version"
	pieces="$pieces $(pieces_of "$version" | tr '\n' ' ')"
done

# The source package of a kernel X.Y.Z is named after X.Y.
for version in $versions; do
	series=$(echo "$version" | sed 's/^\([0-9]*\.[0-9]*\).*/\1/')
	pieces="$pieces linux-source-$series"
done

# shellcheck disable=SC2086
step $log/kernel-install.log "installing the kernels$versions" \
	apt-get install -y --no-install-recommends -t $suite $pieces

# shellcheck disable=SC2086
"$here/metadata.sh" $versions
mkdir -p /cache/kernel
for flavour in "$@"; do
	for version in $versions; do
		case $version in
		*[0-9]-"$flavour") echo "$version" >"/cache/kernel/$flavour" ;;
		esac
	done
done
