# SPDX-License-Identifier: GPL-2.0
# Which context a packet is of (RFC 5533 sections 12.1, 12.2 and 12.4): without a payload header by its addresses, with one by the tag
# alone, whatever locators it comes from, and whatever other contexts use the same locators. Packets made by hand say what must not
# matter.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "the tag leads to the context"
shim6_hosts
servers
LOCAL=$(host_address A 1)
FIRST=$(host_address B 1) SECOND=$(host_address B 2)
P="python3 $LIB/packets.py"
context() { in_ns "$1" shim6 -j context show local "$2" peer "$3" | tr ',{}[]' '\n' | sed -n "s/^\"$4\"://p" | head -1; } # HOST LOCAL PEER KEY

for PEER in $FIRST $SECOND; do
	ok "a context with $PEER is asked for" A shim6 context add local "$LOCAL" peer "$PEER"
	ok "it comes" wait_for 10 eval 'A shim6 context show local "$LOCAL" peer "$PEER" | grep -q established'
done

# Without a payload header: as it came, and noted.
sleep 6
ok "A's first context has not been used for six seconds" eval '[ "$(context A "$LOCAL" "$FIRST" tx_age_ms)" -ge 6000 ] || [ -z "$(context A "$LOCAL" "$FIRST" tx_age_ms)" ]'
received=$(stat_of B rx-switched)
ok "a ping between the ULIDs is answered" A ping -6 -q -c 1 -I "$LOCAL" "$FIRST"
for h in A B; do
	ok "$h's context notes what was sent and received" eval '[ "$([ $h = A ] && context A "$LOCAL" "$FIRST" rx_age_ms || context B "$FIRST" "$LOCAL" rx_age_ms)" -lt 6000 ]'
done
ok "the other context does not" eval '[ "$(context A "$LOCAL" "$SECOND" rx_age_ms)" -ge 6000 ] || [ -z "$(context A "$LOCAL" "$SECOND" rx_age_ms)" ]'
ok "nothing was turned back for it" [ "$(stat_of B rx-switched)" = "$received" ]

# With one: by the tag, over one pair of locators, and over addresses that are nobody's.
tag() { A shim6 -d context show local "$LOCAL" peer "$1" | sed -n 's/.*tag local 0x[0-9a-f]* peer 0x\([0-9a-f]*\).*/\1/p'; }
inject() { A $P inject "$LOCAL" "$@"; } # TO LOCATOR LOCATOR PORT TAG COUNT CHAIN...
OVER="$(host_address A 2) $SECOND"
for PEER in $FIRST $SECOND; do
	ok "over the same locators, the tag of the context with $PEER: its ULIDs" inject "$PEER" $OVER 5002 "$(tag "$PEER")" 3 shim6
done
ok "with the tag of the other its sum is wrong, and nobody gets it" not inject "$FIRST" $OVER 5002 "$(tag "$SECOND")" 1 shim6
ok "from an address that is no locator of A: accepted" inject "$FIRST" 2001:db8:1:a::77 "$SECOND" 5002 "$(tag "$FIRST")" 3 shim6
ok "to the other address of B, too" inject "$SECOND" 2001:db8:1:a::77 "$FIRST" 5002 "$(tag "$SECOND")" 3 shim6
ok "which is no reason to ask" [ "$(stat_of B tx-r1bis)" = 0 ]
ok "nor to move: B sends between the ULIDs" eval '! switched B'

# A tag that nobody has.
before=$(in_ns B nstat -asz Udp6InDatagrams | awk '/Udp6/ { print $2 }')
ok "an unknown tag: no echo" not inject "$FIRST" $OVER 5002 000000000001 1 shim6
ok "nobody at B has got it" [ "$(in_ns B nstat -asz Udp6InDatagrams | awk '/Udp6/ { print $2 }')" = "$before" ]
ok "B asks what context that may be" [ "$(stat_of B tx-r1bis)" = 1 ]
finish
