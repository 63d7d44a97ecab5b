# SPDX-License-Identifier: GPL-2.0
# A router that does not answer any more (RFC 5534 sections 3.2 and 4.1). All other advice is off, so that nothing else can have moved
# the traffic before the Send Timeout.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "a router does not answer"
shim6_hosts
capture A
for h in A B; do
	for name in advice-local advice-icmp advice-transport advice-cadence advice-application; do in_ns $h shim6 set $name 0; done
done
# Unreachability is found within a second, not within some.
in_ns A sysctl -qw net.ipv6.neigh.a1.delay_first_probe_time=1 net.ipv6.neigh.a1.retrans_time_ms=100 \
	net.ipv6.neigh.a1.base_reachable_time_ms=1000
# What is known of the neighbour already was learned under the longer time.
ip -n A -6 neigh flush dev a1
moved_for_router() { contexts A | grep -q '"switch_cause": *"router-lost"'; }

servers
PEER=$(host_address B 1)
start_talk udp udp 600 40 160
ok "datagrams are under way" wait_for 20 progress_over udp 20
ok "a context is established" wait_for 15 has_context

note "the router of provider 1 goes dead"
ip -n p1a link set customer arp off
in_ns p1a nft -f - <<'N'
table ip6 mute {
	chain ears { type filter hook prerouting priority -300; iifname customer drop; }
}
N
ok "the context leaves the router that does not answer" wait_for 8 moved_for_router
ok "and the advice is counted" sh -c "ip netns exec A shim6 stats show advice-router | grep -q ' [1-9][0-9]*\$'"
in_ns p1a nft delete table ip6 mute
ip -n p1a link set customer arp on
finish
