# SPDX-License-Identifier: GPL-2.0
# A context comes by itself from TCP, UDP or ping, and its coming is not felt: no packet is lost or late.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "contexts come from TCP, UDP and ping, unnoticed"
shim6_hosts
capture A
servers
ok "no context before there is traffic" [ "$(context_count A)" = 0 ]
for h in A B; do ok "$h: by the number of packets alone" in_ns $h shim6 set start-time 0; done
ok "a few pings are answered" A ping -6 -q -c 3 -i 0.05 -I "$(host_address A 2)" "$(host_address B 1)"
ok "nobody answers where nobody is" not A ping -6 -q -c 5 -i 0.2 -W 1 2001:db8:2:b::dead
ok "neither makes a context" [ "$(context_count A)" = 0 ]
ok "nor a packet of Shim6" [ "$(A shim6 -j stats show tx-i1 | grep -o '[0-9]*}')" = "0}" ]
for h in A B; do ok "$h: by time, too" in_ns $h shim6 set start-time 5000; done

PEER=$(host_address B 1)
start_ping ping 30 0.1
ok "thirty pings are answered" complete ping
ok "ping has made a context, established on both hosts" wait_for 5 has_context
first=$(sed -n 's/.*time=\([0-9.]*\) ms.*/\1/p' "$WORK/ping.log" | sort -n | tail -1)
ok "the slowest of them took $first ms: none waited for the context" below "$first" 25

PEER=$(host_address B 2)
start_talk udp udp 60 20 160
ok "sixty datagrams are echoed" complete udp
ok "UDP has made a second context" wait_for 5 context_count_is A 2
ok "the slowest answer came in time" below "$(said udp longest_stall)" 0.1

start_stream stream 1000000 20000000
ok "a stream arrives whole" complete stream
ok "as quickly as without shim6" below "$(said stream longest_stall)" 0.1
ok "the same number of contexts on both hosts" [ "$(context_count A)" = "$(context_count B)" ]
ok "no packet was ever rewritten: ULIDs are the locators in use" no_payload_headers
finish
