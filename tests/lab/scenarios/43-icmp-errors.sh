# SPDX-License-Identifier: GPL-2.0
# ICMPv6 errors about packets of a context (RFC 5533 section 8): which of them the upper layers hear, which the shim acts on, and that
# those who hear one about a switched packet see the packet that they sent. The errors are made by hand, so that each type, code and
# pointer comes, as a router would send them; one socket says what it hears: the errno, type and code, octets 4 to 7 of the error,
# whom its packet was for, and how many octets of its own data came back.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "ICMPv6 errors: to the shim, to the upper layers, or both"
shim6_hosts
servers
PEER=$(host_address B 1)
LOCAL=$(host_address A 1)
for h in A B; do ok "$h tests nothing by itself" in_ns $h shim6 set advice-transport 0 advice-cadence 0; done
P="python3 $LIB/packets.py"

# The router next to A at the provider of the packet that the errors are about.
quoting() { QUOTED=$1 ROUTER_NS=p$2a ROUTER=2001:db8:$2:a::1; }
# heard TESTS: sends the errors that the lines of the input begin with. The socket hears what each goes on with ("nothing"), and so
# many tests of the context's pair have begun: of errors on which the shim has acted, and of no others.
heard() {
	local tests=$1 before
	sed "s/ TO / $PEER /" > "$WORK/expected"
	before=$(stat_of A tests)
	A $P hears "$LOCAL" "$PEER" 5002 $ROUTER_NS $ROUTER "$QUOTED" $(cut -d' ' -f1 "$WORK/expected") > "$WORK/heard"
	diff "$WORK/expected" "$WORK/heard" || return 1
	before=$(($(stat_of A tests) - before))
	[ $before = "$tests" ] || { echo "$before tests began"; return 1; }
}

quoting plain 1
ok "without a context all is as without a shim" heard 0 <<-E
	1/0/0/400 ENETUNREACH 1/0 0 TO 400
	3/0/0/400 EHOSTUNREACH 3/0 0 TO 400
	E

start_talk opener udp 40 20 160
ok "a context comes" wait_for 15 has_context
complete opener > /dev/null
ok "not switched: what another path may change, the shim acts on" heard 7 <<-E
	1/0/0/400 nothing
	1/1/0/400 nothing
	1/2/0/400 nothing
	1/3/0/400 nothing
	1/5/0/400 nothing
	1/6/0/400 nothing
	3/0/0/400 nothing
	E
ok "not switched: the rest is passed as it came" heard 0 <<-E
	1/4/0/400 ECONNREFUSED 1/4 0 TO 400
	4/0/40/400 EPROTO 4/0 40 TO 400
	4/1/6/400 EPROTO 4/1 6 TO 400
	1/4/0/208+ ECONNREFUSED 1/4 536870912 TO 208 extension
	2/0/1400/400 EMSGSIZE 2/0 1400 TO 400
	E

fail blackhole
quick_detection
start_ping pings 1200 0.5
ok "the context is switched" wait_for 20 eval 'switched A && switched B'
ok "and at rest" wait_for 20 context_says A operational
TAG=$(A shim6 -d context show peer "$PEER" | sed -n 's/.*tag local 0x[0-9a-f]* peer 0x\([0-9a-f]*\).*/\1/p')
OVER=$(A shim6 context show peer "$PEER" | sed -n 's/^ *path local \([0-9a-f:]*\) peer \([0-9a-f:]*\).*/\1,\2/p')
ok "its locators and its tag: $OVER $TAG" eval '[ -n "$OVER" ] && [ -n "$TAG" ]'
PROVIDER=$(echo "$OVER" | cut -d: -f3)
quoting "$OVER,$TAG" "$PROVIDER"
ok "switched: what another path may change, the shim acts on" heard 11 <<-E
	1/0/0/400 nothing
	1/1/0/400 nothing
	1/2/0/400 nothing
	1/3/0/400 nothing
	1/5/0/400 nothing
	1/6/0/400 nothing
	3/0/0/400 nothing
	3/1/0/400 nothing
	4/0/40/400 nothing
	4/0/47/400 nothing
	4/1/6/400 nothing
	E
