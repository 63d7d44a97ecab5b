# SPDX-License-Identifier: GPL-2.0
# Two hosts over one veth pair, c-STACK and s-STACK, for benchmarks: what is measured flows from c to s.

must() { "$@" > "$WORK/said" 2>&1 || { echo "failed: $*"; sed 's/^/    /' "$WORK/said"; return 1; }; }
is_shim6() { case $1 in shim6*) ;; *) false ;; esac; }
c() { in_ns "c-$STACK" "$@"; }
s() { in_ns "s-$STACK" "$@"; }

# ---- the hosts of a stack ----

# join: an interface e0 in both hosts, the ends of one link.
join() {
	ip link add e0 netns "c-$STACK" address 02:00:00:00:00:0c type veth peer name e0 netns "s-$STACK" address 02:00:00:00:00:05
}

# pair STACK: two hosts that know each other's hardware addresses, so that nothing but the traffic is on the link.
pair() {
	local n
	STACK=$1
	for n in "c-$STACK" "s-$STACK"; do make_namespace "$n"; done
	join || return 1
	ip -n "c-$STACK" -batch - <<-E
	addr add fe80::c/64 dev e0 nodad
	link set e0 up
	neigh replace fe80::5 lladdr 02:00:00:00:00:05 dev e0
	E
	ip -n "s-$STACK" -batch - <<-E
	addr add fe80::5/64 dev e0 nodad
	link set e0 up
	neigh replace fe80::c lladdr 02:00:00:00:00:0c dev e0
	E
}
# own ADDRESS ADDRESS: an address for c and for s, and the way to all others.
own() {
	ip -n "c-$STACK" addr add "$1/128" dev lo
	ip -n "s-$STACK" addr add "$2/128" dev lo
	ip -n "c-$STACK" -6 route add default via fe80::5 dev e0 src "$1"
	ip -n "s-$STACK" -6 route add default via fe80::c dev e0 src "$2"
	keep "$1" "$2"
}
# keep ADDRESS ADDRESS: between which addresses the stack's traffic flows.
keep() { echo "$1 $2" > "$WORK/$STACK"; }

# Two prefixes each over the one link; shim6-none looks on and makes no context.
up_shim6() {
	local h n
	for h in c s; do
		n=$(echo $h | tr s 5)
		rm -f "$WORK/$STACK.$h"
		must $h shim6 hba generate 2001:db8:1:$n::/64 2001:db8:2:$n::/64 file "$WORK/$STACK.$h" &&
			must $h shim6 hba load "$WORK/$STACK.$h" dev e0 dev e0 || return 1
	done
	ip -n "c-$STACK" -6 route add default via fe80::5 dev e0
	ip -n "s-$STACK" -6 route add default via fe80::c dev e0
	keep "$(address_of c 1:c)" "$(address_of s 1:5)"
	for h in c s; do must $h shim6 set start-packets 1000000 && must $h shim6 set start-time 3600000 || return 1; done
	must wait_for 5 c ping -q -6 -c 1 -W 1 "$(target)" || return 1
	[ "$STACK" != shim6-none ] || return 0
	must c shim6 context add local "$(source_address)" peer "$(target)" && must wait_for 5 says established || return 1
	[ "$STACK" != shim6-switched ] || switch
}
address_of() { ip -n "$1-$STACK" -6 -o addr show scope global | sed -n "s,.* inet6 \(2001:db8:$2:[0-9a-f:]*\)/.*,\1,p" | head -1; }
source_address() { cut -d' ' -f1 "$WORK/$STACK"; }
target() { cut -d' ' -f2 "$WORK/$STACK"; }
says() { context_says "c-$STACK" "$1" && context_says "s-$STACK" "$1"; }
both_switched() { switched "c-$STACK" && switched "s-$STACK"; }

# The ULIDs' own pair fails for a moment, and is not gone back to.
switch() {
	local h pinging
	for h in c s; do
		must $h shim6 set return-time 0 || return 1
		$h nft -f - <<-E
		table ip6 fails {
			chain p {
				type filter hook prerouting priority raw;
				ip6 saddr $(source_address) ip6 daddr $(target) drop
				ip6 saddr $(target) ip6 daddr $(source_address) drop
			}
		}
		E
		must $h shim6 set send-timeout 1000 || return 1
	done
	# The program itself is to be ended: as long as there is one that pings, the kernel takes the time of every packet.
	become_in "c-$STACK" ping -q -6 -i 0.1 -c 600 "$(target)" > /dev/null 2>&1 &
	pinging=$!
	must wait_for 20 both_switched || return 1
	for h in c s; do $h nft delete table ip6 fails; must $h shim6 set send-timeout 15000 || return 1; done
	kill $pinging
	wait $pinging 2> /dev/null
	must wait_for 10 c ping -q -6 -c 1 -W 1 "$(target)"
}
pairs_down() {
	local n
	for n in $(ip netns list | awk '{ print $1 }'); do ip netns del "$n"; done
}
