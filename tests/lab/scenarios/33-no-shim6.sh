# SPDX-License-Identifier: GPL-2.0
# The other host's kernel does not know Shim6, and says so by an ICMPv6 Parameter Problem: its traffic is as if there were no module,
# it is asked once in ten minutes, and an operator can see that and clear it.
#
# Such a host within the same kernel: B's address is local by a route and on no interface, so the module takes its packets for somebody
# else's, and the kernel itself answers to protocol 140.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "a peer whose kernel does not know Shim6"
topology_up
ok "the module loads" module_load
ok "A makes an HBA set and loads it" hba_setup A
PEER=2001:db8:1:b::80
ip -n B -6 addr add 2001:db8:1:b::b/64 dev b1 nodad
ip -n B -6 route add local $PEER/128 dev lo
ip -n p1b -6 route add $PEER/128 via 2001:db8:1:b::b dev customer
B sysctl -qw net.ipv6.ip_nonlocal_bind=1
LOCAL=$(host_address A 1)
ok "B answers pings" wait_for 10 ping_path A "$LOCAL" $PEER
run serve B $TRAFFIC serve 5001
run echo B $TRAFFIC echo 5002 $PEER
ok "B's servers listen" eval 'wait_for 5 listening B 5001 && wait_for 5 listening B 5002'
capture A "ip6 proto 140 or icmp6[0] == 4"
peer_says() { A shim6 peer show | tee "$WORK/peers"; grep -q -e "$1" "$WORK/peers"; }

start_stream stream 4000000 4000000
start_talk udp udp 200 20 160
ok "A has learnt that B has no Shim6" wait_for 10 context_says A no-support
ok "the stream arrives whole" complete stream
ok "datagrams too" complete udp
ok "the stream never stalled: $(said stream longest_stall) s" below "$(said stream longest_stall)" 0.2
ok "nor did they: $(said udp longest_stall) s" below "$(said udp longest_stall)" 0.2
ok "B was asked once" [ "$(stat_of A tx-i1)" = 1 ]
ok "the counter says so, too" sh -c "ip netns exec A shim6 stats show contexts-unsupported | grep -q ' 1$'"
ok "peer show names it, and how long that holds" peer_says "^peer $PEER no Shim6, asked again in 9m"
ok "as JSON" sh -c "ip netns exec A shim6 -j peer show | python3 -c 'import json,sys; p, = json.load(sys.stdin); sys.exit(not (p[\"answer\"] == \"no-shim6\" and p[\"peer\"] == \"$PEER\" and 500000 < p[\"hold_down_ms\"] <= 600000))'"

start_talk again udp 200 20 160
ok "more datagrams are echoed" complete again
ok "without another question" [ "$(stat_of A tx-i1)" = 1 ]
ok "an operator clears it" A shim6 peer flush
ok "nothing is held down any more" [ -z "$(A shim6 peer show)" ]
ok "peer check asks, and says that there is no Shim6" sh -c "ip netns exec A shim6 peer check $PEER > $WORK/check; [ \$? = 2 ] && grep -q '^peer $PEER no Shim6' $WORK/check"
ok "that was the second question" [ "$(stat_of A tx-i1)" = 2 ]
ok "over each path, too" sh -c "ip netns exec A shim6 peer check $PEER paths > $WORK/check; [ \$? = 2 ] && cat $WORK/check && grep -q 'path local $LOCAL no Shim6, ping answered' $WORK/check"

# What it costs to know it ends by itself.
sleep 601
ok "after ten minutes nothing is held down" wait_for 20 eval '[ -z "$(A shim6 peer show)" ]'
ok "nor kept" context_count_is A 0
finish
