# SPDX-License-Identifier: GPL-2.0
# The command as an administrator meets it: every object and verb against the module, its errors word for word with their exit
# status, its JSON, its events.
. "$LIB/scenario.sh"
. "$LIB/command.sh"
begin "the command: shim6 against the module"
event() { python3 -c "import json,sys; sys.exit(not any($1 for j in map(json.loads, open(sys.argv[1]))))" "$WORK/events.json"; }

topology_up
ok "without the module: one sentence" says 2 "Error: shim6 is not loaded: modprobe shim6" context
ok "and status says so to scripts" says 2 '{"loaded":false}' -j status
ok "the module loads" module_load
ok "status: no set is a problem with a remedy" says 0 "remedy: shim6 hba generate" status
run events A shim6 -j monitor
ok "monitor tells that it listens" wait_for 5 event 'j["object"] == "monitor" and j["event"] == "listening"'
for h in A B; do ok "host $h has a set" hba_setup $h; done
ok "every pair of addresses carries a ping" every_path
ULID=$(host_address A 1)
PEER=$(host_address B 1)
ok "monitor: the set was loaded" wait_for 5 event "j['object'] == 'hba' and j['event'] == 'loaded' and '$ULID' in j['hba']['addresses']"

ok "hba show" json "len(j) == 1 and len(j[0]['addresses']) == 2 and all(l['status'] == 'usable' for l in j[0]['locators'])" hba show
ok "hba show by an address" says 0 "address $ULID usable dev a1" hba show "$ULID"
ok "hba show of a set that is not there" says 2 "Error: there is no HBA set 77 (attribute id" hba show 77
ok "locator show" json "sorted(l['ifname'] for l in j) == ['a1', 'a2']" locator
ok "locator show of an address that is not ours" says 2 "$PEER is in no loaded HBA set" locator show "$PEER"

ok "set: a value" S set send-timeout 10s start-packets 0 start-time 0
ok "set: is shown" json "j['send_timeout'] == 10000 and j['start_packets'] == 0" set
ok "set: out of range, with the bounds" says 2 "1000 to 100000" set send-timeout 1ms
ok "set: one wrong value, and none is taken" says 2 "send-timeout" set start-packets 5 send-timeout 101s
ok "set: nothing changed" json "j == {'start_packets': 0}" set show start-packets
ok "monitor: the setting was changed" wait_for 5 event "j['object'] == 'set' and j['set']['send_timeout'] == 10000"

ok "context add" says 0 "context " context add local "$ULID" peer "$PEER"
ok "it is established" wait_for 15 json "len(j) == 1 and j[0]['state'] == 'established' and j[0]['role'] == 'initiator'" context show
ok "context add again" says 2 "Error: there is a context for these ULIDs already" context add local "$ULID" peer "$PEER"
ok "context add from a foreign address" says 2 "is in no loaded HBA set (attribute ulid-local)" context add local "$PEER" peer "$ULID"
ID=$(S -j context show | python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["id"])')
ok "monitor: it was created, with its cause" wait_for 5 event "j['object'] == 'context' and j['event'] == 'created' and j['cause'] == 'administrator'"
ok "monitor: it came to be established" wait_for 5 event "j['object'] == 'context' and j['event'] == 'state' and j['context']['state'] == 'established'"
ok "context show by number" says 0 "context $ID local $ULID peer $PEER state established operational initiator" context show "$ID"
ok "in columns" says 0 "$ID" -br context
ok "on one line" sh -c "[ \$(ip netns exec A shim6 -o -d -s context show | wc -l) = 1 ]"
ok "filters: by peer and state" json "len(j) == 1" context show peer "$PEER" state est reap operational
ok "filters: those of another state" json "j == []" context show state e-failed
ok "filters: by tag" json "len(j) == 1" context show tag "$(S -j context show | grep -o '"tag":{"local":"0x[0-9a-f]*' | cut -d'"' -f6)"
ok "tags are for administrators" sh -c "ip netns exec A setpriv --reuid=65534 --regid=65534 --clear-groups shim6 -j context show > $WORK/guest && grep -q '\"ulid\"' $WORK/guest && ! grep -q '\"tag\"' $WORK/guest"
ok "changes are, too" sh -c "ip netns exec A setpriv --reuid=65534 --regid=65534 --clear-groups shim6 context del $ID 2>&1 | grep -q 'Operation not permitted: this needs CAP_NET_ADMIN'"
ok "context explore" S context explore "$ID"
ok "and it is well again" wait_for 10 json "j[0]['reap_state'] == 'operational'" context show "$ID"
ok "context probe asks whether another pair works" S context probe "$ID" from "$(host_address A 2)" to "$(host_address B 2)"
ok "it is shown with its outcome" wait_for 10 json "any(p['role'] == 'asked' and p['lost'] == 0 and 'good_age_ms' in p for p in j[0]['pairs'])" context show "$ID"
ok "context switch to that pair" S context switch "$ID" from "$(host_address A 2)" to "$(host_address B 2)"
ok "it is in use, and the history says why" wait_for 10 json "j[0]['current']['local'] == '$(host_address A 2)' and j[0]['switches'][0]['cause'] == 'administrator'" context show "$ID"
ok "as text" says 0 "ago, cause administrator, after" -d context show "$ID"
ok "context switch to a foreign locator" says 2 "Error:" context switch "$ID" from "$PEER" to "$ULID"
ok "and back" S context switch "$ID" from "$ULID" to "$PEER"
ok "it is back" wait_for 10 json "not j[0]['switched']" context show "$ID"
ok "context advise" S context advise "$ID" that works
ok "probes were sent" json "j['tx_probe'] > 0" stats
ok "stats are explained" says 0 "Probe messages sent." -d stats show tx-p
ok "status" json "j['loaded'] and j['contexts']['by_state']['established'] == 1 and j['contexts']['peers'] == 1 and j['problems'] == []" status
ok "status finds a locator that leaves by the wrong uplink" sh -c "
	ip -n A -6 rule del pref 102 && ip netns exec A shim6 status > $WORK/command
	ip -n A -6 rule add from 2001:db8:2:a::/64 lookup 102 pref 102
	cat $WORK/command; grep -q 'leave by a1 rather than by a2' $WORK/command && grep -q 'remedy: add a source-dependent route' $WORK/command"
# A peer that still has its context would soon have it set up again.
ok "the peer forgets its context" B shim6 context del local "$PEER" peer "$ULID"
ok "context del" S context del local "$ULID" peer "$PEER"
ok "it is gone" json "j == []" context show
ok "context del again" says 2 "there is no context for these ULIDs" context del local "$ULID" peer "$PEER"
ok "context del by a number that is not there" says 2 "Error: there is no context $ID (attribute id" context del "$ID"
ok "monitor: it was removed by the administrator" wait_for 5 event "j['object'] == 'context' and j['event'] == 'removed' and j['cause'] == 'administrator'"

ip -n A link set a2 down
ok "monitor: a locator's link is down" wait_for 5 event "j['object'] == 'locator' and j['locator']['status'] in ('link-down', 'absent')"
ok "status names it" says 0 "there is nothing to move to" status
ok "hba remove" S hba remove "$ULID"
ok "monitor: the set was removed" wait_for 5 event "j['object'] == 'hba' and j['event'] == 'removed'"
ok "no set is left" json "j == []" hba show
cp "$WORK/events.json" "$DIR/events.json"
finish
