# SPDX-License-Identifier: GPL-2.0
# An administrator sets A's first uplink down: its addresses and routes go, the ULID among them, and the connections stay.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "A's uplink is set down"
shim6_hosts
capture A
across uplink-down 5 3
finish
