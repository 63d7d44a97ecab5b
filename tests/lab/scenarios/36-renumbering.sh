# SPDX-License-Identifier: GPL-2.0
# Addresses come and go under traffic: a locator that is removed is told to the peer and told again when it is back; a ULID that is
# deprecated hands its traffic to the other provider and gets it back; one whose lifetime ends takes its contexts with it, and nothing
# is carried on its behalf over other locators (RFC 5533 section 1.5).
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "locators are removed and added, deprecated, and end"
shim6_hosts
capture A
servers
PEER=$(host_address B 1)
ULID=$(host_address A 1)
OTHER=$(host_address A 2)
quick_detection
ok "what is preferred again is used again after a second" A shim6 set return-time 1000
knows() { in_ns B shim6 context show | grep -q "$1"; }
A_switched() { switched A; }
address() { local verb=$1 at="$2/64 dev $3"; shift 3; ip -n A -6 addr "$verb" $at "$@"; }
marked() { progress udp > "$WORK/udp.before"; }

start_talk udp udp 3000 20 160
ok "datagrams are under way" wait_for 20 progress_over udp 20
ok "a context is established" wait_for 15 has_context
ok "B knows both addresses of A" eval 'knows "$ULID" && knows "$OTHER"'

marked
ok "the address that is not the ULID is removed" address del "$OTHER" a2
ok "B is told" wait_for 10 not knows "$OTHER"
ok "datagrams flow on" wait_for 5 gone_on udp 20
ok "the context stays, where it is" eval 'context_count_is A 1 && no_payload_headers'
ok "it comes back" set_address_back A 2
ok "B is told that, too" wait_for 10 knows "$OTHER"

marked
ok "the ULID is deprecated" address change "$ULID" a1 preferred_lft 0
ok "traffic leaves it for the other provider" wait_for 10 A_switched
ok "datagrams flow on, over the other" wait_for 5 gone_on udp 20
ok "the context stays" context_count_is A 1
ok "the ULID is preferred again" address change "$ULID" a1 preferred_lft forever
ok "traffic comes back" wait_for 20 not A_switched
ok "no datagram came late" complete udp 90
ok "the longest wait was $(said udp longest_stall) s" below "$(said udp longest_stall)" 0.5

start_talk last tcp 4000 20 160 10
ok "TCP is under way" wait_for 20 progress_over last 20
ok "the context is there" wait_for 15 has_context
ok "the ULID is deprecated, its lifetime will end" address change "$ULID" a1 valid_lft 25 preferred_lft 0
ok "traffic leaves it" wait_for 15 A_switched
ok "its lifetime ends, and the context with it" wait_for 40 context_count_is A 0
ok "the address is not held" not sh -c "ip -n A -6 addr show | grep -q $ULID"
ok "what comes under its tag is answered by R1bis" wait_for 20 eval '[ "$(stat_of A tx-r1bis)" -gt 0 ]'
ok "the connection ends, for its address is nobody's" wait_for 60 ended last
ok "and did not go on over other locators" not complete last
finish
