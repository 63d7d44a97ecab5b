# SPDX-License-Identifier: GPL-2.0
# The module is unloaded while packets fly, before and after a switch, and loaded again: nothing is left, and plain traffic goes on.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "unloading under traffic"
shim6_hosts
servers
PEER=$(host_address B 1)

for round in 1 2 3; do
	quick_detection
	start_stream "stream$round" 400000000 30000000 60
	start_talk "udp$round" udp 3000 10 400
	ok "round $round: traffic is under way" wait_for 20 progress_over "stream$round" 2000000
	ok "round $round: a context is established" wait_for 15 has_context
	if [ $round = 2 ]; then
		fail blackhole
		ok "round $round: the traffic is switched" wait_for 20 payload_headers
	fi
	ok "round $round: the module unloads" module_unload
	ok "round $round: nothing is left" nothing_left
	[ $round != 2 ] || heal blackhole
	progress "udp$round" > "$WORK/udp$round.before"
	for h in A B; do for n in 1 2; do set_address_back $h $n; done; done
	ok "round $round: plain traffic between the same addresses goes on" wait_for 10 gone_on "udp$round" 20
	kill "$(pid_of "stream$round")" "$(pid_of "udp$round")" 2>/dev/null
	ok "round $round: it loads again" module_load
	for h in A B; do ok "round $round: host $h loads its set again" hba_load $h; done
done
ok "every path works" every_path
finish
