# SPDX-License-Identifier: GPL-2.0
# The lab itself, without shim6: the paths are there, ingress filters drop, each failure cuts what it says and heals, and a TCP
# stream across a failed path does stall. If this fails, believe nothing that the other scenarios say.
. "$LIB/scenario.sh"
begin "the lab: paths, filters, failures, heals, all without shim6"
plain_hosts

up() { ping_path A "$1" "$2"; }
A1=$(host_address A 1) A2=$(host_address A 2) B1=$(host_address B 1) B2=$(host_address B 2)

rtt=$(A ping -6 -q -c 5 -i 0.2 -I "$A1" "$B1" | sed -n 's,^rtt [^=]*= [^/]*/\([^/]*\)/.*,\1,p')
ok "the round trip of a path is 20 ms" within "$rtt" 20 21

# From A by the wrong uplink: the rule for A1's prefix is bent for a moment.
ip -6 -n A rule add from 2001:db8:1:a::/64 lookup 102 pref 50
ok "a packet with the other provider's prefix is dropped at the edge" not up "$A1" "$B1"
ok "and counted there" in_ns p2a sh -c "nft list chain ip6 ingress customer | grep -q 'packets [1-9]'"
ip -6 -n A rule del from 2001:db8:1:a::/64 lookup 102 pref 50

for kind in carrier-host carrier-far uplink-down driver-unbound blackhole blackhole-out blackhole-in unreach-in unreach-out; do
	fail $kind
	ok "$kind: A's path through provider 1 is dead" not up "$A1" "$B1"
	ok "$kind: A's path through provider 2 lives" up "$A2" "$B1"
	heal $kind
	ok "$kind: healed" wait_for 10 every_path
done
fail provider
ok "provider: whoever uses provider 1 is cut off" not up "$A2" "$B1"
ok "provider: provider 2 alone lives" up "$A2" "$B2"
heal provider
ok "provider: healed" wait_for 10 every_path

servers
PEER=$B1
start_stream whole 1000000 20000000
ok "a stream arrives whole" complete whole
start_stream cut 4000000 20000000 4
ok "a stream is under way" wait_for 10 progress_over cut 1000000
fail blackhole B
ok "without shim6 it stalls across a black hole" not complete cut
ok "for as long as it was given" above "$(said cut longest_stall)" 3.9
finish