translated=$(stat_of A icmp-translated)
ok "switched: the rest is passed as if there were no shim: ULIDs, no payload header, pointers, extensions and the MTU mended" heard 0 <<-E
	1/4/0/400 ECONNREFUSED 1/4 0 TO 400
	1/4/0/8 ECONNREFUSED 1/4 0 TO 8
	4/0/50/400 EPROTO 4/0 42 TO 400
	4/0/7/400 EPROTO 4/0 7 TO 400
	4/2/6/400 EPROTO 4/2 6 TO 400
	1/4/0/160+ ECONNREFUSED 1/4 436207616 TO 160 extension
	1/4/0/72+ ECONNREFUSED 1/4 268435456 TO 72 extension
	2/0/1400/400 EMSGSIZE 2/0 1392 TO 400
	E
ok "each was counted as turned back" [ $(($(stat_of A icmp-translated) - translated)) = 8 ]
ok "the MTU is what the route of the ULIDs has learnt" eval 'A ip -6 route get "$PEER" from "$LOCAL" | grep "mtu 1392"'
ok "and that of the locators what was told" eval 'A ip -6 route get "${OVER#*,}" from "${OVER%,*}" | grep "mtu 1400"'

quoting "$OVER,000000000001" "$PROVIDER"
ok "about a tag that nobody has: nobody's" heard 0 <<-E
	1/0/0/400 nothing
	1/4/0/400 nothing
	E
quoting plain 1
ok "about the ULIDs, which traffic has left: acted on before, but for what no path changes" heard 0 <<-E
	1/0/0/400 nothing
	1/4/0/400 ECONNREFUSED 1/4 0 TO 400
	E

quoting "$OVER,$TAG" "$PROVIDER"
ok "a setting has all of them delivered" A shim6 set icmp-deliver-all 1
ok "so they are acted on, and delivered" heard 3 <<-E
	1/0/0/400 ENETUNREACH 1/0 0 TO 400
	3/0/0/400 EHOSTUNREACH 3/0 0 TO 400
	4/0/40/400 EPROTO 4/0 6 TO 400
	E
ok "no longer, and the shim heeds none" A shim6 set icmp-deliver-all 0 advice-icmp 0
ok "so it has not acted, and they are delivered" heard 0 <<-E
	1/0/0/400 ENETUNREACH 1/0 0 TO 400
	4/0/40/400 EPROTO 4/0 6 TO 400
	E
ok "it does again" A shim6 set advice-icmp 1

# Without another pair nothing can be done: a set of one prefix at each end has one.
single() { # HOST
	local s
	s=$(echo "$1" | tr AB ab)
	in_ns "$1" shim6 hba generate "2001:db8:2:$s::/64" file "$WORK/$1.single" && in_ns "$1" shim6 hba load "$WORK/$1.single" dev "${s}2"
}
single_address() { grep -o "2001:db8:2:$(echo "$1" | tr AB ab):[0-9a-f:]*" "$WORK/$1.single" | grep -v '::$' | head -1; }
for h in A B; do ok "$h has another set, of one prefix" single $h; done
LOCAL=$(single_address A) PEER=$(single_address B)
ok "a context of theirs is asked for" A shim6 context add local "$LOCAL" peer "$PEER"
ok "it comes" wait_for 10 eval 'A shim6 context show peer "$PEER" | grep -q established'
quoting plain 2
ok "without another pair all are passed" heard 0 <<-E
	1/0/0/400 ENETUNREACH 1/0 0 TO 400
	1/3/0/400 EHOSTUNREACH 1/3 0 TO 400
	3/0/0/400 EHOSTUNREACH 3/0 0 TO 400
	E
finish
