# SPDX-License-Identifier: GPL-2.0
# Links of 1500 octets: after the switch every packet is 8 octets longer, and neither TCP nor UDP of any size may be lost by it.
MTU=1500
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
. "$LIB/sizes.sh"
begin "MTU 1500: big and odd sizes, GSO on and off"
shim6_hosts
sizes_across_a_switch 1500
finish
