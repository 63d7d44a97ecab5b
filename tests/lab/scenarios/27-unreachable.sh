# SPDX-License-Identifier: GPL-2.0
# A's edge router tells B that A's addresses of provider 1 cannot be reached.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "the routers answer: unreachable"
shim6_hosts
capture A
across unreach-in 35 20
finish
