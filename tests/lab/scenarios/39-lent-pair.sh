# SPDX-License-Identifier: GPL-2.0
# Messages that are few: the one that waits for its acknowledgement is sent once more over another pair, lent to it while the current
# one is tested, and so is the peer's answer. A path that works is not left for that.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "a message that waits is lent another pair"
shim6_hosts
servers
PEER=$(host_address B 1)
start_talk sparse tcp 150 100 200
ok "messages are under way" wait_for 20 progress_over sparse 20
ok "a context is established" wait_for 15 has_context
# By then both know that the other pair reaches the peer.
ok "they have been for some time" wait_for 20 progress_over sparse 60
has_lent() { [ "$(stat_of "$1" tx-lent)" -gt 0 ]; }
fail blackhole
ok "A has sent a message again over another pair" wait_for 10 has_lent A
ok "B has sent its answer again by that" wait_for 10 has_lent B
ok "the context has moved" wait_for 10 moved
ok "the messages come to their end, all right" complete sparse 60
ok "the longest wait was $(said sparse longest_stall) s, at most half a second" below "$(said sparse longest_stall)" 0.5
heal blackhole

note "a path that is only late is not left, and nothing but what is lent leaves another way"
slow() { for n in p1a p1b; do tc -n $n qdisc change dev core root netem delay "$1" rate "$RATE" limit "$LIMIT" || return 1; done; }
more_lent() { [ "$(all_lent)" -gt "$before" ]; }
for h in A B; do in_ns $h shim6 context flush; done
before=$(all_lent)
start_talk late tcp 150 100 200
ok "other messages are under way" wait_for 20 progress_over late 60
ok "they have a context" wait_for 15 has_context
ok "each way takes 40 ms" slow 40ms
ok "a message was late, and was lent the pair" wait_for 10 more_lent
ok "the messages come to their end over the slow path" complete late 60
ok "which was not left" eval '! switched A && ! switched B'
ok "as many packets had a header as were lent the pair" [ "$(switched_packets)" -eq $(($(all_lent) - before)) ]
ok "each way takes as long as before" slow "$DELAY"

note "in the order of RFC 5534 alone nothing is lent"
for h in A B; do
	ok "$h: one Probe at a time" in_ns $h shim6 set parallel-probes 1
	in_ns $h shim6 context flush
done
before="$(stat_of A tx-lent) $(stat_of B tx-lent)"
start_talk alone tcp 150 100 200
ok "messages are under way again" wait_for 20 progress_over alone 60
ok "a context is established again" wait_for 15 has_context
fail blackhole
ok "the messages come to their end all the same" complete alone 60
ok "nothing was lent" [ "$(stat_of A tx-lent) $(stat_of B tx-lent)" = "$before" ]
finish
