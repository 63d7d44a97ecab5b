# SPDX-License-Identifier: GPL-2.0
# Packets that come with a sum that is still to be made (CHECKSUM_PARTIAL), as from another host of the same machine. Nobody looks at
# it when a transport takes them in, so B sends a copy of each that was turned back over an interface that makes the sum, and
# tcpdump checks it over the ULIDs that are in the header now.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "sums that are still to be made are right over the ULIDs"
shim6_hosts
servers
a_switched_context

# An interface on which B sees copies of what comes to it between ULIDs.
copies_go_out() {
	modprobe -q dummy
	ip -n B link add copies type dummy && ip -n B link set copies up || return 1
	B nft -f - <<-E
	table ip6 copies {
		chain in {
			type filter hook input priority filter;
			ip6 daddr $PEER meta l4proto { tcp, udp } counter dup to fe80::1 device copies
		}
	}
	E
}
# watch on|off: tcpdump looks at all that goes out there, while the interface says that it makes sums by itself (and makes none), or not.
watch() {
	in_ns B ethtool -K copies tx "$1" > /dev/null || return 1
	become_in B tcpdump -n -vv -i copies ip6 > "$WORK/copies.$1" 2> "$WORK/looker" &
	LOOKER=$!
	wait_for 5 grep -q 'listening on' "$WORK/looker"
}
traffic() {
	start_stream stream 2000000 99000000000 30
	start_talk records tcp 100 20 100 30
	start_talk datagrams udp 100 20 1200 30
	for name in stream records datagrams; do ok "$1: $name comes to its end, all right" complete $name 60; done
	kill $LOOKER
	wait $LOOKER 2> /dev/null
}
# sums on|off RIGHT WRONG: of TCP and UDP, at least so many sums were right, or none; and wrong.
sums() {
	local right wrong
	right=$(grep -c -e 'udp sum ok' -e 'cksum 0x[0-9a-f]* (correct)' "$WORK/copies.$1")
	wrong=$(grep -c -e 'bad udp cksum' -e '(incorrect' "$WORK/copies.$1")
	echo "$right right, $wrong wrong"
	grep -v sum "$WORK/copies.$1" | head -5
	eval "[ $right $2 ] && [ $wrong $3 ]"
}
ok "copies of what comes to B go out by another interface" copies_go_out
ok "they are looked at as they came" watch on
traffic "as they came"
ok "hardly any sum was made yet" sums on "-lt 20" "-gt 200"
ok "they are looked at with their sums" watch off
traffic "with their sums"
ok "all are right over the ULIDs" sums off "-gt 200" "= 0"
finish
