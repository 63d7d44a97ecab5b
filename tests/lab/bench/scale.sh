# SPDX-License-Identifier: GPL-2.0
# What many contexts cost, inside the machine, on virtual time: setting them up, memory, packets, an idle processor's share, and how
# long showing and removing them all holds the processor.
#
# The cells are the names in /lab/list: contexts.N, ascending, and initiator after them. Each result is reported as a line "RUN {...}".
# /lab/runs says how often the cost of a packet is measured.
#
# Two hosts c and s with one context, and beside them gen: one link to s, at whose far end there are as many peers as are wanted.
# They exist as far as messages of Shim6 go, and s makes its contexts with them by the exchange of RFC 5533, in which they are the
# initiators but for one cell.
LIB=/lab/lib OUT=/lab/out
. "$LIB/scenario.sh"
. "$LIB/pairs.sh"
. "$LIB/peers.sh"
RUNS=$(cat /lab/runs)
CELLS=$(tr '\n' ' ' < /lab/list)
STREAM=12000000		# octets
SPREAD=20000		# datagrams
AT_ONCE=64		# peers that are in the middle of the exchange
STEP=100000		# contexts set up before something is said
RESPONDERS=1073741824	# the number of the first peer that responds
BEGUN=10000		# contexts that s sets up as the initiator
trap 'pairs_down; module_loaded && module_unload; rm -rf "$WORK"' EXIT

# held COMMAND...: runs before all others itself, but not what it starts.
held() { chrt --reset-on-fork --fifo 50 "$TRAFFIC" held "$@"; }

# ---- the contexts ----

has_none() { [ "$(contexts_of_s)" = 0 ]; }
has_contexts() { [ "$(contexts_of_s)" -ge "$1" ]; }
timeouts_of_s() { s shim6 -j stats show send-timeouts | grep -o '[0-9][0-9]*' | tail -1; }
# A program that ends when so many Send Timers of its namespace have expired.
GIVEN_UP='until [ "$(shim6 -j stats show send-timeouts | grep -o "[0-9][0-9]*" | tail -1)" -ge "$1" ]; do sleep 0.5; done'

# ---- what is weighed ----

# Slabs, and the tables that are too large for them.
kernel_octets() { awk '/^(Slab|VmallocUsed):/ { n += $2 * 1024 } END { print n }' /proc/meminfo; }
busy_ticks() { awk '/^cpu / { print $2 + $3 + $4 + $7 + $8 }' /proc/stat; }
# What was freed is given back before anything is weighed: caches are dropped until that changes nothing any more.
is_settled() {
	sync
	echo 3 > /proc/sys/vm/drop_caches
	OCTETS=$(kernel_octets)
	[ $((OCTETS - LAST_OCTETS)) -lt 65536 ] && [ $((LAST_OCTETS - OCTETS)) -lt 65536 ] && return 0
	LAST_OCTETS=$OCTETS
	false
}
weigh() {
	LAST_OCTETS=0
	wait_for 20 is_settled > /dev/null
	OCTETS=$(kernel_octets)
}
# idle_share: of the processor's time, what is not idle in twenty seconds in which nothing is done on purpose.
idle_share() {
	local busy
	busy=$(busy_ticks)
	sleep 20	# this is what is measured
	awk -v t=$(($(busy_ticks) - busy)) 'BEGIN { print t / 2000 }'
}
stream() { "$TRAFFIC" bulk tcp "$1" 1 "c-$STACK" "$(source_address)" "s-$STACK" "$(target)" 2> "$WORK/run.err"; }

# ---- contexts.N ----

