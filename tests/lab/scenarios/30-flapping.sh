# SPDX-License-Identifier: GPL-2.0
# A's first uplink goes black for two seconds, every four seconds. That must neither kill what runs nor make it wander for ever.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "a flapping uplink"
shim6_hosts
capture A
servers
PEER=$(host_address B 1)
ok "TCP, sparse TCP, UDP and ping are under way" traffic_on 50
ok "a context is established" wait_for 15 has_context
for i in $(seq 10); do
	fail blackhole; sleep 2
	heal blackhole; sleep 2
done
went_back() { for h in A B; do in_ns $h shim6 -s -d context show; done | grep 'cause preference'; }
ok "they moved" moved
ok "nobody went back to it: it was never good for the return time" not went_back
for name in stream sparse udp ping; do ok "$name comes to its end, all right" complete $name 90; done
ok "UDP never waited longer than $(said udp longest_stall) s" below "$(said udp longest_stall)" 5
finish
