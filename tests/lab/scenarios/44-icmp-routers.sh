# SPDX-License-Identifier: GPL-2.0
# What real routers and hosts say about the packets of a context, and what real programs hear of it: a path that becomes unreachable, a
# link with a smaller MTU behind the switch, a datagram that runs out of hops, a closed port.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "ICMPv6 errors of routers, heard by programs"
shim6_hosts
capture A
servers
PEER=$(host_address B 1)
LOCAL=$(host_address A 1)
P="python3 $LIB/packets.py"
reject() { in_ns p1 nft insert rule ip6 failures drops iifname edge-a reject with icmpv6 "$1"; }

start_talk opener udp 40 20 160
ok "a context comes" wait_for 15 has_context
run steady A $P steady "$LOCAL" "$PEER" 5002 2000
sleep 1
ok "datagrams of a connected socket are under way" running steady
ok "the provider's core calls B unreachable" reject no-route
ok "the context is switched" wait_for 5 switched A
ok "the datagrams come to their end" wait_for 30 ended steady
ok "their socket has heard of no error" eval 'cat "$WORK/steady.json"; grep -q "^nothing" "$WORK/steady.json"'

# B's packets are switched, too, before their path gets narrow.
fail blackhole
quick_detection
start_ping pings 600 0.1
ok "both have switched" wait_for 20 eval 'switched A && switched B'
closed() { A $P expect ECONNREFUSED "$LOCAL" "$PEER" 5999; }
ok "a closed port of B is heard of" wait_for 10 closed
hops_end() { A $P limit "$LOCAL" "$PEER" 5002 2 | tee "$WORK/limit"; grep -q "$1" "$WORK/limit"; }
ok "that its hops ended is not, as a path may be why" hops_end "nothing came"
ok "a setting has it delivered" A shim6 set icmp-deliver-all 1
ok "the second router says it, about the ULIDs" hops_end "^EHOSTUNREACH 3 3 2001:db8:2:fa::1 about $PEER 5002"
ok "no longer" A shim6 set icmp-deliver-all 0

# Behind provider 2's core both directions have room for 1400 octets.
narrow() {
	local site
	for site in a b; do
		ip -n p2 -6 route replace 2001:db8:2:$site::/64 via 2001:db8:2:f$site::2 dev edge-$site mtu lock 1400 || return 1
	done
	ip -n p2 -6 route replace 2001:db8:1::/48 via 2001:db8:ffff::1 dev peering mtu lock 1400
}
ok "the links of provider 2 become narrow" narrow
start_stream stream 1000000 20000000
start_talk records tcp 20 10 50000
learn() { start_talk learn udp 3 10 "$1" 1; complete learn; }
for name in stream records; do
	ok "$name comes to its end, all right" complete $name
	ok "$name never stalled: $(said $name longest_stall) s" below "$(said $name longest_stall)" 0.6
done
learn 4000
start_talk large udp 10 20 4000 5
ok "datagrams of 4000 octets come, in fragments" complete large
# The MTU that a host knows between two addresses of a line "local A peer B".
knows() { in_ns "$1" ip -6 route get "$4" from "$2" | tee "$WORK/route"; grep -q "mtu $5 " "$WORK/route"; }
for h in A B; do
	ends=$(in_ns $h shim6 context show | sed -n 's/^context [0-9]* local \([0-9a-f:]*\) peer \([0-9a-f:]*\) .*/\1 - \2/p')
	over=$(in_ns $h shim6 context show | sed -n 's/^ *path local \([0-9a-f:]*\) peer \([0-9a-f:]*\) .*/\1 - \2/p')
	ok "$h's upper layers know of 1392 octets" knows $h $ends 1392
	ok "$h's locators of 1400" knows $h $over 1400
done
sleep 1
longest() { $P longest "$DIR/a2.pcap" "$1"; }
# What is captured is what a card would send: segments, not large sends.
for n in 1 2; do
	A ethtool -K a$n tso off gso off gro off > /dev/null
	B ethtool -K b$n tso off gso off gro off > /dev/null
done
begun=$(date +%s.%N)
start_stream again 1000000 20000000
ok "another stream" complete again
ok "another one of datagrams" learn 4000
sleep 1
ok "all of it fits" [ "$(longest "$begun")" = 1400 ]
finish
