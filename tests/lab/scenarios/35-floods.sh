# SPDX-License-Identifier: GPL-2.0
# Floods of every message from addresses of an attacker off the path, while a connection goes on: none of them makes a context, takes
# memory, fills the log or is felt by the connection, and what answers they get is limited (RFC 5533 section 16).
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "floods of forged messages"
shim6_hosts
servers
quick_detection
P="python3 $LIB/packets.py"
PEER=$(host_address B 1)
COUNT=250
answers() { echo $(($(stat_of B tx-r1) + $(stat_of B tx-r1bis) + $(stat_of B tx-error))); }
objects() { awk '/^shim6_context/ { print $2 }' /proc/slabinfo; }
unreclaimable() { awk '/^SUnreclaim/ { print $2 }' /proc/meminfo; }
context_of() { in_ns "$1" shim6 -j context show | grep -o -e '"id":[0-9]*' -e '"state":"[a-z0-9-]*"' -e '"tag":{[^}]*}' -e '"switched":[a-z]*'; }
as_before() { context_of B > "$WORK/B.after"; diff "$WORK/B.before" "$WORK/B.after"; }
# The attacker sits at A's provider, whose router lets everything pass, and says that he is anybody.
flood() { in_ns p2 $P flood "$@"; }
# Each kind of message once from one address of A's, which B knows, and once from ever other addresses.
floods() {
	local kind
	for kind in i1 i2 i2bis r1 r2 r1bis update keepalive probe payload garbage; do
		ok "$1: $kind" flood $kind "$LOCAL" "$PEER" $COUNT
		ok "$1: $kind from everywhere" flood $kind 2001:db8:bad::1 "$PEER" $COUNT spread
	done
}

LOCAL=$(host_address A 1)
ok "B answers strangers five times a second at most" B shim6 set reply-limit 5
start_stream stream 7500000 1000000
ok "a stream is under way" wait_for 20 progress_over stream 100000
ok "a context is established" wait_for 15 has_context
start=$(now_ms) before=$(answers) memory=$(unreclaimable) live=$(objects)
# Of the 500 answers that were saved up in a hundred seconds one network gets a sixteenth, and few at once.
ok "many strangers in one network" flood i1 "$LOCAL" "$PEER" $COUNT
given=$(($(answers) - before)) seconds=$((($(now_ms) - start) / 1000 + 1))
ok "get $given answers in $seconds s, five a second" [ $given -le $((5 * seconds + 2)) ]
ok "but these" [ $given -ge 1 ]
strangers() {
	local n=0
	while [ $n -lt 40 ]; do n=$((n + 1)) && flood i1 "$LOCAL" "$PEER" 5 && sleep 0.5; done
}
ok "they go on asking" strangers
given=$(($(answers) - before))
ok "get $given answers, no more than one network's share" [ $given -le 42 ]
ok "but that" [ $given -ge 25 ]
context_of B > "$WORK/B.before"
floods unswitched
ok "the context is the same" as_before
ok "there is one" context_count_is B 1
fail blackhole
ok "the context is switched" wait_for 20 switched B
context_of B > "$WORK/B.before"
progress stream > "$WORK/stream.before"
floods switched
ok "the context is the same, switched" as_before
ok "the stream goes on" wait_for 10 gone_on stream 20000
heal blackhole

ok "no context came of it" eval '[ "$(objects)" = "$live" ] && context_count_is B 1'
grown=$(($(unreclaimable) - memory))
ok "the kernel's memory has grown by $grown KiB, less than 2 MiB" below $grown 2048
seconds=$((($(now_ms) - start) / 1000 + 1))
given=$(($(answers) - before))
ok "B gave $given answers in $seconds s: five a second at most" [ $given -le $((5 * seconds + 10)) ]
ok "and has given them to others, too" [ $given -ge 45 ]
ok "and has left others without" above "$(stat_of B drop-rate-limit)" 1000
for reason in drop-validator drop-no-context drop-nonce drop-unknown-tag; do ok "counted: $reason" above "$(stat_of B $reason)" 100; done
ok "the kernel log says nothing of it" [ "$(own_log | grep 'shim6:' | grep -vc taint)" -le 2 ]
ok "the stream comes to its end, all right" complete stream 90
finish
