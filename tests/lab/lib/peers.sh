# SPDX-License-Identifier: GPL-2.0
# Very many peers: the namespace gen, with one link to a host, at whose far end there are as many as are wanted. They exist as far as
# messages of Shim6 go, which shim6-traffic speaks; the host makes its contexts with them by the exchange of RFC 5533.

# peers_up NAMESPACE: the link, and the host's route to the peers (2001:db8:f000::/48), whatever its source address.
peers_up() {
	make_namespace gen
	NAMESPACES="$NAMESPACES gen"
	ip link add g0 netns gen address 02:00:00:00:00:0f type veth peer name g0 netns "$1" address 02:00:00:00:00:06
	ip -n gen link set g0 up
	ip -6 -n "$1" -batch - <<-E
	link set g0 up
	addr add fe80::6/64 dev g0 nodad
	neigh replace fe80::f lladdr 02:00:00:00:00:0f dev g0
	route add 2001:db8:f000::/48 via fe80::f dev g0
	rule add to 2001:db8:f000::/48 lookup main pref 90
	E
	# gen's own kernel has no part in it.
	in_ns gen nft -f - <<-E
	table netdev none {
		chain c { type filter hook ingress device g0 priority 0; policy drop; }
	}
	E
}
GEN="gen g0 02:00:00:00:00:06"

# peers_initiate TARGET FIRST COUNT AT_ONCE: so many peers, from that one on, set up a context each with an address of the host.
peers_initiate() { "$TRAFFIC" peers-initiate $GEN "$@"; }
# peers_respond HOST ADDRESS FIRST COUNT AT_ONCE: the host begins a context from an address of its own with each of so many, who answer.
peers_respond() { "$TRAFFIC" peers-respond $GEN "$@"; }

# contexts_of_s: how many contexts the host s of the stack has that is measured.
contexts_of_s() { s shim6 -j stats show contexts | grep -o '[0-9][0-9]*' | head -1; }
# report FIELDS RECORD: a record of a benchmark, with these fields before its own.
report() { echo "RUN {$1, ${2#\{}"; }
