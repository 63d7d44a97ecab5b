# SPDX-License-Identifier: GPL-2.0
# Extension headers that a sender puts into its packets, switched: the payload header goes after Hop-by-Hop Options, after a Routing
# header and the Destination Options before it, and before everything else (RFC 5533 sections 4.6 and 11.1).
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "extension headers in switched packets"
shim6_hosts
capture A "ip6"
servers
PEER=$(host_address B 1)
LOCAL=$(host_address A 1)
quick_detection
P="python3 $LIB/packets.py"
echoes() { A $P echo "$LOCAL" "$PEER" 5002 "$@"; }
CHAINS="- hop dst rt hop,dst hop,rt dst,rt rt,dst hop,dst,rt,dst sticky:hop sticky:dst sticky:hop,dst sticky:hop,dst+octets:5000"

for chain in $CHAINS; do ok "unswitched: $chain" echoes "$chain" 3; done
ok "a context comes" wait_for 15 has_context
fail blackhole
start_ping pings 300 0.1
ok "the context is switched" wait_for 20 eval 'switched A && switched B'
ok "datagrams are echoed" wait_for 10 echoes - 3
for chain in $CHAINS; do ok "switched: $chain" echoes "$chain" 3; done
sleep 1
$P chains "$DIR/a2.pcap" > "$WORK/chains"
seen() { cat "$WORK/chains"; grep -q " $1\$" "$WORK/chains"; }
for chain in shim6,udp hop,shim6,udp shim6,dst,udp rt,shim6,udp hop,shim6,dst,udp hop,rt,shim6,udp dst,rt,shim6,udp rt,shim6,dst,udp \
	hop,dst,rt,shim6,dst,udp hop,shim6,frag,dst,udp; do
	ok "on the wire: $chain" seen $chain
done
ok "no other order was seen" eval '! grep shim6 "$WORK/chains" | grep -q -e "dst,shim6" -e "shim6,rt" -e "shim6,hop" -e "frag,shim6"'
finish
