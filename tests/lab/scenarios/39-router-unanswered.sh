# SPDX-License-Identifier: GPL-2.0
# What waits in the host for a router that does not answer is not in the way of connections: TCP sends nothing again of which a copy is
# still in the host, and a solicitation is given up after three seconds only. There are more connections than a context remembers,
# and they are treated alike.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "what waits for a router's answer when the traffic moves"
shim6_hosts
servers
PEER=$(host_address B 1)
STREAMS="one two three four five six seven eight nine ten"
for name in $STREAMS; do start_stream $name 800000 1000000; done
for name in $STREAMS; do ok "stream $name is under way" wait_for 20 progress_over $name 100000; done
ok "a context is established" wait_for 15 has_context

unresolved() { ip -n B -6 neigh show dev b1 | grep -q INCOMPLETE; }
note "the router of B's provider 1 goes dead, and B forgets what it knew of it"
in_ns p1b nft -f - <<'N'
table ip6 mute {
	chain ears { type filter hook prerouting priority -300; iifname customer drop; }
}
N
ip -n B -6 neigh flush dev b1
ok "B solicits it in vain" wait_for 2 unresolved
ok "B leaves that address" in_ns B shim6 locator set "$PEER" broken on
for name in $STREAMS; do
	ok "stream $name comes to its end, all right" complete $name 30
	ok "it stalled for $(said $name longest_stall) s, at most 1" below "$(said $name longest_stall)" 1
done
ok "the context has moved to other locators" moved
in_ns p1b nft delete table ip6 mute
finish
