# SPDX-License-Identifier: GPL-2.0
# Policy: which packets start a context, by prefix, protocol, port and user; which addresses are locators, and who is told of them.
# And what an operator says of a locator by hand. Each is seen at the peer, too.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
. "$LIB/command.sh"
begin "policy, and what an operator says of locators"
shim6_hosts
servers
LOCAL=$(host_address A 1) OTHER=$(host_address A 2) PEER=$(host_address B 1)
ok "B begins nothing" B shim6 set start-packets 0 start-time 0
ok "nor does A without a rule" S set start-packets 0 start-time 0

# say USER PORT [NUMBER]: that user sends so many datagrams to B.
say() { in_ns A setpriv --reuid="$1" --regid="$1" --clear-groups python3 -c "
import socket, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.settimeout(5)
s.connect(('$PEER', $2))
for _ in range(${3:-1}): s.send(b'x' * 40)"; }
# knock PROTOCOL-NUMBER: a connection attempt to a port where nobody listens.
knock() { in_ns A python3 -c "
import socket
s = socket.socket(socket.AF_INET6, socket.SOCK_STREAM, $1)
s.settimeout(5)
try: s.connect(('$PEER', 9))
except OSError: pass"; }
started() { wait_for 5 has_context; }
forgotten() { S context flush && B shim6 context flush && context_count_is A 0 && context_count_is B 0; }
nothing() { sleep 1; context_count_is A 0; }
rule() { S policy flush && S policy add "$@"; }

ok "a datagram starts nothing" eval 'say 0 5002 && nothing'
ok "a rule by protocol and port" rule at-once protocol udp peer-port 5000-5010
ok "one to another port still starts nothing" eval 'say 0 6000 && nothing'
ok "the same datagram starts a context" eval 'say 0 5002 && started && forgotten'
# A pair of addresses whose context was asked for is asked for again after 30 seconds at the earliest.
sleep 31
ok "a rule by a user's name" rule at-once user nobody
ok "is shown with the name" says 0 "at-once order 1000 user nobody" policy show
ok "and has the number" json "j[0]['user'] == 65534 and j[0]['user_name'] == 'nobody'" policy show
ok "a user whom the host does not have" says 1 'user: this host has no user "mr-nobody"' policy add never user mr-nobody
ok "that user's datagram starts a context" eval 'say 65534 5002 && started && forgotten'
sleep 31
ok "a rule by user" rule at-once user 1234
ok "another user's datagram starts nothing" eval 'say 0 5002 && nothing'
ok "that user's does" eval 'say 1234 5002 && started && forgotten'
sleep 31
ok "a rule after ten packets, and one before it against the peer" eval 'rule after packets 10 && S policy add never peer 2001:db8:1:b::/64 order 5'
ok "twenty datagrams start nothing" eval 'say 0 5002 20 && nothing'
ok "without the second rule the next one does" eval 'S policy del "$(S -j policy show | python3 -c "import json,sys; print(json.load(sys.stdin)[0][\"id\"])")" && say 0 5002 && started && forgotten'
sleep 31
modprobe -q sctp
ok "at once is not for SCTP and Multipath TCP" eval 'rule at-once && knock 132; knock 262; nothing'
ok "unless a rule names SCTP" eval 'rule at-once protocol sctp && knock 132; started && forgotten'
sleep 31
ok "or Multipath TCP" eval 'rule at-once protocol mptcp && knock 262; started && forgotten'
ok "the rules are shown in their words" says 0 "at-once order 1000 protocol mptcp" policy

# What B knows of A's locators.
b_knows() { contexts B | python3 -c "
import json, sys
known = [one['address'] for context in json.load(sys.stdin) for one in context['locators']['peer'] if not one['flags']]
print(known)
sys.exit(not ($1))"; }
ok "a rule that B is not told of A's second address" rule tell-not local "$OTHER" peer "$PEER"
# Nor by what would prove it: no message between the two hosts has the octets of its prefix in it.
capture A
gives_away() { python3 -c "import sys; sys.exit(not any(bytes.fromhex('20010db80002000a') in open(file, 'rb').read() for file in sys.argv[1:]))" "$DIR/a1.pcap" "$DIR/a2.pcap"; }
ok "a context begun by hand is asked of no rule" S context add local "$LOCAL" peer "$PEER"
ok "it is established" started
# The four messages of the exchange, Ethernet's type, IPv6's first half and protocol 140.
captured() { python3 -c "import re, sys; sys.exit(sum(len(re.findall(rb'\x86\xdd.{6}\x8c', open(file, 'rb').read(), re.DOTALL)) for file in sys.argv[1:]) < 4)" "$DIR/a1.pcap" "$DIR/a2.pcap"; }
ok "the exchange was captured" wait_for 5 captured
ok "B does not know the second address" b_knows "'$LOCAL' in known and '$OTHER' not in known"
ok "nor was it given what it could compute it from" not gives_away
ok "without the rule" S policy flush
ok "B learns it" wait_for 10 b_knows "'$OTHER' in known"
ok "by a message that has it" wait_for 5 gives_away
ok "a rule against its use" rule use-not local 2001:db8:2::/48
ok "B forgets it" wait_for 10 b_knows "'$OTHER' not in known"
ok "it is shown as withdrawn" says 0 "withdrawn" locator show "$OTHER"
ok "nor can it be taken into use" says 2 "a policy rule keeps $OTHER from use" locator add "$OTHER"
ok "without the rule" S policy flush
ok "B learns it again" wait_for 10 b_knows "'$OTHER' in known"

start_talk udp udp 400 20 160
ok "traffic is under way" wait_for 10 progress_over udp 5
leaves_by() { contexts A | grep -q "\"current\":{\"local\":\"$1\""; }
ok "it leaves by the first address" leaves_by "$LOCAL"
ok "the first address is called broken" S locator set "$LOCAL" broken on
ok "traffic moves to the second" wait_for 5 leaves_by "$OTHER"
ok "B is told" wait_for 10 b_knows "'$LOCAL' not in known and '$OTHER' in known"
ok "it works again" S locator set "$LOCAL" broken off
ok "B is told that, too" wait_for 10 b_knows "'$LOCAL' in known"
ok "the second is withdrawn" S locator del "$OTHER"
ok "traffic leaves it" wait_for 5 leaves_by "$LOCAL"
ok "the second is taken into use again, with a weight" S locator add "$OTHER" weight 9
ok "B learns it" wait_for 10 b_knows "'$OTHER' in known"
ok "all datagrams were echoed" complete udp
ok "none was late: $(said udp longest_stall) s" below "$(said udp longest_stall)" 0.5

ok "a fork of the context" says 0 "fii" context fork local "$LOCAL" peer "$PEER"
ok "is established beside it on both hosts" wait_for 5 eval 'context_count_is A 2 && context_count_is B 2 && [ "$(contexts A | grep -o "\"state\":\"established\"" | wc -l)" = 2 ]'
ok "all are forgotten" forgotten
finish
