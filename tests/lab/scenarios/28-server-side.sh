# SPDX-License-Identifier: GPL-2.0
# The failure is on the server's side: B's uplink to provider 1 goes black, A's is well.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "a silent black hole at the server's uplink"
shim6_hosts
capture B
servers
PEER=$(host_address B 1)
ok "TCP, sparse TCP, UDP and ping are under way" traffic_on 45
ok "a context is established" wait_for 15 has_context
fail blackhole B
for name in stream sparse udp ping; do ok "$name comes to its end, all right" complete $name 120; done
ok "the stream stalled for $(said stream longest_stall) s, at most 35" below "$(said stream longest_stall)" 35
heal blackhole B
finish
