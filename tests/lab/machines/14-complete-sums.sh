# SPDX-License-Identifier: GPL-2.0
# Sums that cover the whole of a packet (CHECKSUM_COMPLETE). Each uplink is a VXLAN tunnel over a card that checks the sum of UDP: from
# that the kernel knows what all octets inside sum up to, headers included, and the transport relies on it. If it does not fit, the
# kernel sums up by itself, finds the packet right, and says that the hardware has failed: finish looks for that in the log.
#
# At machine A the module's hook gets such packets, at machine B aggregation.
. "$LIB/machines.sh"
. "$LIB/transfers.sh"
start "sums over whole packets: VXLAN over e1000e"
SITE=$(echo "$MACHINE" | tr AB ab) FAR=$(echo "$MACHINE" | tr AB ba)
TRACE=/sys/kernel/tracing
under_tunnels() {
	local n gro=off
	on A || gro=on
	modprobe vxlan
	for n in 1 2; do
		ip link set "$SITE$n" down name "under$n" && ip link set "under$n" up &&
			ip -6 addr add "fd00:$n::$SITE/64" dev "under$n" nodad &&
			ethtool -K "under$n" gro off rx on > /dev/null &&
			ip link add "$SITE$n" type vxlan id "$n" local "fd00:$n::$SITE" remote "fd00:$n::$FAR" dev "under$n" dstport 4789 noudp6zerocsumtx &&
			ethtool -K "$SITE$n" gro $gro > /dev/null && link_up "$n" || return 1
	done
}
tunnels_down() {
	local n
	for n in 1 2; do
		ip link del "$SITE$n" && ip link set "under$n" down name "$SITE$n" || return 1
		ip -6 addr flush dev "$SITE$n"
	done
}
# Which packets come out of the tunnels with such a sum, from now on.
watch_sums() {
	local event
	[ -d $TRACE/events ] || mount -t tracefs none $TRACE || return 1
	echo 0 > $TRACE/tracing_on && echo > $TRACE/trace && echo 512 > $TRACE/buffer_size_kb || return 1
	for event in netif_rx_entry napi_gro_receive_entry; do
		echo "ip_summed == 2" > $TRACE/events/net/$event/filter && echo 1 > $TRACE/events/net/$event/enable || return 1
	done
	echo 1 > $TRACE/tracing_on
}
# KIND of event, at least so many.
seen() {
	grep -c "$1: dev=$SITE[12] .*ip_summed=2" $TRACE/trace
	[ "$(grep -c "$1: dev=$SITE[12] .*ip_summed=2" $TRACE/trace)" -ge "$2" ]
}
ok "machine $MACHINE: its uplinks are tunnels" under_tunnels
shim6_machine
once_switched() { ok "machine $MACHINE: sums are watched" watch_sums; }
transfers_across_a_switch
ok "machine $MACHINE: after the switch, hundreds of packets came with a sum over all of them" seen "$(on A && echo netif_rx_entry || echo napi_gro_receive_entry)" 300
echo 0 > $TRACE/events/net/enable
meet seen
ok "machine $MACHINE: no sum was found to be wrong" not eval "own_log | grep 'hw csum failure'"
stop_programs
ok "machine $MACHINE: the tunnels go" tunnels_down
finish
