# SPDX-License-Identifier: GPL-2.0
# The interface itself goes away, as when its driver is unbound: the ULID's device is gone for good.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "A's uplink disappears"
shim6_hosts
capture A
across driver-unbound 5 3
finish
