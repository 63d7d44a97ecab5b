# SPDX-License-Identifier: GPL-2.0
# Links of 9000 octets: after the switch every packet is 8 octets longer, and neither TCP nor UDP of any size may be lost by it.
MTU=9000
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
. "$LIB/sizes.sh"
begin "MTU 9000: big and odd sizes, GSO on and off"
shim6_hosts
sizes_across_a_switch 9000
finish
