# SPDX-License-Identifier: GPL-2.0
# The same big transfers over cards of virtio, which take checksums and segments as the kernel tells them.
. "$LIB/machines.sh"
. "$LIB/transfers.sh"
CARDS=2
start "virtio: big transfers, switched"
shim6_machine
ok "machine $MACHINE: the cards are of virtio" sh -c "ethtool -i $(card_of 1) | grep -q 'driver: virtio_net'"
transfers_across_a_switch
finish
