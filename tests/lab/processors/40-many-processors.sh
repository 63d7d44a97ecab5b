# SPDX-License-Identifier: GPL-2.0
# Four processors and cards with several queues (igb), in real time and really at the same time. Many connections of one context go
# both ways at once, are switched, and go on; meanwhile the contexts are looked at and settings change again and again, as fast as
# it goes. Everything must arrive, and the kernel must have nothing to complain of. Nothing is measured.
. "$LIB/machines.sh"
. "$LIB/transfers.sh"
CARDS=4
start "four processors, cards with several queues"
card() { echo "$(echo "$MACHINE" | tr AB ab)$1"; }
several_queues() { [ "$(ls -d "/sys/class/net/$(card 1)"/queues/rx-* "/sys/class/net/$(card 1)"/queues/tx-* | wc -l)" -ge 4 ]; }
# What the card's own hash leaves on one processor is spread by the kernel, which looks at flow labels, too.
spread_packets() {
	local queue
	for queue in /sys/class/net/*/queues/rx-*/rps_cpus; do echo f > "$queue" || return 1; done
}
received() { awk '$1 == "NET_RX:" { print $2, $3, $4, $5 }' /proc/softirqs; }
# Since then at least three of them have received.
all_received() {
	{ cat "$WORK/received"; received; } | awk '
		NR == 1 { split($0, before) }
		NR == 2 { for (i = 1; i <= 4; i++) n += $i - before[i] > 100; print "received since: " $0; exit !(n >= 3) }'
}
# Control's part: dumps, and settings that make every memo void.
control_goes_on() {
	run control "$MACHINE" sh -c 'while :; do shim6 -s -d context show; shim6 set send-timeout 3000; done > /dev/null'
}

crowd() { # LABEL
	local n
	for n in 1 2 3; do
		start_stream "big$n" 3000000 99000000000 120
		start_talk "records$n" tcp 10 50 60000 120
		start_talk "datagrams$n" udp 200 50 1400 60
	done
	for n in 1 2 3; do
		ok "$1: stream $n, to machine $MACHINE" complete "big$n" 300
		ok "$1: TCP records $n, from machine $MACHINE" complete "records$n" 300
		ok "$1: datagrams $n, from machine $MACHINE, none of them wrong" none_wrong "datagrams$n" 100 300
	done
}

ok "machine $MACHINE: four processors" [ "$(nproc)" = 4 ]
ok "machine $MACHINE: the cards have several queues" several_queues
ok "machine $MACHINE: packets are spread" spread_packets
shim6_machine
run serve $MACHINE $TRAFFIC serve 5001
ok "machine $MACHINE: answers" answers
ok "machine $MACHINE: quick detection" quick_detection_here
received > "$WORK/received"
meet ready
crowd "before"
meet crowded
ok "machine $MACHINE: the context is established" wait_for 30 context_says $MACHINE established
meet established
on A && blacken
start_talk opener udp 400 50 100 60
ok "machine $MACHINE: the context switches" wait_for 60 switched_here
meet switched
control_goes_on
crowd "switched"
ok "machine $MACHINE: control has gone on" running control
ok "machine $MACHINE: three processors or more have received" all_received
meet done
on A && whiten
finish
