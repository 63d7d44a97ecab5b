#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Checks the Wireshark dissector (tools/wireshark/shim6.lua) against messages made by hand; prints TAP, and exits
# with 1 if a check fails. Runs inside the build root, where tshark 4.4 is; started on the host it goes there by
# itself. tshark reads no Lua as root, so root becomes "nobody".
#
# usage: tests/dissector/run.sh
# environment: SHIM6_ROOT (default: build/root, only needed on the host)
set -eu

here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$here/../.." && pwd)

if [ -z "${SHIM6_IN_ROOT:-}" ] && ! command -v tshark >/dev/null; then
	exec "$tree/tools/lab/enter.sh" "${SHIM6_ROOT:-$tree/build/root}" /shim6/tests/dissector/run.sh
fi

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
as_nobody=
if [ "$(id -u)" = 0 ]; then
	chown 65534:65534 "$home"
	as_nobody="setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all"
fi
HOME=$home TMPDIR=$home PYTHONDONTWRITEBYTECODE=1 $as_nobody python3 "$here/check.py"
