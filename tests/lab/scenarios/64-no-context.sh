# SPDX-License-Identifier: GPL-2.0
# Multicast, link-local and unspecified addresses, and a host's own, never get a context, however much is said between them; nor does
# a message of Shim6 from or to such an address have any effect. A few packets make no context either. Multicast is left alone also
# by a host whose contexts are switched.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "what never gets a context"
shim6_hosts
P="python3 $LIB/packets.py"
LOCAL=$(host_address A 1)
link_local() { ip -n "$1" -6 -o addr show dev "$2" scope link | sed -n 's,.* inet6 \([0-9a-f:]*\)/.*,\1,p'; }
EDGE=$(link_local p1a customer)

for h in A B; do ok "$h begins after ten packets, however long that takes" in_ns $h shim6 set start-time 0; done
ok "three pings to B" A ping -6 -q -c 3 -i 0.2 -I "$LOCAL" "$(host_address B 1)"
for h in A B; do
	ok "$h has no context of them" context_count_is $h 0
	ok "and has asked nobody" [ "$(stat_of $h tx-i1)" = 0 ]
done
for h in A B; do ok "or after five seconds, as always" in_ns $h shim6 set start-time 5000; done
ok "forty pings to a link-local neighbour" A ping -6 -q -c 40 -i 0.05 -I a1 "$EDGE"
ok "forty pings to all nodes" A ping -6 -q -c 40 -i 0.05 -I a1 ff02::1
ok "forty from a global address to all nodes" A ping -6 -q -c 40 -i 0.05 -I "$LOCAL" ff02::1%a1
ok "forty to itself" A ping -6 -q -c 40 -i 0.05 "$LOCAL"
ok "forty to its other address" A ping -6 -q -c 40 -i 0.05 -I "$LOCAL" "$(host_address A 2)"
sleep 6
A ping -6 -q -c 3 -i 0.05 -I a1 ff02::1 > /dev/null
ok "A has no context" context_count_is A 0
ok "and has asked nobody" [ "$(stat_of A tx-i1)" = 0 ]
for peer in ff02::1 ff0e::1 fe80::1 :: ::1 "$LOCAL"; do
	ok "asked for by hand, $peer is refused" sh -c "! ip netns exec A shim6 context add local $LOCAL peer $peer 2> $WORK/said && cat $WORK/said && grep -q 'cannot be a peer' $WORK/said"
done
for from in ff02::1 fe80::1 :: ::1; do
	dropped=$(stat_of A drop-address)
	answers=$(stat_of A tx-r1)
	in_ns p1a $P flood i1 $from "$LOCAL" 20
	in_ns p1a $P flood payload $from "$LOCAL" 20
	ok "I1 from $from has no effect" [ "$(stat_of A tx-r1)" = "$answers" ]
	ok "nor has a payload header" [ "$(stat_of A tx-r1bis)" = 0 ]
done
in_ns p1a $P flood i1 2001:db8:1:a::1 ff02::1 20
ok "I1 to all nodes has no effect" [ "$(stat_of A tx-r1)" = "$answers" ]
ok "no context of it all" context_count_is A 0

servers
PEER=$(host_address B 1)
quick_detection
start_talk talk udp 200 40 160
ok "a context with B comes" wait_for 15 has_context
fail blackhole
ok "it is switched" wait_for 20 switched A
complete talk > /dev/null
before=$(stat_of A tx-switched)
ok "pings to all nodes from the ULID are answered, as their source is what it was" A ping -6 -q -c 10 -i 0.05 -I "$LOCAL" ff02::1%a1
# By this way answers do not come back.
A ping -6 -q -c 10 -i 0.05 -I "$LOCAL" ff02::1%a2 > /dev/null
ok "none of them was switched" [ "$(stat_of A tx-switched)" = "$before" ]
ok "nor has a context of its own" context_count_is A 1
finish
