# SPDX-License-Identifier: GPL-2.0
# The driver of machine A's first card is unbound while a connection uses its address: the connection goes on by the other card.
. "$LIB/machines.sh"
start "a network card's driver is unbound"
shim6_machine
ok "machine $MACHINE: answers" answers
meet ready
if on A; then
	start_talk talk tcp 3000 20 200 90
	ok "TCP is under way" wait_for 60 progress_over talk 50
	ok "a context is established" wait_for 60 context_says A established
	device=$(basename "$(readlink -f /sys/class/net/a1/device)")
	echo "$device" > /sys/bus/pci/drivers/e1000e/unbind
	ok "the card is gone" not card_of 1
	progress talk > "$WORK/talk.before"
	ok "TCP goes on" wait_for 60 gone_on talk 200
	echo "$device" > /sys/bus/pci/drivers/e1000e/bind
	ok "the card is there again" wait_for 60 card_of 1
	ip link set "$(card_of 1)" down name a1
	link_up 1
	ok "its address too" set_address_back A 1
	ok "TCP comes to its end, all right" complete talk 300
fi
meet done
finish
