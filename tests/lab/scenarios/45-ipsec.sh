# SPDX-License-Identifier: GPL-2.0
# IPsec between the ULIDs goes on over a switch: TCP in ESP and UDP in AH, both in transport mode, and ping in an ESP tunnel. IPsec is
# above the shim (RFC 5533 section 4.6): its headers come behind the payload header, and what it signs and encrypts has ULIDs, so AH,
# which signs the addresses, proves that the peer's IPsec sees them, too.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "IPsec between the ULIDs"
shim6_hosts
capture A "ip6"
servers
PEER=$(host_address B 1)
LOCAL=$(host_address A 1)
GCM="aead rfc4106(gcm(aes)) 0x000102030405060708090a0b0c0d0e0f10111213 128"
SHA="auth hmac(sha256) 0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
CBC="enc cbc(aes) 0x000102030405060708090a0b0c0d0e0f"
xfrm() { # HOST OUT IN: an association of each kind in each direction, and who must use it
	local h=$1
	{
		for way in "src $2 dst $3" "src $3 dst $2"; do
			echo "xfrm state add $way proto esp spi 0x101 reqid 1 mode transport $GCM"
			echo "xfrm state add $way proto ah spi 0x102 reqid 2 mode transport $SHA"
			echo "xfrm state add $way proto esp spi 0x103 reqid 3 mode tunnel $CBC $SHA"
		done
		for way in "out $2 $3" "in $3 $2"; do
			set -- $way
			echo "xfrm policy add src $2 dst $3 proto tcp dir $1 tmpl src $2 dst $3 proto esp reqid 1 mode transport"
			echo "xfrm policy add src $2 dst $3 proto udp dir $1 tmpl src $2 dst $3 proto ah reqid 2 mode transport"
			echo "xfrm policy add src $2 dst $3 proto ipv6-icmp type 128 dir $1 tmpl src $2 dst $3 proto esp reqid 3 mode tunnel"
			echo "xfrm policy add src $2 dst $3 proto ipv6-icmp type 129 dir $1 tmpl src $2 dst $3 proto esp reqid 3 mode tunnel"
		done
	} > "$WORK/$h.xfrm"
	ip -n "$h" -batch "$WORK/$h.xfrm"
}
ok "A has its associations" xfrm A "$LOCAL" "$PEER"
ok "B has its associations" xfrm B "$PEER" "$LOCAL"
quick_detection
ok "TCP, sparse TCP, UDP and ping are under way" traffic_on 10
ok "a context comes" wait_for 15 has_context
fail blackhole
ok "it is switched" wait_for 20 eval 'switched A && switched B'
for name in stream sparse udp ping; do ok "$name comes to its end, all right" complete $name 60; done
start_stream big 3000000 99000000000 10
ok "a TCP stream as fast as it goes" complete big
ok "without a stall ($(said big longest_stall) s)" below "$(said big longest_stall)" 0.5
start_talk large udp 10 20 5000 5
ok "datagrams of 5000 octets" complete large
start_talk full udp 10 20 1420 5
ok "datagrams that fit no more with all their headers" complete full
ok "pings of 1440 octets" A ping -6 -q -c 3 -i 0.1 -s 1440 -I "$LOCAL" "$PEER"
sleep 1
python3 "$LIB/packets.py" chains "$DIR/a2.pcap" > "$WORK/chains"
seen() { cat "$WORK/chains"; grep -q " $1\$" "$WORK/chains"; }
for chain in shim6,esp shim6,ah shim6,frag,ah; do ok "on the wire: $chain" seen $chain; done
ok "nothing was in clear, and IPsec never outside" eval '! grep -e "shim6,tcp" -e "shim6,udp" -e "shim6,icmp" -e "esp,shim6" -e "ah,shim6" "$WORK/chains"'
for h in A B; do ok "$h's IPsec has found no fault" eval '! in_ns $h awk "\$2 != 0" /proc/net/xfrm_stat | grep .'; done
finish
