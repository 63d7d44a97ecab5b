# SPDX-License-Identifier: GPL-2.0
# Tunnels and a switch (RFC 5533 section 4.6). Between the ULIDs, so that the shim moves the ends of a tunnel: outer header, payload
# header, inner packet. And below the shim, as a way to a router: outer header, inner header with locators, payload header.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "IP-in-IP above and below the shim"
shim6_hosts
capture A "ip6"
OUTER_LOCAL=$(host_address A 1) OUTER_PEER=$(host_address B 1)
quick_detection
tunnels() { # HOST LOCAL PEER NUMBER
	ip -n "$1" link add tun0 type ip6tnl local "$2" remote "$3" mode any encaplimit none || return 1
	# With Destination Options in front, as it is if nobody says otherwise: the encapsulation limit.
	ip -n "$1" link add gre0 type ip6gre local "$2" remote "$3" || return 1
	ip -n "$1" link add vx0 type vxlan id 9 local "$2" remote "$3" dstport 4789 || return 1
	for tunnel in tun0 gre0 vx0; do ip -n "$1" link set $tunnel up; done
	ip -n "$1" addr add "10.9.0.$4/24" dev tun0
	ip -n "$1" addr add "fd09::$4/64" dev tun0 nodad
	ip -n "$1" addr add "fd0a::$4/64" dev gre0 nodad
	ip -n "$1" addr add "fd0b::$4/64" dev vx0 nodad
}
# What comes in is aggregated: each kind of tunnel, with ULIDs outside and with locators, must come out as it went in. A veth does so if
# its other end segments nothing itself.
aggregates() {
	local n s
	s=$(echo "$1" | tr AB ab)
	for n in 1 2; do
		in_ns "$1" ethtool -K "$s$n" gro on && in_ns "p$n$s" ethtool -K customer tso off gso off || return 1
	done
}
ok "A has its ends of two tunnels" tunnels A "$OUTER_LOCAL" "$OUTER_PEER" 1
ok "B has its ends" tunnels B "$OUTER_PEER" "$OUTER_LOCAL" 2
ok "both aggregate what comes in" eval 'aggregates A && aggregates B'
run serve B $TRAFFIC serve 5001
run echo B $TRAFFIC echo 5002 fd09::2 fd0a::2 fd0b::2
ok "B listens" eval 'wait_for 5 listening B 5001 && wait_for 5 listening B 5002'
PEER=fd09::2
start_stream stream 1500000 1000000
start_talk udp udp 300 40 160
PEER=fd0a::2
start_talk gre udp 300 40 160
PEER=fd0b::2
start_talk vxlan udp 300 40 160
ok "traffic in the tunnels is under way" wait_for 10 eval 'progress_over stream 5 && progress_over udp 5 && progress_over gre 5 && progress_over vxlan 5'
ok "a context of the tunnels' ends comes" wait_for 15 has_context
ok "and no other" context_count_is A 1
fail blackhole
ok "it is switched" wait_for 20 eval 'switched A && switched B'
for name in stream udp gre vxlan; do ok "$name comes to its end, all right" complete $name 60; done
ok "IPv4 goes through it, too" A ping -q -c 3 -i 0.1 -s 1400 10.9.0.2
for PEER in fd09::2 fd0a::2 fd0b::2; do
	start_stream big 2000000 99000000000 10
	ok "a TCP stream as fast as it goes to $PEER" complete big
	ok "without a stall ($(said big longest_stall) s)" below "$(said big longest_stall)" 0.5
	start_talk large udp 10 20 4000 5
	ok "datagrams of 4000 octets to $PEER" complete large
done

# Provider 2 is reached by a tunnel to its edge router from now on.
way_down() {
	local own
	own=$(host_address A 2)
	ip -n A link add down0 type ip6tnl local "$own" remote 2001:db8:2:a::1 mode ip6ip6 encaplimit none &&
		ip -n p2a link add down0 type ip6tnl local 2001:db8:2:a::1 remote "$own" mode ip6ip6 encaplimit none &&
		ip -n p2a link set down0 up && ip -n A link set down0 up &&
		ip -n A -6 route replace default dev down0 table 102
}
run serve2 B $TRAFFIC echo 5003 "$OUTER_PEER"
ok "provider 2 is reached by a tunnel" way_down
direct() { run "$1" A $TRAFFIC talk "$2" "$OUTER_PEER" 5003 20 20 "$3" 20 "$WORK/$1.progress"; }
ok "B listens" wait_for 5 listening B 5003
for kind in tcp udp; do
	direct $kind $kind 3000
	ok "$kind between the ULIDs goes through it" complete $kind
done
sleep 1
python3 "$LIB/packets.py" chains "$DIR/a2.pcap" > "$WORK/chains"
seen() { cat "$WORK/chains"; grep -q " $1\$" "$WORK/chains"; }
for chain in shim6,ipv6,tcp shim6,ipv6,udp shim6,ipv4 shim6,dst,gre ipv6,shim6,tcp ipv6,shim6,frag,udp; do ok "on the wire: $chain" seen $chain; done
ok "no tunnel between the ULIDs without a payload header" eval '! grep -e "shim6,ipv6,shim6" -e "ipv6,ipv6" "$WORK/chains"'
finish
