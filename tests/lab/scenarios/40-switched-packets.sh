# SPDX-License-Identifier: GPL-2.0
# Switched packets of TCP, UDP and ping, captured whole where nobody leaves a checksum to a network card: tshark checks every one of
# them over the ULIDs afterwards.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "every switched packet is right on the wire"
shim6_hosts
for h in A B; do
	s=$(echo $h | tr AB ab)
	for n in 1 2; do in_ns $h ethtool -K $s$n tx off tso off gso off gro off rx off > /dev/null 2>&1; done
done
touch "$DIR/checksums"
capture A; capture B
servers
PEER=$(host_address B 1)
quick_detection
ok "TCP, sparse TCP, UDP and ping are under way" traffic_on 12
ok "a context is established" wait_for 15 has_context
fail blackhole
for name in stream sparse udp ping; do ok "$name comes to its end, all right" complete $name 90; done
ok "some of it went with a payload extension header" payload_headers
finish
