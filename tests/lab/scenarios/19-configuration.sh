# SPDX-License-Identifier: GPL-2.0
# The command as an administrator uses it for more than one thing at a time: a configuration that is kept and put back, all or
# nothing; batches; what a connection rides on; numbers for Prometheus; completion; the whole screen.
. "$LIB/scenario.sh"
. "$LIB/command.sh"
. "$LIB/survive.sh"
begin "the command: configurations, batches, sockets, Prometheus, completion, top"
guest() { in_ns A setpriv --reuid=65534 --regid=65534 --clear-groups shim6 "$@"; }
# state: all that a configuration is about, as it is now.
state() { S -j set; S -j hba show | sed 's/"\(id\|hba_id\|contexts\)":[0-9]*/"\1":/g'; ip -n A -6 -br addr; ip -n A -6 route; ip -n A -6 addrlabel | sort; }
keep() { state > "$WORK/before"; }
same() { state > "$WORK/after"; diff "$WORK/before" "$WORK/after"; }
CONF=$WORK/shim6.conf

shim6_hosts
servers
ULID=$(host_address A 1)
PEER=$(host_address B 1)

ok "save: only what is not as it came" S save file "$CONF"
ok "the set has its file and its interfaces" grep -qx "hba load $WORK/A.hba dev a1 dev a2" "$CONF"
ok "no setting is in it" not grep -q '^set' "$CONF"
# batch OPTION STATUS TEXT LINES: the lines, as a batch, end with that status and that text.
batch() {
	local got
	printf '%b' "$4" | S $1 -batch - > "$WORK/batch" 2>&1
	got=$?
	cat "$WORK/batch"
	[ $got = "$2" ] && grep -q -F -e "$3" "$WORK/batch"
}
ok "settings are changed in one batch" batch "" 0 "" 'set send-timeout 10s # short\n\nset start-packets \\\n 4\nshow start-packets\n'
ok "with a line in two parts" json "j == {'start_packets': 4}" show start-packets
ok "a batch ends at a wrong line" batch "" 2 "Command failed -:2" 'set start-time 1s\nset send-timeout 1ms\nset start-time 2s\n'
ok "so the line after it was not done" json "j == {'start_time': 1000}" show start-time
ok "by force it goes on" batch -force 2 "Command failed -:1" 'set send-timeout 1ms\nset start-time 2s\n'
ok "and the line after it was done" json "j == {'start_time': 2000}" show start-time
ok "save: now they are in it" S save file "$CONF"
ok "with their values" grep -q '^set start-packets 4 ' "$CONF"
ok "restore says whether a file is right" says 0 "is right" restore "$CONF" check
keep

# Whatever is wrong changes nothing.
wrong() { # STATUS TEXT LINES
	printf 'version 1\nset idle-timeout 2h\n%b' "$3" > "$WORK/wrong.conf"
	says "$1" "$2" restore "$WORK/wrong.conf" && same
}
ok "restore: a wrong word" wrong 1 'line 3: "context flush" is not known here' 'context flush\n'
ok "restore: a value out of bounds" wrong 1 "line 3: send-timeout is 1000 to 100000" 'set send-timeout 1\n'
ok "restore: a file that is not there" wrong 1 "line 3: cannot read /nowhere: No such file" 'hba load /nowhere\n'
ok "restore: a locator of no set" wrong 1 "is in none of the sets" 'locator set 2001:db8::1 priority 1\n'
ok "another set is made" S hba generate 2001:db8:1:a::/64 2001:db8:2:a::/64 label other file "$WORK/other.hba"
ok "restore: half way, an interface that is not there" wrong 1 'there is no interface "a9"' "hba load other.hba dev a1 dev a2\nhba load A.hba dev a9\n"
printf 'version 1\n' > "$WORK/empty.conf"
not_permitted() { local got; guest restore - < "$WORK/empty.conf" > "$WORK/command" 2>&1; got=$?; cat "$WORK/command"; [ $got = 2 ] && grep -q CAP_NET_ADMIN "$WORK/command"; }
ok "restore: not permitted" not_permitted
ok "and nothing changed" same

# A set of the same label takes the place of one, which must go before it: whatever can be found out before that is.
home() { # NUMBER: makes the set of that number, for prefixes that nothing else has on link.
	S hba generate 2001:db8:1:c::/64 2001:db8:2:c::/64 label home file "$WORK/home$1.hba" > "$WORK/home$1"
}
of_home() { sed -n "$2p" "$WORK/home$1"; }
has_prefixes() { local n; for n in 1 2; do ip -n A -6 route | grep -q "^2001:db8:$n:c::/64 dev a$n " || return 1; done; }
KEPT='hba load A.hba dev a1 dev a2\n'
for n in 1 2; do ok "set $n with the label is made" home $n; done
ok "the first is loaded" S hba load "$WORK/home1.hba" dev a1 dev a2
ok "and brings its prefixes" has_prefixes
ok "its first locator has a preference" S locator set "$(of_home 1 1)" priority 9 weight 3 temporary on
ok "its second is withdrawn, with one" S locator set "$(of_home 1 2)" priority 8
ok "its second is withdrawn" S locator del "$(of_home 1 2)"
ok "an interface that takes no address" ip link add d1 netns A type veth peer name d2 netns A
A sysctl -qw net.ipv6.conf.d1.disable_ipv6=1
ok "a context from it" S context add local "$(of_home 1 1)" peer "$PEER"
keeps_context() { says 0 "local $(of_home 1 1)" context show local "$(of_home 1 1)"; }
keep
ok "restore: same label, an interface that is not there" wrong 1 'there is no interface "a9"' "${KEPT}hba load home2.hba dev a9\n"
ok "the context is kept" keeps_context
printf 'version 1\n%bhba load home2.hba dev a9\n' "$KEPT" > "$WORK/wrong.conf"
ok "restore check says so, too" says 1 'there is no interface "a9"' restore "$WORK/wrong.conf" check
ok "restore: same label twice" wrong 1 'has the label of the set of' "${KEPT}hba load home1.hba\nhba load home2.hba\n"
ok "restore: same label, a preference out of bounds" wrong 1 'priority is 0 to 255' "${KEPT}hba load home2.hba\nlocator set $(of_home 2 1) priority 256\n"
ok "the context is kept then, too" keeps_context
ok "restore: same label, an address that the kernel refuses: all is put back as it was" wrong 2 'the address cannot be added' "${KEPT}hba load home2.hba dev d1\n"
printf 'version 1\nset start-time 2s\n%bhba load home2.hba\n' "$KEPT" > "$WORK/home.conf"
ok "restore: same label, where the first has its prefixes on link" S restore "$WORK/home.conf"
ok "the second is there" json "[s['addresses'][0] for s in j if s.get('label') == 'home'] == ['$(of_home 2 1)']" hba show
ok "its prefixes are still on link" has_prefixes
ok "it is removed" S hba remove home
ip -n A link del d1
ok "what was at first is restored" S restore "$CONF"
keep

