# SPDX-License-Identifier: GPL-2.0
# The core of provider 1 drops all that A sends and all that is for A. Nobody is told; only the Send Timer (15 s) can see it, at both ends.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "a silent black hole, both directions"
shim6_hosts
capture A
across blackhole 35 20
finish
