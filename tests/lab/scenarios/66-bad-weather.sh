# SPDX-License-Identifier: GPL-2.0
# Paths that work, however badly, are not left: loss of 5 %, packets that overtake each other, jitter as large as the round trip,
# a bottleneck whose queue grows to 300 ms and empties again, long rests and sudden bursts. All advice is on, and a pair stands by.
# Provider 1's way to A and from A is what is bad; the other pairs are well all the time. /lab/weather says for how many seconds of
# each kind of traffic in each weather; `make soak` asks for more than a test has time for.
. "$LIB/scenario.sh"
begin "paths that work badly are not left"

LONG=8
[ ! -e /lab/weather ] || LONG=$(cat /lab/weather)

# weather WORDS...: what netem is to do, both ways.
weather() {
	tc -n p1a qdisc change dev core root netem limit 400 "$@" && tc -n p1 qdisc change dev edge-a root netem limit 400 "$@"
}

# The link to A carries 5 Mbit/s, and its queue 300 ms. What fills it is not for A: 6 Mbit/s for 1.4 s, then a second of rest.
bottleneck() {
	tc -n p1a qdisc replace dev customer root tbf rate 5mbit burst 4000 latency 320ms
	ip -n p1a neigh replace 2001:db8:1:a::dead lladdr 02:00:00:00:de:ad dev customer
	run flood p1 python3 -c '
import socket, time
out = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
while True:
    began = time.monotonic()
    for n in range(875):
        out.sendto(bytes(1150), ("2001:db8:1:a::dead", 9))
        time.sleep(max(0, began + n / 625 - time.monotonic()))
    time.sleep(1)
'
}
wide() { kill "$(pid_of flood)"; tc -n p1a qdisc del dev customer root; }

# counted NAME: the sum over both hosts.
counted() { echo $(($(stat_of A "$1") + $(stat_of B "$1"))); }
counted_is() { [ "$(counted "$1")" = "$2" ] || { echo "$1: $(counted "$1"), not $2"; for h in A B; do in_ns $h shim6 -s -d context show; done; return 1; }; }

# traffic KIND: LONG seconds of it alone.
traffic() {
	case $1 in
	sparse) start_talk "$1" tcp $((10 * LONG)) 100 200 ;;
	datagrams) start_talk "$1" udp $((50 * LONG)) 20 160 ;;
	bulk) start_stream "$1" $((250000 * LONG)) 2000000 ;;
	esac
	wait_for $((LONG + 60)) ended "$1"
}

# under WEATHER: each kind of traffic, and nobody moves. Of Probes there are at most test-limit a second from who tests, as many
# answers, and one a second and its answer for the pair that stands by.
under() {
	local kind before began probes seconds most
	for kind in sparse datagrams bulk; do
		before=$(counted tx-probe) began=$(now_ms)
		traffic $kind || echo "# $kind did not come to its end"
		seconds=$((($(now_ms) - began) / 1000 + 1)) probes=$(($(counted tx-probe) - before))
		most=$((seconds * 2 * (2 * 24 + 2)))
		note "$1, $kind: $probes Probes in $seconds s, $(counted tests) tests and $(counted false-alarms) false alarms so far"
		ok "$1, $kind: no pair was left" counted_is switches 0
		ok "$1, $kind: $probes Probes in $seconds s are no more than the settings allow" below "$probes" $most
	done
}

# Nobody has a connection open, and no timer runs that makes somebody speak.
quiet() {
	local h
	for h in A B; do
		[ -z "$(in_ns $h ss -Htn state connected exclude time-wait)" ] || return 1
		contexts $h | python3 -c '
import json, sys
sys.exit(any(timer["kind"] != "idle" for context in json.load(sys.stdin) for timer in context["timers"]))' || return 1
	done
}

# at_rest SECONDS: once what was sent last has been kept alive, nobody says anything for so long.
at_rest() {
	local before h
	wait_for 90 quiet || return 1
	before=$(($(counted tx-probe) + $(counted tx-keepalive)))
	sleep "$1"
	[ $(($(counted tx-probe) + $(counted tx-keepalive))) = $before ] && return
	for h in B A; do in_ns $h shim6 -s context show; in_ns $h shim6 stats; done | grep -E 'received|keepalives|tx-(probe|keepalive)|tests'
	return 1
}

shim6_hosts
servers
PEER=$(host_address B 1)
for h in A B; do ok "a pair stands by at host $h" in_ns $h shim6 set standby-interval 1000; done
ok "a context is established" eval 'traffic sparse && context_says A established && context_says B established'
ok "5 of 100 packets are lost" weather delay 5ms loss 5%
under loss
ok "packets overtake each other" weather delay 10ms reorder 30%
under reordering
ok "the jitter is as large as the round trip" weather delay 10ms 10ms
under jitter
ok "the weather is fine" weather delay 5ms rate 50mbit
bottleneck
under "a queue that grows"
ok "the link is wide again" wide
for n in 1 2 3; do
	ok "rest $n: neither Probe nor Keepalive" at_rest $((5 * LONG))
	start_stream burst$n 300000 50000000
	ok "burst $n comes through" complete burst$n 30
	ok "burst $n: no pair was left" counted_is switches 0
done
finish
