#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Judges captures: every Shim6 control message in them must be decoded without complaint. Prints one TAP line per
# capture with what was found in it, and exits with 1 if one has a complaint or no control message at all.
# Runs inside the build root.
#
# usage: tests/dissector/judge.sh [--checksums] CAPTURE...
#   --checksums   the checksums of switched TCP, UDP and ICMPv6 packets must hold over the ULIDs, too. For captures
#                 of traffic whose sender leaves no checksum to the network card (ethtool -K DEVICE tx off).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/dissector/as_nobody.sh
. "$here/as_nobody.sh"

flags=
[ "${1:-}" != --checksums ] || { flags=$1; shift; }
[ $# -gt 0 ] || { echo "usage: judge.sh [--checksums] CAPTURE..." >&2; exit 2; }
mkdir "$home/captures"
for capture; do
	cp "$capture" "$home/captures/"
done
python "$here/judge.py" ${flags:+"$flags"} "$home/captures"
