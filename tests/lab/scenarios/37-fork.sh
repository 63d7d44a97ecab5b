# SPDX-License-Identifier: GPL-2.0
# A fork: a second context between the same ULIDs, with an exchange and tags of its own. Who does not ask for it goes by the default
# context, also with his answers; when that moves, the fork stays where it is, and when the fork goes it stays (RFC 5533 section 4.2).
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "a forked context beside the default one"
shim6_hosts
capture A
servers
PEER=$(host_address B 1)
LOCAL=$(host_address A 1)
quick_detection
fork() { in_ns "$1" shim6 -j context show fii 7; }
default() { in_ns "$1" shim6 -j context show fii 0; }
fork_says() { fork "$1" | grep -q "$2"; }
default_says() { default "$1" | grep -q "$2"; }
local_tag() { "$1" "$2" | sed -n 's/.*"tag":{[^}]*"local":"\{0,1\}\([0-9a-fx]*\).*/\1/p'; }
tags_differ() { [ -n "$(local_tag fork "$1")" ] && [ "$(local_tag fork "$1")" != "$(local_tag default "$1")" ]; }
sent() { "$1" "$2" | grep -o '"tx_packets":[0-9]*' | cut -d: -f2; }

start_talk udp udp 2000 20 160
ok "datagrams are under way" wait_for 20 progress_over udp 20
ok "a context is established" wait_for 15 has_context
ok "a fork is asked for" A shim6 context add local "$LOCAL" peer "$PEER" fii 7
for h in A B; do
	ok "$h: the fork is established" wait_for 10 fork_says $h established
	ok "$h: the default context is there still" default_says $h established
	ok "$h: each has a tag of its own" tags_differ $h
	ok "$h: two contexts" context_count_is $h 2
done
ok "the fork can be asked for once" sh -c "ip netns exec A shim6 context add local $LOCAL peer $PEER fii 7 2>&1 | grep -q already"

fail blackhole
ok "the default context moves" wait_for 20 eval 'default_says A "\"switched\":true" && default_says B "\"switched\":true"'
progress udp > "$WORK/udp.before"
ok "datagrams flow on" wait_for 5 gone_on udp 100
for h in A B; do
	ok "$h: the fork has not moved" fork_says $h '"switched":false'
	ok "$h: all of it went by the default context" eval '[ "$(sent default $h)" -gt 50 ] && [ "$(sent fork $h)" = 0 ]'
done
heal blackhole
for h in A B; do ok "$h: the fork goes" in_ns $h shim6 context del local "$([ $h = A ] && echo "$LOCAL" || echo "$PEER")" peer "$([ $h = A ] && echo "$PEER" || echo "$LOCAL")" fii 7; done
ok "the default context stays" eval 'context_count_is A 1 && default_says A established && default_says B established'
ok "all datagrams' senders are content" complete udp 60
finish
