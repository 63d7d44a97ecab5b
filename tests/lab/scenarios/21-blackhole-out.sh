# SPDX-License-Identifier: GPL-2.0
# What A sends by provider 1 is dropped, what it receives arrives. B's Send Timer sees nothing come back; A learns it from B's Probes.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "a silent black hole for what A sends"
shim6_hosts
capture A
across blackhole-out 35 20
finish
