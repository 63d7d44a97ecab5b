# SPDX-License-Identifier: GPL-2.0
# Switched packets of TCP, UDP and ping, captured whole where nobody leaves a checksum to a network card: tshark checks every one of
# them over the ULIDs afterwards. Each keeps the flow label that it had above the shim, so that routers and cards that look at labels
# go on spreading what is switched.
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
ok "it is switched" wait_for 20 eval 'switched A && switched B'

# A ping with a flow label of its own, and what else A sends has the labels that sockets choose: none is lost at provider 2, where
# all is switched, nor at B, where it is turned back.
LABEL=0xabcde
watch_labels() {
	local which="chain which { ip6 flowlabel $LABEL counter return; ip6 flowlabel 0 counter return; counter; }"
	in_ns p2 nft "table ip6 label {
		$which
		chain seen { type filter hook forward priority 0; iifname edge-a ip6 nexthdr 140 jump which; }
	}" && B nft "table ip6 label {
		$which
		chain seen { type filter hook input priority 0; ip6 daddr $PEER ip6 nexthdr { tcp, udp, icmpv6 } jump which; }
	}"
}
# counted HOST PLACE: what the counter in that place says.
counted() { in_ns "$1" nft list chain ip6 label which | sed -n 's/.*counter packets \([0-9]*\).*/\1/p' | sed -n "$2p"; }
labelled() { # HOST
	[ "$(counted "$1" 1)" = 20 ] && [ "$(counted "$1" 3)" -gt 50 ] && return
	in_ns "$1" nft list table ip6 label
	return 1
}
ok "flow labels are watched" watch_labels
ok "a ping with a flow label" A ping -F $LABEL -c 20 -i 0.1 "$PEER"
for h in p2 B; do
	ok "at $h it has its flow label" wait_for 10 labelled $h
	ok "and nothing is without one" [ "$(counted $h 2)" = 0 ]
done
for name in stream sparse udp ping; do ok "$name comes to its end, all right" complete $name 90; done
ok "some of it went with a payload extension header" payload_headers
finish
