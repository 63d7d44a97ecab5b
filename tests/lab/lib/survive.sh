# SPDX-License-Identifier: GPL-2.0
# One failure, and everything that people run across it at the same time: a TCP stream, sparse TCP, UDP and ping.
#
#   across KIND TCP_LIMIT DATAGRAM_LIMIT     (limits: seconds without anything at the application)

# traffic_on SECONDS: all four kinds, for about so long.
traffic_on() {
	start_stream stream $((125000 * $1)) 1000000
	start_talk sparse tcp $((10 * $1)) 100 200
	start_talk udp udp $((25 * $1)) 40 160
	start_ping ping $((5 * $1)) 0.2
	for name in stream sparse udp ping; do wait_for 20 progress_over $name 5 || return 1; done
}

# has_context: both hosts have the context of the pair of addresses in use, established.
has_context() { context_says A established && context_says B established; }
gone_on() { progress_over "$1" $(($(cat "$WORK/$1.before") + $2)); }

# a_switched_context: between the first addresses, by a black hole that stays.
a_switched_context() {
	PEER=$(host_address B 1)
	quick_detection
	start_talk opener udp 400 50 100 60
	ok "a context is established" wait_for 15 has_context
	fail blackhole
	ok "it is switched" wait_for 20 eval 'switched A && switched B'
}

# Either end may move alone: a failure of one direction concerns only who sends in it.
moved() { switched A || switched B; }

across() {
	local kind=$1 tcp=$2 datagram=$3 name
	servers
	PEER=$(host_address B 1)
	ok "TCP, sparse TCP, UDP and ping are under way" traffic_on $((tcp + 10))
	ok "a context is established" wait_for 15 has_context
	sleep 1
	for name in stream sparse udp ping; do progress $name > "$WORK/$name.before"; done
	note "now: $kind"
	fail "$kind"
	for name in udp ping sparse stream; do
		ok "$kind: $name goes on" wait_for $((tcp + 5)) gone_on $name 20
	done
	for name in stream sparse udp ping; do ok "$kind: $name comes to its end, all right" complete $name $((tcp + 60)); done
	ok "$kind: the stream stalled for $(said stream longest_stall) s, at most $tcp" below "$(said stream longest_stall)" $tcp
	ok "$kind: sparse TCP for $(said sparse longest_stall) s, at most $tcp" below "$(said sparse longest_stall)" $tcp
	ok "$kind: UDP for $(said udp longest_stall) s, at most $datagram" below "$(said udp longest_stall)" $datagram
	ok "$kind: the context has moved to other locators" moved
	heal "$kind"
	ok "$kind: healed, every path works again" wait_for 30 every_path
}
