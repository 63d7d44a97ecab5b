# SPDX-License-Identifier: GPL-2.0
# IPsec above the shim: policies for the ULIDs hold over a switch, on the way out (ESP inside the payload header) and on the way in
# (what comes under the tag without ESP is not let in). And below it: what a gateway on the way has put into a tunnel is taken out of
# it first (RFC 5533 section 16.1).
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "IPsec between ULIDs over a switch"
shim6_hosts
capture A "ip6"
servers
PEER=$(host_address B 1)
ULID=$(host_address A 1)
OTHER=$(host_address A 2)
GATEWAY=2001:db8:2:fa::2
P="python3 $LIB/packets.py"
quick_detection
chains() { $P chains "$DIR/$1.pcap" > "$WORK/chains"; cat "$WORK/chains"; }
seen() { chains "$1" && grep -q " $2\$" "$WORK/chains"; }
tag_of_b() { B shim6 -j context show | sed -n 's/.*"tag":{[^}]*"local":"\(0x[0-9a-f]*\)".*/\1/p'; }
inject() { A $P inject "$ULID" "$PEER" "$OTHER" "$PEER" 5002 "$(tag_of_b)" 3 shim6; }
kept_out() { B awk '/^XfrmInTmplMismatch/ { print $2 }' /proc/net/xfrm_stat; }
state() { in_ns "$1" ip xfrm state add src "$2" dst "$3" proto esp spi "$4" mode "$5" enc 'cbc(aes)' 0x00112233445566778899aabbccddeeff auth 'hmac(sha256)' 0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f; }
policy() { in_ns "$1" ip xfrm policy add src "$2" dst "$3" dir "$4" tmpl proto esp mode transport; }
ipsec() {
	modprobe -q esp6; modprobe -q xfrm_user
	local h
	for h in A B; do
		state $h "$ULID" "$PEER" 0x101 transport && state $h "$PEER" "$ULID" 0x102 transport || return 1
	done
	policy A "$ULID" "$PEER" out && policy A "$PEER" "$ULID" in && policy B "$PEER" "$ULID" out && policy B "$ULID" "$PEER" in
}
no_ipsec() { for h in A B; do in_ns $h ip xfrm policy flush && in_ns $h ip xfrm state flush || return 1; done; }

ok "A and B want ESP between the ULIDs" ipsec
start_talk tcp tcp 3000 20 200
ok "TCP is under way" wait_for 20 progress_over tcp 20
ok "a context is established" wait_for 15 has_context
ok "on the wire: ESP" wait_for 5 seen a1 esp
ok "and no TCP" not seen a1 tcp
fail blackhole
ok "the context is switched" wait_for 20 eval 'switched A && switched B'
progress tcp > "$WORK/tcp.before"
ok "TCP goes on" wait_for 10 gone_on tcp 50
ok "on the wire: ESP inside the payload header" wait_for 5 seen a2 shim6,esp
ok "and no TCP, switched or not" eval 'not seen a2 shim6,tcp && not seen a2 tcp'
before=$(kept_out)
ok "who knows the tag but not the keys is not let in" not inject
ok "by the policy, behind the shim" [ "$(kept_out)" -ge $((before + 3)) ]
progress tcp > "$WORK/tcp.before"
ok "TCP goes on" wait_for 10 gone_on tcp 50
ok "without policies" no_ipsec
ok "the same packets are let in" inject

# A's second provider has a tunnel to B, for everything that A sends there.
tunnel() {
	local there
	there=$(A shim6 context show | sed -n 's/^ *path local [0-9a-f:]* peer \([0-9a-f:]*\) .*/\1/p')
	echo "to $there"
	state p2a $GATEWAY "$there" 0x201 tunnel && state B $GATEWAY "$there" 0x201 tunnel &&
		in_ns p2a ip xfrm policy add src "$OTHER" dst "$there" dir out tmpl src $GATEWAY dst "$there" proto esp mode tunnel &&
		B ip xfrm policy add src "$ULID" dst "$PEER" dir in tmpl src $GATEWAY dst "$there" proto esp mode tunnel level use
}
esp_at_b() { B ip -s xfrm state | grep -A1 'current:' | grep -q ' [1-9][0-9]*(packets)'; }
ok "a gateway on the way puts A's packets into a tunnel" tunnel
progress tcp > "$WORK/tcp.before"
ok "TCP goes on: out of the tunnel first, then to the shim" wait_for 10 gone_on tcp 50
ok "B has had packets of the tunnel" esp_at_b
ok "TCP comes to its end, all right" complete tcp 120
finish
