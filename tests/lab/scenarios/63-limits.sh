# SPDX-License-Identifier: GPL-2.0
# The most contexts of a namespace: what exceeds it is refused in words and counted, at the host that begins and at the one that
# answers; the traffic of those without a context goes on, and room that comes free is used.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "the limit on contexts of a namespace"
shim6_hosts
servers
refused() { [ "$(stat_of "$1" contexts-refused)" -gt 0 ]; }
talk_over() { PEER=$(host_address B "$2"); start_talk "$1" udp 100 20 160; complete "$1"; }

ok "only A begins" B shim6 set start-packets 0 start-time 0
ok "A may have one context" A shim6 set max-contexts 1
ok "the first pair of ULIDs talks" talk_over one 1
ok "and has a context" wait_for 10 has_context
ok "the second pair talks, too" talk_over two 2
ok "and has none" context_count_is A 1
ok "which is counted" refused A
ok "B was not bothered" context_count_is B 1
PEER=$(host_address B 2)
ok "asked for by hand it is refused in words" sh -c "ip netns exec A shim6 context add local $(host_address A 1) peer $PEER 2>&1 | grep -q 'max-contexts allows no more contexts'"
ok "the kernel log has it once" [ "$(own_log | grep -c 'shim6: no more contexts')" = 1 ]

ok "A may have two" A shim6 set max-contexts 2
ok "B may have one" B shim6 set max-contexts 1
ok "another pair asks" A shim6 context add local "$(host_address A 1)" peer "$PEER"
ok "B refuses, and counts it" wait_for 10 refused B
ok "B has its one" context_count_is B 1
ok "A gets no answer" sh -c "ip netns exec A shim6 context show peer $PEER | grep -q -e i2-sent -e i1-sent"
ok "B may have two" B shim6 set max-contexts 2
ok "the next copy is accepted" wait_for 20 context_count_is B 2
ok "both are established" wait_for 5 sh -c "[ \$(ip netns exec A shim6 context show | grep -c established) = 2 ]"
ok "a limit below what there is takes none away" A shim6 set max-contexts 1
ok "there are two still" context_count_is A 2

# A peer has its share, however much room there is: instances are the cheap way to ask for more.
ok "A may have many again" A shim6 set max-contexts 1000
ok "B, too" B shim6 set max-contexts 1000
forks() { local n; for n in $(seq 1 20); do A shim6 context add local "$(host_address A 1)" peer "$PEER" fii "$n" || return 1; done; }
ok "twenty instances are too many" not forks
ok "which is said" sh -c "ip netns exec A shim6 context add local $(host_address A 1) peer $PEER fii 99 2>&1 | grep -q 'as many contexts as one peer may have'"
ok "the others are there" [ "$(context_count A)" -ge 12 ]
ok "another peer's are not touched" A shim6 context add local "$(host_address A 2)" peer "$(host_address B 1)"
ok "the log has said it once" [ "$(own_log | grep -c 'shim6: no more contexts')" = 2 ]
finish
