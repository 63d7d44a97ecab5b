# SPDX-License-Identifier: GPL-2.0
# Multicast, link-local and unspecified addresses, and a host's own, never get a context, however much is said between them; nor does
# a message of Shim6 from or to such an address have any effect.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "what never gets a context"
shim6_hosts
P="python3 $LIB/packets.py"
LOCAL=$(host_address A 1)
link_local() { ip -n "$1" -6 -o addr show dev "$2" scope link | sed -n 's,.* inet6 \([0-9a-f:]*\)/.*,\1,p'; }
stat_of() { in_ns "$1" shim6 -j stats show "$2" | tr ',{}' '\n' | sed -n "s/^\"$(echo "$2" | tr - _)\"://p"; }
EDGE=$(link_local p1a customer)

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
finish