measure_contexts() { # N
	local added=$(($1 - HAVE)) step before said octets first timeouts asked run=0
	weigh
	before=$OCTETS
	while [ "$HAVE" -lt "$1" ]; do
		step=$(($1 - HAVE))
		[ $step -le $STEP ] || step=$STEP
		said=$(peers_initiate "$(target)" $((HAVE - 1)) $step $AT_ONCE)
		HAVE=$((HAVE + step))
		report "\"what\": \"responder\", \"contexts\": $HAVE, \"at_once\": $AT_ONCE" "$said"
	done
	has_contexts "$1" || { echo "no $1 contexts"; return 1; }
	weigh
	octets=$(((OCTETS - before) / (added > 0 ? added : 1)))
	grep -E '^(shim6|kmalloc|radix|timer)' /proc/slabinfo > "$OUT/slabinfo.$1"
	first=$(idle_share)
	report "\"what\": \"memory\", \"contexts\": $1, \"added\": $added, \"octets_per_context\": $octets, \"first_idle_share\": $first" \
		"\"idle_share\": $(idle_share)}"
	report "\"what\": \"show\", \"contexts\": $1" "$(held ip netns exec "s-$STACK" sh -c 'shim6 -j context show > /dev/null')"
	# Few fit, so that the kernel looks at all of them for one buffer.
	report "\"what\": \"filtered show\", \"contexts\": $1" \
		"$(held ip netns exec "s-$STACK" sh -c 'shim6 -j context show peer 2001:db8:f000::1:0:0 state established > /dev/null')"
	timeouts=$(timeouts_of_s)
	asked=$(($1 - 1)); [ $asked -le $SPREAD ] || asked=$SPREAD
	while [ $run -lt "$RUNS" ]; do
		run=$((run + 1))
		said=$(stream $STREAM)
		[ -n "$said" ] || { cat "$WORK/run.err"; return 1; }
		report "\"what\": \"packet\", \"traffic\": \"tcp\", \"contexts\": $1, \"run\": $run" "$said"
		said=$("$TRAFFIC" spread "s-$STACK" "$(target)" "$([ "$1" -gt 1 ] && echo $(($1 - 1)) || echo 1)" $SPREAD)
		report "\"what\": \"packet\", \"traffic\": \"spread\", \"contexts\": $1, \"run\": $run" "$said"
	done
	# Who was sent a datagram in the same moment as many others waits for an answer for as long, and gives it up with them.
	report "\"what\": \"timers\", \"contexts\": $1" "$(held timeout 60 ip netns exec "s-$STACK" sh -c "$GIVEN_UP" sh $((timeouts + asked)))"
}

# ---- initiator ----

# s begins with the first packet that it sends to a peer.
measure_initiator() {
	local said
	must s shim6 set start-packets 1 || return 1
	said=$(peers_respond "s-$STACK" "$(target)" $RESPONDERS $BEGUN $AT_ONCE)
	must s shim6 set start-packets 1000000 || return 1
	HAVE=$((HAVE + BEGUN))
	has_contexts $HAVE || { echo "no $HAVE contexts: $said"; return 1; }
	report "\"what\": \"initiator\", \"contexts\": $HAVE, \"at_once\": $AT_ONCE" "$said"
	report '"what": "hashing"' "$("$TRAFFIC" hashing 10000)"
}

# ---- the bench ----

modprobe -q veth
module_load || exit 1
STACK=shim6-ulid
pair $STACK
up_shim6 && peers_up "s-$STACK" || exit 1
for h in c s; do $h ethtool -K e0 tso off gso off gro off > /dev/null; done
must s shim6 set max-contexts 2000000 && must s shim6 set reply-limit 1000000 && must s shim6 set idle-timeout 86400000 || exit 1
HAVE=1
# Somebody who lets nobody else run for a while is noticed, or the meter is worth nothing.
report '"what": "meter"' "$(held chrt --fifo 60 sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done')"
for cell in $CELLS; do
	case $cell in
	contexts.*) measure_contexts "${cell#*.}" ;;
	initiator) measure_initiator ;;
	esac || exit 1
done
report "\"what\": \"flush\", \"contexts\": $HAVE" "$(held ip netns exec "s-$STACK" shim6 context flush)"
wait_for 5 has_none || { echo "$(contexts_of_s) contexts are left by the flush"; exit 1; }
report "\"what\": \"unload\", \"contexts\": $HAVE" "$(held rmmod shim6)"
report '"what": "left"' "{\"clean\": $(dmesg | grep -q 'shim6: unloaded, nothing is left' && echo true || echo false)}"
