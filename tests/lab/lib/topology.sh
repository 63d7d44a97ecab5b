# SPDX-License-Identifier: GPL-2.0
# The lab's network: two hosts, each with an uplink to both of two providers, in network namespaces of one kernel.
# Lives here: hosts, links, addresses, routes, delays and ingress filters. Failures are in failures.sh.
#
#                                  provider 1: 2001:db8:1::/48
#          2001:db8:1:a::/64  ┌──────┐     ┌──────┐     ┌──────┐  2001:db8:1:b::/64
#        ┌───────── a1 ───────┤ p1a  ├─────┤  p1  ├─────┤ p1b  ├─────── b1 ─────────┐
#   ┌────┴───┐                └──────┘     └──┬───┘     └──────┘                ┌───┴────┐
#   │ host A │                                │ peering                         │ host B │
#   └────┬───┘                ┌──────┐     ┌──┴───┐     ┌──────┐                └───┬────┘
#        └───────── a2 ───────┤ p2a  ├─────┤  p2  ├─────┤ p2b  ├─────── b2 ─────────┘
#          2001:db8:2:a::/64  └──────┘     └──────┘     └──────┘  2001:db8:2:b::/64
#                                  provider 2: 2001:db8:2::/48
#
# p1, p2: the providers' cores. p1a, p1b, p2a, p2b: their edge routers, ::1 on the customer's link; an edge router drops what its
# customer sends from any prefix but the one it was given (ingress filter, BCP 38), so a packet from A with provider 1's address
# and sent by a2 never arrives. Each of the four pairs of addresses is a path, and each has the same RTT: 4 x DELAY.
# A host sends by the uplink its source address belongs to (ip -6 rule). RATE limits the same links as DELAY.

: "${DELAY:=5ms}" "${RATE:=50mbit}" "${LIMIT:=400}" "${MTU:=1500}"

NAMESPACES="A B p1 p2 p1a p1b p2a p2b"

# in_ns NAME COMMAND...: the command, inside that host or router.
in_ns() { local n=$1; shift; ip netns exec "$n" "$@"; }
become_in() { local n=$1; shift; exec ip netns exec "$n" "$@"; }
A() { in_ns A "$@"; }
B() { in_ns B "$@"; }

make_namespace() { # NAME [SYSCTL=VALUE...]
	local n=$1; shift
	ip netns add "$n"
	ip -n "$n" link set lo up
	in_ns "$n" sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 \
		net.ipv6.conf.default.router_solicitations=0 net.ipv6.conf.default.accept_ra=0 "$@"
}

make_router() { make_namespace "$1" net.ipv6.conf.all.forwarding=1; }

# The routes a host has because of one uplink. Called again when an uplink comes back, as a network manager would.
uplink_routes() { # HOST PROVIDER(1|2)
	local h=$1 n=$2 s
	s=$(echo "$h" | tr AB ab)
	ip -6 -n "$h" -batch - <<-E
	route replace default via 2001:db8:$n:$s::1 dev $s$n onlink table 10$n
	route replace 2001:db8:$n:$s::/64 dev $s$n table 10$n
	route replace default via 2001:db8:$n:$s::1 dev $s$n onlink metric 10$n
	E
}

# A site's uplink: the link to the provider's edge router, which filters what enters by it. The host's own addresses are added by
# host_addresses (plain) or by `shim6 hba load`.
make_uplink() { # HOST PROVIDER(1|2)
	local h=$1 n=$2 s edge
	s=$(echo "$h" | tr AB ab); edge=p$n$s
	ip link add "$s$n" netns "$h" mtu "$MTU" type veth peer name customer netns "$edge" mtu "$MTU"
	ip -6 -n "$edge" -batch - <<-E
	link set customer up
	addr add 2001:db8:$n:$s::1/64 dev customer nodad
	E
	ip -6 -n "$h" -batch - <<-E
	link set $s$n up
	rule add from 2001:db8:$n:$s::/64 lookup 10$n pref 10$n
	E
	uplink_routes "$h" "$n"
	in_ns "$edge" nft -f - <<-E
	table ip6 ingress {
		chain customer {
			type filter hook prerouting priority raw; policy accept;
			iifname "customer" ip6 saddr != { 2001:db8:$n:$s::/64, fe80::/10, :: } counter drop
		}
	}
	E
}

# An edge router's link to its core, with the delay and the rate at both ends. What the customer's link cannot take is discarded
# there, never sent back up.
make_edge() { # PROVIDER(1|2) SITE(a|b)
	local n=$1 s=$2 edge=p$1$2
	make_router "$edge"
	ip link add core netns "$edge" mtu "$MTU" type veth peer name "edge-$s" netns "p$n" mtu "$MTU"
	ip -6 -n "$edge" -batch - <<-E
	link set core up
	addr add 2001:db8:$n:f$s::2/64 dev core nodad
	route add default via 2001:db8:$n:f$s::1 dev core
	route add blackhole 2001:db8:$n:$s::/64 metric 4096
	E
	ip -6 -n "p$n" -batch - <<-E
	link set edge-$s up
	addr add 2001:db8:$n:f$s::1/64 dev edge-$s nodad
	route add 2001:db8:$n:$s::/64 via 2001:db8:$n:f$s::2 dev edge-$s
	E
	tc -n "$edge" qdisc add dev core root netem delay "$DELAY" rate "$RATE" limit "$LIMIT"
	tc -n "p$n" qdisc add dev "edge-$s" root netem delay "$DELAY" rate "$RATE" limit "$LIMIT"
}

make_cores() {
	make_router p1
	make_router p2
	ip link add peering netns p1 mtu "$MTU" type veth peer name peering netns p2 mtu "$MTU"
	for n in 1 2; do
		ip -6 -n "p$n" -batch - <<-E
		link set peering up
		addr add 2001:db8:ffff::$n/64 dev peering nodad
		route add 2001:db8:$((3 - n))::/48 via 2001:db8:ffff::$((3 - n)) dev peering
		route add blackhole 2001:db8:$n::/48 metric 4096
		E
		in_ns "p$n" nft -f - <<-E
		table ip6 failures {
			chain drops { type filter hook forward priority 0; policy accept; }
		}
		E
	done
}

# topology_up: everything but the hosts' own addresses.
topology_up() {
	modprobe -q veth; modprobe -q sch_netem
	make_cores
	for n in 1 2; do for s in a b; do make_edge $n $s; done; done
	make_namespace A
	make_namespace B
	for n in 1 2; do make_uplink A $n; make_uplink B $n; done
}

topology_down() {
	local n p
	for n in $NAMESPACES; do
		for p in $(ip netns pids "$n" 2>/dev/null); do kill -9 "$p" 2>/dev/null; done
	done
	for n in $NAMESPACES; do ip netns del "$n" 2>/dev/null; done
	return 0
}

# host_addresses: one ordinary address of each provider for each host, for runs without shim6.
host_addresses() {
	for n in 1 2; do
		ip -6 -n A addr add 2001:db8:$n:a::a/64 dev a$n nodad
		ip -6 -n B addr add 2001:db8:$n:b::b/64 dev b$n nodad
	done
	for n in 1 2; do uplink_routes A $n; uplink_routes B $n; done
}

# host_address HOST PROVIDER: the host's address of that provider's prefix (any that is there, HBA or plain).
host_address() {
	local s
	s=$(echo "$1" | tr AB ab)
	ip -n "$1" -6 -o addr show scope global | sed -n "s,.* inet6 \(2001:db8:$2:$s:[0-9a-f:]*\)/.*,\1,p" | head -1
}
