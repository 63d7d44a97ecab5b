# SPDX-License-Identifier: GPL-2.0
# A ULID in use stays an address of its host when the interface that had it goes, and becomes an ordinary one again afterwards.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "a ULID outlives its interface"
shim6_hosts
servers
PEER=$(host_address B 1)
ULID=$(host_address A 1)
start_talk udp udp 3000 20 100
ok "datagrams flow" wait_for 5 progress_over udp 50
ok "a context is established" wait_for 15 has_context

# A's set is loaded anew under a context that A has answered for without one: that uses the ULID as any other does.
answered_without_a_set() {
	A shim6 hba remove 1 keep && B shim6 context flush && B shim6 context add local "$PEER" peer "$ULID" &&
		wait_for 20 has_context && hba_load A
}
ok "A answers a context before its set is loaded" answered_without_a_set
ok "it is counted" eval 'A shim6 -j hba show | tee "$WORK/hba" | grep -q "\"contexts\":1"'

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
# A network manager takes the addresses away after the carrier has gone: nobody's wish but its.
fail carrier-host
ok "carrier lost: datagrams flow on" eval 'progress udp > "$WORK/udp.before"; wait_for 10 gone_on udp 50'
ok "the manager clears the interface" ip -n A -6 addr flush dev a1 scope global
ok "the ULID is still a local address" wait_for 5 sh -c "ip -n A -6 addr show | grep -q $ULID"
ok "datagrams flow on" eval 'progress udp > "$WORK/udp.before"; wait_for 10 gone_on udp 50'
heal carrier-host
ok "the manager puts them back" uplink_back A 1
ok "every path works again" wait_for 30 every_path
ok "the ULID is there once" sh -c "[ \$(ip -n A -6 -o addr show | grep -c $ULID) = 1 ]"
ok "all datagrams' senders are content" complete udp 60
finish
