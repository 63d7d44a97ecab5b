# SPDX-License-Identifier: GPL-2.0
# Extension headers that a sender puts into its packets, switched: the payload header goes after Hop-by-Hop Options, after a Routing
# header and the Destination Options before it, and before everything else (RFC 5533 sections 4.6 and 11.1). Fragments: each has a
# payload header of its own; they are put together whichever of the two headers comes first, and over whichever paths they come.
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
CHAINS="- hop dst rt hop,dst hop,rt dst,rt rt,dst hop,dst,rt,dst frag hop,frag,dst sticky:hop sticky:dst sticky:hop,dst sticky:hop,dst+octets:5000"

ok "not switched: each chain is echoed" echoes 3 $CHAINS
ok "a context comes" wait_for 15 has_context
fail blackhole
start_ping pings 300 0.1
ok "the context is switched" wait_for 20 eval 'switched A && switched B'
ok "datagrams are echoed" wait_for 10 echoes 3 -
ok "switched: each chain is echoed" echoes 3 $CHAINS
refused=$(stat_of B rx-switched)
ok "one that is to visit other nodes first is nobody's here" not echoes 1 rt+
sleep 1
$P chains "$DIR/a2.pcap" > "$WORK/chains"
$P chains "$DIR/a1.pcap" > "$WORK/chains1"
seen() { cat "$WORK/chains"; grep -q " $1\$" "$WORK/chains"; }
for chain in shim6,udp hop,shim6,udp shim6,dst,udp rt,shim6,udp hop,shim6,dst,udp hop,rt,shim6,udp dst,rt,shim6,udp rt,shim6,dst,udp \
	hop,dst,rt,shim6,dst,udp shim6,frag,udp shim6,frag,... hop,shim6,frag,dst,udp; do
	ok "on the wire: $chain" seen $chain
done
ok "no other order was seen" eval '! grep shim6 "$WORK/chains" | grep -q -e "dst,shim6" -e "shim6,rt" -e "shim6,hop" -e "frag,shim6"'
ok "what is to visit other nodes went as it was" eval 'grep -q " rt,udp\$" "$WORK/chains1" && ! grep -q "rt+" "$WORK/chains"'

# Switched packets made by hand.
TAG=$(A shim6 -d context show peer "$PEER" | sed -n 's/.*tag local 0x[0-9a-f]* peer 0x\([0-9a-f]*\).*/\1/p')
FROM=$(host_address A 2) TO=$(host_address B 2)
inject() { A $P inject "$LOCAL" "$PEER" "$@"; } # LOCATOR LOCATOR PORT TAG COUNT CHAIN...
ORDERS="shim6 shim6,frag frag,shim6 hop,frag,shim6 hop,shim6,frag,dst dst,frag,dst,shim6 frag,shim6,dst"
ok "fragments before or behind the payload header are put together" inject "$FROM" "$TO" 5002 "$TAG" 2 $ORDERS
PIECES="frag1,shim6 hop,frag1,shim6 dst,frag1,dst,shim6 frag1,shim6,dst shim6,frag1"
ok "and what came in one piece with a Fragment header" inject "$FROM" "$TO" 5002 "$TAG" 2 $PIECES
# More headers than are walked through, and a payload header before another: to nobody, once.
MANY=frag1,dst,dst,dst,dst,dst,dst,dst,dst,dst,shim6
ok "what has too many headers comes to nobody" not inject "$FROM" "$TO" 5002 "$TAG" 1 $MANY shim6,shim6
softirqs() { awk '/^cpu / { print $8 }' /proc/stat; }
before=$(softirqs)
sleep 1
ok "nothing goes round in circles: $(($(softirqs) - before)) hundredths of a second in softirq" [ $(($(softirqs) - before)) -lt 50 ]
ok "and those that come over four paths in turn" inject "$FROM,2001:db8:2:a::77" "$TO,$PEER" 5002 "$TAG" 2 shim6,frag
ok "none of it makes B ask" [ "$(stat_of B tx-r1bis)" = 0 ]
before=$(stat_of B drop-unknown-tag)
ok "with a tag that nobody has they come to nobody" not inject "$FROM" "$TO" 5002 000000000001 1 shim6,frag frag,shim6
ok "as B has counted" [ "$(stat_of B drop-unknown-tag)" -gt "$before" ]

# A firewall that knows connections: it sees whole packets between ULIDs, and takes none for a stranger's. Before it, what knows which
# link an address belongs to sees locators alone.
ok "B gets a firewall" in_ns B nft -f - <<-E
	table ip6 wall {
		chain in {
			type filter hook input priority filter; policy drop;
			ct state established,related accept
			ct state invalid counter drop
			ip6 daddr $PEER ip6 saddr $LOCAL udp dport 5002 counter accept
			meta l4proto ipv6-icmp accept
			meta l4proto 140 accept
		}
	}
	table ip6 edge {
		chain in {
			type filter hook prerouting priority raw;
			iifname b2 ip6 saddr $LOCAL counter drop
		}
	}
	E
ok "through it fragments in both orders are put together, too" inject "$FROM" "$TO" 5002 "$TAG" 2 $ORDERS
ok "large datagrams pass" echoes 3 sticky:hop,dst+octets:5000 frag
ok "nothing seemed to come by the other provider's link" eval 'B nft list chain ip6 edge in | grep -q "counter packets 0 "'
ok "nothing was taken for invalid" eval 'B nft list chain ip6 wall in | grep -q "invalid counter packets 0 "'
finish
