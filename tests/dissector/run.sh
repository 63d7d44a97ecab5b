#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Checks the Wireshark dissector (tools/wireshark/shim6.lua) against messages made by hand; prints TAP, and exits
# with 1 if a check fails. Runs inside the build root, where tshark 4.4 is; started on a host without tshark it goes
# there by itself.
#
# usage: tests/dissector/run.sh
set -eu

here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$here/../.." && pwd)

if [ -z "${SHIM6_IN_ROOT:-}" ] && ! command -v tshark >/dev/null; then
	cd "$tree" && exec tools/lab/enter.sh tests/dissector/run.sh
fi

# shellcheck source=tests/dissector/as_nobody.sh
. "$here/as_nobody.sh"
python "$here/check.py"
