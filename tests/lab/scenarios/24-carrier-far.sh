# SPDX-License-Identifier: GPL-2.0
# The provider's own link is cut behind A's edge router: for A that is a black hole, until ICMPv6 says otherwise.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "carrier loss at the far end, behind the edge router"
shim6_hosts
capture A
across carrier-far 35 20
finish
