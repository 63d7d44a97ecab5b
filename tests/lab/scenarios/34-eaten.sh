# SPDX-License-Identifier: GPL-2.0
# A firewall on the way eats protocol 140 without a word: traffic is unaffected, the question is repeated as RFC 5533 has it and given
# up (E-FAILED), and asked again a minute later; when the firewall lets it pass, the context comes.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "protocol 140 is eaten on the way"
shim6_hosts
servers
PEER=$(host_address B 1)
ok "only A begins" B shim6 set start-packets 0 start-time 0
for n in 1 2; do drop p$n "ip6 nexthdr 140"; done

# TCP lasts longer than the five questions with the longest jitter (186 s), as status is asked while it works.
start_talk udp udp 500 200 160
start_talk tcp tcp 1000 200 200
ok "traffic is under way" wait_for 10 eval 'progress_over udp 5 && progress_over tcp 5'
ok "A waits for an answer" wait_for 10 context_says A i1-sent
ok "A gives up" wait_for 200 context_says A e-failed
ok "after the first I1 and four copies" [ "$(stat_of A tx-i1)" = 5 ]
ok "peer show names it, and how long that holds" sh -c "ip netns exec A shim6 peer show | grep -q '^peer $PEER no answer, asked again in [0-5][0-9.]*'"
ok "status names it, and what to do" sh -c "ip netns exec A shim6 status > $WORK/status; cat $WORK/status; grep -q 'the peer $PEER gave no answer to Shim6, though connections to it work' $WORK/status && grep -q 'remedy: let next header 140 pass' $WORK/status"
ok "no traffic asks again when the hold-down is over" A shim6 set start-packets 0 start-time 0
for name in udp tcp; do ok "$name comes to its end, all right" complete $name 200; done
ok "datagrams never stalled: $(said udp longest_stall) s" below "$(said udp longest_stall)" 0.5
ok "nor did TCP: $(said tcp longest_stall) s" below "$(said tcp longest_stall)" 0.5
ok "peer check asks all the same, and does not wait for ever" sh -c "ip netns exec A shim6 peer check $PEER timeout 2s > $WORK/check; [ \$? = 2 ] && grep -q '^peer $PEER no answer' $WORK/check"
ok "that was a sixth I1" [ "$(stat_of A tx-i1)" = 6 ]
ok "A gives up again" wait_for 200 context_says A e-failed
ok "after a minute nothing is held down" wait_for 90 context_count_is A 0

ok "peer check tells, over each path, that it is eaten" sh -c "ip netns exec A shim6 peer check $PEER timeout 2s paths > $WORK/check; [ \$? = 2 ] && cat $WORK/check && [ \$(grep -c 'header 140 is dropped' $WORK/check) = 2 ]"

for n in 1 2; do heal blackhole A $n; done
ok "the way is free: peer check says so" sh -c "ip netns exec A shim6 peer check $PEER | grep -q '^peer $PEER speaks Shim6'"
ok "with a context at both ends" has_context
ok "as JSON" sh -c "ip netns exec A shim6 -j peer check $PEER | grep -q '\"answer\":\"shim6\"'"

# A context says nothing of a path now: a Probe does, and a ping that goes by the addresses it is given.
check() { A shim6 peer check "$PEER" timeout 5s $1 > "$WORK/check"; [ $? = "$2" ] || { cat "$WORK/check"; return 1; }; }
path_says() { cat "$WORK/check"; grep -q "^    path local $(host_address A $1) $2, ping $3" "$WORK/check"; }
first_says() { cat "$WORK/check"; grep -q "^peer $PEER $1, local $(host_address A 1)" "$WORK/check"; }
ok "peer check over each path" check paths 0
for n in 1 2; do ok "path $n speaks it, and pings" path_says $n "speaks Shim6" answered; done
fail blackhole
ok "a path that has died under a context: peer check has no answer" check paths 2
ok "and says so" first_says "no answer"
ok "it names the path" path_says 1 "no answer: the path carries nothing.*" "not answered"
start_ping ping 60 0.2
ok "payload leaves by another path" wait_for 40 switched A
ok "peer check: the peer speaks Shim6" check paths 0
ok "and says that" first_says "speaks Shim6"
ok "but the path is still dead, whatever way payload goes" path_says 1 "no answer: the path carries nothing.*" "not answered"
heal blackhole
ok "the path is healed" check paths 0
ok "which peer check sees, while payload goes by another" path_says 1 "speaks Shim6" answered
finish
