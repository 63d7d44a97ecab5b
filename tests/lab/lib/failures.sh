# SPDX-License-Identifier: GPL-2.0
# What can go wrong with a path, and how it is made well again. Everything here breaks one uplink of one host, or one provider.
#
#   fail KIND [HOST [PROVIDER]]      heal KIND [HOST [PROVIDER]]      (default: host A, provider 1)
#
# KIND           what happens                                                         who could notice
# carrier-host   the host's interface loses its carrier (the far end of the cable)     the host's kernel
# carrier-far    the edge router's own link towards the core goes down                 nobody at the host
# uplink-down    the host's interface is set down: its addresses and routes go         the host's kernel
# driver-unbound the interface is torn from the host altogether (moved out of sight)   the host's kernel
# blackhole      the core drops both directions of this uplink, silently               nobody
# blackhole-out  only what the host sends                                              nobody
# blackhole-in   only what the host should receive                                     nobody
# unreach-in     the edge router answers "unreachable" to what the host should receive the peer, by ICMPv6
# unreach-out    the core answers "unreachable" to what the host sends                 the host, by ICMPv6
# provider       the provider's core drops everything, silently                        nobody
# none           nothing

fail() {
	local kind=$1 h=${2:-A} n=${3:-1} s edge
	s=$(echo "$h" | tr AB ab); edge=p$n$s
	case $kind in
	none) ;;
	carrier-host)  ip -n "$edge" link set customer down ;;
	carrier-far)   ip -n "$edge" link set core down ;;
	uplink-down)   ip -n "$h" link set "$s$n" down ;;
	driver-unbound)
		ip netns add unbound 2>/dev/null
		ip -n "$h" link set "$s$n" netns unbound ;;
	blackhole)     drop "p$n" "iifname edge-$s"; drop "p$n" "oifname edge-$s" ;;
	blackhole-out) drop "p$n" "iifname edge-$s" ;;
	blackhole-in)  drop "p$n" "oifname edge-$s" ;;
	unreach-in)    ip -n "$edge" -6 route add unreachable "2001:db8:$n:$s::/64" metric 1 ;;
	unreach-out)   in_ns "p$n" nft insert rule ip6 failures drops iifname "edge-$s" reject with icmpv6 no-route ;;
	provider)      drop "p$n" "" ;;
	*) echo "# unknown failure: $kind"; return 2 ;;
	esac
}

heal() {
	local kind=$1 h=${2:-A} n=${3:-1} s edge
	s=$(echo "$h" | tr AB ab); edge=p$n$s
	case $kind in
	none) ;;
	carrier-host)
		ip -n "$edge" link set customer up
		ip -6 -n "$edge" addr replace "2001:db8:$n:$s::1/64" dev customer nodad ;;
	carrier-far)
		ip -6 -n "$edge" -batch - <<-E
		link set core up
		addr replace 2001:db8:$n:f$s::2/64 dev core nodad
		route replace default via 2001:db8:$n:f$s::1 dev core
		E
		;;
	uplink-down) uplink_back "$h" "$n" ;;
	driver-unbound)
		ip -n unbound link set "$s$n" netns "$h"
		ip netns del unbound
		uplink_back "$h" "$n" ;;
	blackhole*|unreach-out|provider) in_ns "p$n" nft flush chain ip6 failures drops ;;
	unreach-in) ip -n "$edge" -6 route del unreachable "2001:db8:$n:$s::/64" metric 1 ;;
	*) echo "# unknown failure: $kind"; return 2 ;;
	esac
}

drop() { in_ns "$1" nft add rule ip6 failures drops $2 drop; } # ROUTER MATCH

# What a network manager does when the interface is there again: the addresses (of the HBA set, or the plain ones), then the routes.
uplink_back() { # HOST PROVIDER
	local h=$1 n=$2 s
	s=$(echo "$h" | tr AB ab)
	ip -n "$h" link set "$s$n" up
	if [ -e "$WORK/$h.hba" ]; then set_address_back "$h" "$n"; else ip -6 -n "$h" addr replace "2001:db8:$n:$s::$s/64" dev "$s$n" nodad; fi
	uplink_routes "$h" "$n"
}
