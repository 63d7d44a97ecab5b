# SPDX-License-Identifier: GPL-2.0
# Programs choose the addresses of an HBA set although the interfaces have others of the same prefixes: static ones, SLAAC's and
# temporary ones; and `shim6 hba remove` leaves everything as it was. What on-link neighbours and tunnels see does not change.
. "$LIB/scenario.sh"
begin "source addresses: programs choose those of the HBA set"
topology_up
ok "the module loads" module_load

# source_to DESTINATION: the source address that a program on A gets.
source_to() { A ip -6 route get "$1" | grep -o ' src [^ ]*' | cut -d' ' -f3; }
source_is() { [ "$(source_to "$1")" = "$2" ] || { echo "source of $1: $(source_to "$1"), not $2"; return 1; }; }
temporary() { ip -n A -6 -o addr show dev a1 temporary | grep -o '2001:[0-9a-f:]*' | head -1; }

# Provider 1's edge router announces its prefix, so that A has SLAAC's and temporary addresses of it.
A sysctl -qw net.ipv6.conf.a1.accept_ra=1 net.ipv6.conf.a1.use_tempaddr=2
cat > "$WORK/radvd.conf" <<E
interface customer {
	AdvSendAdvert on;
	MinRtrAdvInterval 3;
	MaxRtrAdvInterval 4;
	prefix 2001:db8:1:a::/64 { };
};
E
run radvd p1a radvd -n -C "$WORK/radvd.conf" -p "$WORK/radvd.pid"
ok "A has a temporary address by SLAAC" wait_for 20 eval '[ -n "$(temporary)" ]'
BEFORE=$(source_to 2001:db8:1:b::1)
ip -n A addrlabel > "$WORK/labels"

ok "an HBA set is made" hba_generate A
ok "and loaded" hba_load A
ONE=$(set_address A 1)
TWO=$(set_address A 2)
ok "the set's address is the source by provider 1" source_is 2001:db8:1:b::1 "$ONE"
ip -n A -6 addr add 2001:db8:1:a::99/64 dev a1 nodad
ok "also when another address of the prefix comes later" source_is 2001:db8:1:b::1 "$ONE"
ok "a neighbour on the link sees another address than the set's" not source_is 2001:db8:1:a::1 "$ONE"
ok "no address was deprecated for it" not sh -c 'ip -n A -6 addr show dev a1 | grep -q deprecated'

ip -n A link add tunnel type veth peer name remote
ip -n A link set tunnel up; ip -n A link set remote up
ip -n A -6 addr add fd00:77::1/64 dev tunnel nodad
ok "packets into a tunnel with its own addresses keep its own" source_is fd00:77::2 fd00:77::1
ip -n A link del tunnel

ip -n A -6 route replace default via 2001:db8:2:a::1 dev a2 onlink metric 1
ok "the set's address of provider 2 is the source by provider 2" source_is 2001:db8:2:b::1 "$TWO"
ip -n A -6 route del default via 2001:db8:2:a::1 dev a2 metric 1

ok "status finds nothing wrong with A's sources" sh -c 'ip netns exec A shim6 -j status | grep -q "\"problems\"" && ! ip netns exec A shim6 -j status | grep -q "\"source\""'
ok "loading it twice is refused by name" sh -c "ip netns exec A shim6 hba load $WORK/A.hba 2>&1 | grep -q 'loaded already'"
ok "and changes nothing" source_is 2001:db8:1:b::1 "$ONE"
ip -n A -6 addr del 2001:db8:1:a::99/64 dev a1

ok "the set is removed" A shim6 hba remove file "$WORK/A.hba"
ok "its addresses are gone" not sh -c "ip -n A -6 addr | grep -q -e $ONE -e $TWO"
ok "the policy table is as it was" sh -c "ip -n A addrlabel | diff - $WORK/labels"
ok "and the source is what it was" source_is 2001:db8:1:b::1 "$BEFORE"
finish
