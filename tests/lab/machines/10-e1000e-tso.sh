# SPDX-License-Identifier: GPL-2.0
# Network cards that segment TCP by themselves (e1000e with TSO on) compute checksums from the addresses they see. In switched packets
# these are locators, so the card must never be given such a packet to segment. Big transfers both ways show it: one wrong checksum
# in each segment, and nothing would arrive.
. "$LIB/machines.sh"
. "$LIB/transfers.sh"
start "e1000e with TSO: big transfers, switched"
shim6_machine
ok "machine $MACHINE: TSO is on" sh -c "ethtool -k $(card_of 1) | grep -q 'tcp-segmentation-offload: on'"
transfers_across_a_switch
finish
