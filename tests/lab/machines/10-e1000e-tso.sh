# SPDX-License-Identifier: GPL-2.0
# Network cards that segment TCP by themselves (e1000e with TSO on) compute checksums from the addresses they see. In switched packets
# these are locators, so the card must never be given such a packet to segment. Big transfers both ways show it: one wrong checksum
# in each segment, and nothing would arrive.
. "$LIB/machines.sh"
start "e1000e with TSO: big transfers, switched"
shim6_machine
ok "machine $MACHINE: TSO is on" sh -c "ethtool -k $(card_of 1) | grep -q 'tcp-segmentation-offload: on'"
run serve $MACHINE $TRAFFIC serve 5001
run echo $MACHINE $TRAFFIC echo 5002 $(host_address $MACHINE 1) $(host_address $MACHINE 2)
wait_for 30 listening $MACHINE 5002
quick_detection_here() { shim6 set send-timeout 3000; }
ok "machine $MACHINE: quick detection" quick_detection_here
meet ready

transfers() { # LABEL
	start_stream big 8000000 99000000000 60
	ok "$1: a stream as fast as it goes, to machine $MACHINE" complete big 240
	start_talk records tcp 10 50 60000 60
	ok "$1: TCP records of 60000 octets, from machine $MACHINE" complete records 240
	start_talk datagrams udp 20 50 1400 30
	ok "$1: datagrams of 1400 octets, from machine $MACHINE" complete datagrams 240
}
on A && transfers "before"
meet one
on B && transfers "before"
meet two
ok "machine $MACHINE: the context is established" wait_for 30 context_says $MACHINE established
meet established
on A && blacken
start_talk opener udp 400 50 100 60
ok "machine $MACHINE: the context switches" wait_for 60 switched_here
meet switched
on A && transfers "switched"
meet three
on B && transfers "switched"
meet four
on A && whiten
finish
