# SPDX-License-Identifier: GPL-2.0
# One host forgets its contexts (as a reboot or a reload would have it) while TCP goes on: a context that was not switched comes
# again by a new exchange, a switched one by R1bis and I2bis, and the connections never notice.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "one host forgets its contexts, TCP goes on"
shim6_hosts
capture A
servers
PEER=$(host_address B 1)
quick_detection
forget() { in_ns "$1" shim6 -j context show | grep -o '"id":[0-9]*' | cut -d: -f2 | while read -r id; do in_ns "$1" shim6 context del "$id" || return 1; done; }
stat_above() { [ "$(stat_of "$1" "$2")" -gt "$3" ]; }
marked() { for name in stream sparse; do progress $name > "$WORK/$name.before"; done; }

start_stream stream 9000000 1000000
start_talk sparse tcp 700 100 200
ok "TCP is under way, both ways" wait_for 20 progress_over sparse 5
ok "a context is established" wait_for 15 has_context
for h in B A; do
	ok "unswitched: $h forgets its context" forget $h
	marked
	ok "unswitched: the stream goes on at once" wait_for 2 gone_on stream 10000
	ok "unswitched: both have a context again" wait_for 40 has_context
done
ok "unswitched: no header was needed for it" no_payload_headers

fail blackhole
ok "after a failure the connections are switched" wait_for 20 moved
marked
for name in stream sparse; do ok "and $name goes on" wait_for 20 gone_on $name 20; done
ok "switched: both ends are" wait_for 10 eval 'switched A && switched B'
for h in B A; do
	other=$(echo $h | tr AB BA)
	before=$(stat_of "$other" contexts-recovered)
	ok "switched: $h forgets its context" forget $h
	marked
	for name in stream sparse; do ok "switched: $name goes on" wait_for 20 gone_on $name 20; done
	ok "switched: $h has told $other by R1bis" stat_above $h tx-r1bis 0
	ok "switched: $other has set it up anew" stat_above "$other" contexts-recovered "$before"
	ok "switched: one context at each end" eval 'has_context && [ "$(context_count A)" = 1 ] && [ "$(context_count B)" = 1 ]'
done
heal blackhole
for name in stream sparse; do ok "$name comes to its end, all right" complete $name 90; done
finish
