# SPDX-License-Identifier: GPL-2.0
# What A should receive by provider 1 is dropped; what it sends arrives.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "a silent black hole for what A receives"
shim6_hosts
capture A
across blackhole-in 35 20
finish
