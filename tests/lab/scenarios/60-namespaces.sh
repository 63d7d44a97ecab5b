# SPDX-License-Identifier: GPL-2.0
# All state is a namespace's own: nobody else on the same kernel sees A's contexts, sets or settings, and none outlives its namespace.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "namespaces do not see each other"
shim6_hosts
servers
PEER=$(host_address B 1)
start_talk udp udp 50 20 100
ok "datagrams are echoed" complete udp
ok "a context is established" wait_for 15 has_context

ok "a router on the way has no context" [ "$(context_count p1)" = 0 ]
ok "and no HBA set" not sh -c 'ip netns exec p1 shim6 -j hba show | grep -q 2001:db8'
ok "nor has the machine itself" sh -c '! shim6 -j context show | grep -q 2001:db8 && ! shim6 -j hba show | grep -q 2001:db8'
ok "A's context is about A's addresses" sh -c "ip netns exec A shim6 context show | grep -q $(host_address A 1)"
ok "a setting of A" A shim6 set start-packets 77
ok "is not B's" not sh -c 'ip netns exec B shim6 -br set | grep -q 77'

# A namespace goes while its contexts live.
ip netns add C
ok "a host may go with everything in it" sh -c 'ip netns exec C shim6 hba generate 2001:db8:1:c::/64 2001:db8:2:c::/64 file '"$WORK"'/C.hba && ip netns del C'
stop_programs
ip netns del B
ok "A is well while B is gone" sh -c 'ip netns exec A shim6 context show | grep -q established'
finish
