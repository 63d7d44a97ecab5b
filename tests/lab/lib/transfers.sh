# SPDX-License-Identifier: GPL-2.0
# Big transfers between two machines, both ways, before and after their context has switched.

quick_detection_here() { shim6 set send-timeout 3000; }

# What a scenario has to do at the moment when the context has switched.
once_switched() { :; }

transfers() { # LABEL
	start_stream big 8000000 99000000000 60
	ok "$1: a stream as fast as it goes, to machine $MACHINE" complete big 240
	start_talk records tcp 10 50 60000 60
	ok "$1: TCP records of 60000 octets, from machine $MACHINE" complete records 240
	start_talk datagrams udp 20 50 1400 30
	ok "$1: datagrams of 1400 octets, from machine $MACHINE" complete datagrams 240
}

transfers_across_a_switch() {
	run serve $MACHINE $TRAFFIC serve 5001
	ok "machine $MACHINE: answers" answers
	ok "machine $MACHINE: quick detection" quick_detection_here
	meet ready
	on A && transfers "before"
	meet one
	on B && transfers "before"
	meet two
	ok "machine $MACHINE: the context is established" wait_for 30 context_says $MACHINE established
	meet established
	on A && blacken
	start_talk opener udp 400 50 100 60
	ok "machine $MACHINE: the context switches" wait_for 60 switched_here
	once_switched
	meet switched
	on A && transfers "switched"
	meet three
	on B && transfers "switched"
	meet four
	on A && whiten
}
