# SPDX-License-Identifier: GPL-2.0
# A ULID in use stays an address of its host when the interface that had it goes, and becomes an ordinary one again afterwards.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "a ULID outlives its interface"
shim6_hosts
servers
PEER=$(host_address B 1)
ULID=$(host_address A 1)
start_talk udp udp 1500 20 100
ok "datagrams flow" wait_for 5 progress_over udp 50
ok "a context is established" wait_for 15 has_context

for kind in uplink-down driver-unbound; do
	fail $kind
	ok "$kind: the ULID is still a local address" wait_for 5 sh -c "ip -n A -6 addr show | grep -q $ULID"
	ok "$kind: nobody finds it on the other uplink's link by accident" not sh -c "ip -n A -6 addr show dev a2 | grep -q '$ULID/64'"
	progress udp > "$WORK/udp.before"
	ok "$kind: datagrams flow on" wait_for 10 gone_on udp 50
	heal $kind
	ok "$kind: healed, the ULID is on its interface" wait_for 10 sh -c "ip -n A -6 addr show dev a1 | grep -q $ULID"
	ok "$kind: every path works again" wait_for 30 every_path
	ok "$kind: the ULID is there once" sh -c "[ \$(ip -n A -6 -o addr show | grep -c $ULID) = 1 ]"
done
ok "all datagrams' senders are content" complete udp 60
finish