ok "a context for what follows" S context add local "$ULID" peer "$PEER"
ok "it is established" wait_for 15 context_says A 'state established'
ID=$(S -j context show | python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["id"])')
ok "restore of what is there already" S restore "$CONF"
ok "changes nothing" same
ok "and keeps the context" says 0 "context $ID local $ULID" context show "$ID"

start_talk tcp tcp 100 200 200
rides() { json "[s for s in j[0]['sockets'] if s['protocol'] == 'tcp' and s['peer_port'] == 5002 and s['processes'][0]['name'].startswith('shim6-traf')] != []" context show "$ID" sockets; }
ok "the connection rides on it, with its process" wait_for 10 rides
ok "as text" says 0 "socket tcp established port" context show peer "$PEER" sockets
guest_rides() { guest context show sockets > "$WORK/guest"; cat "$WORK/guest"; grep -q 'socket tcp' "$WORK/guest" && ! grep -q shim6-traf "$WORK/guest"; }
ok "a guest sees the socket, but not the process of another user" guest_rides

prometheus() {
	S stats --prometheus > "$WORK/metrics" || return 1
	python3 - "$WORK/metrics" <<-'PYTHON'
	import re, sys
	lines = open(sys.argv[1]).read().splitlines()
	assert len(lines) % 3 == 0 and len(lines) > 150, len(lines)
	for help, kind, value in zip(lines[0::3], lines[1::3], lines[2::3]):
	    name, number = re.fullmatch(r'([a-z_:][a-z0-9_:]*) ([0-9]+)', value).groups()
	    assert help.startswith(f'# HELP {name} ') and help.endswith('.'), help
	    what = 'counter' if name.endswith('_total') else 'gauge'
	    assert kind == f'# TYPE {name} {what}', kind
	PYTHON
}
ok "stats for Prometheus" prometheus
ok "explained as JSON" json "j['tx_i1']['value'] >= 1 and j['tx_i1']['doc'] == 'I1 messages sent.'" -d stats show tx-i1
ok "settings with units and bounds" json "j['send_timeout'] == {'value': 10000, 'unit': 'milliseconds', 'min': 1000, 'max': 100000, 'default': 15000, 'doc': j['send_timeout']['doc']}" -d show send-timeout
offers() { local word=$1; shift; shim6 __complete "$@" > "$WORK/offers"; cat "$WORK/offers"; cut -f1 "$WORK/offers" | grep -qxF -e "$word"; }
ok "completion offers the context" offers "$ID" -n A context show ''
ok "its peer" offers "$PEER" -n A context show peer 2001
ok "a locator of the peer" offers "$(host_address B 2)" -n A context show to ''
ok "and a local locator" offers "$ULID" -n A locator show ''

# screen TEXT COMMAND: on a terminal, the command ends well and what it writes has the text in it.
screen() {
	script -qec "stty rows 40 cols 150; $2" "$WORK/screen" < /dev/null > /dev/null || { cat "$WORK/screen"; return 1; }
	grep -a -q -F -e "$1" "$WORK/screen" || { cat -v "$WORK/screen"; return 1; }
}
GREEN=$(printf '\033[32mestablished')
ok "top: the context is on the screen" screen "$PEER" "ip netns exec A shim6 top interval 100ms count 3"
ok "with its state" grep -a -q operational "$WORK/screen"
ok "colours on a terminal" screen "$GREEN" "env -u NO_COLOR ip netns exec A shim6 context"
ok "none where NO_COLOR is set" not screen "$GREEN" "NO_COLOR=1 ip netns exec A shim6 context"
ok "none where nobody looks" not context_says A "$(printf '\033')"
ok "but by request" eval 'S -c=always context | grep -q -F "$GREEN"'

ok "the connection ends well" complete tcp 100
ok "restore: nothing is what version 1 alone says" S restore "$WORK/empty.conf"
ok "no set is left" json "j == []" hba show
ok "nor an address of it" not sh -c "ip -n A -6 addr | grep -q $ULID"
ok "nor a setting" json "j['send_timeout'] == 15000 and j['start_packets'] == 10" set
ok "restore: all comes back" S restore "$CONF"
ok "as it was" wait_for 10 same
ok "and works" wait_for 10 ping_path A "$ULID" "$PEER"
# B may be faster, which still has the context that was.
S context add local "$ULID" peer "$PEER" > "$WORK/command" 2>&1
ok "a context is established again" wait_for 15 context_says A 'state established'
finish
