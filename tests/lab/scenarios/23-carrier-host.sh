# SPDX-License-Identifier: GPL-2.0
# The cable of A's first uplink is pulled: A's kernel sees it, and A leaves the uplink at once.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "A's interface loses its carrier"
shim6_hosts
capture A
across carrier-host 5 3
finish
