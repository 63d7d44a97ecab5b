# SPDX-License-Identifier: GPL-2.0
# What waits in the host for a router that does not answer is not in the way of the connection: TCP sends nothing again of which a copy
# is still in the host, and a solicitation is given up after three seconds only.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "what waits for a router's answer when the traffic moves"
shim6_hosts
servers
PEER=$(host_address B 1)
start_stream stream 10000000 10000000
ok "a stream is under way" wait_for 20 progress_over stream 2000000
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
ok "the stream comes to its end, all right" complete stream 30
ok "the context has moved to other locators" moved
ok "the stream stalled for $(said stream longest_stall) s, at most 0.3" below "$(said stream longest_stall)" 0.3
in_ns p1b nft delete table ip6 mute
finish
