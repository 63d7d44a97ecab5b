#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Judges captures: every Shim6 control message in them must be decoded without complaint. The captures of a directory
# are taken as one, since a context begins on one link and goes on on another. Prints one TAP line per directory with
# what was found in it, and exits with 1 if there is a complaint, no control message, or no capture at all.
#
# A file `checksums` in the directory means that the checksums of switched TCP, UDP and ICMPv6 packets must hold over
# the ULIDs, too. That is for traffic whose senders leave no checksum to a network card (ethtool -K DEVICE tx off).
#
# A file `complaints` in the directory has the complaints that must come, once or more often, one a line, as the scenario sent
# such messages on purpose.
#
# Runs inside the build root. usage: tests/dissector/judge.sh DIRECTORY...   (and what is below them)
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/dissector/as_nobody.sh
. "$here/as_nobody.sh"

[ $# -gt 0 ] || { echo "usage: judge.sh DIRECTORY..." >&2; exit 2; }
mkdir "$home/captures"
find "$@" -name '*.pcap' -exec dirname {} + | sort -u >"$home/directories"
while read -r directory; do
	copy=$home/captures/$(echo "$directory" | sed 's|^/*||; s|/|:|g')
	mkdir "$copy"
	cp "$directory"/*.pcap "$copy/"
	[ ! -e "$directory/checksums" ] || touch "$copy/checksums"
	[ ! -e "$directory/complaints" ] || cp "$directory/complaints" "$copy/"
done <"$home/directories"
python "$here/judge.py" "$home/captures"
