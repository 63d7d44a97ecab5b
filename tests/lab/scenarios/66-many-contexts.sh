# SPDX-License-Identifier: GPL-2.0
# Some thousands of contexts: dumps that the kernel filters, under which contexts come and go, that cost the command no memory; and
# listeners who are too slow, who are told.
. "$LIB/scenario.sh"
. "$LIB/command.sh"
. "$LIB/peers.sh"
begin "many contexts: dumps, filters, and listeners who are too slow"
COUNT=3000
shim6_hosts
peers_up A
LOCAL=$(host_address A 1)
ok "answers may be many" S set reply-limit 1000000
ok "$COUNT peers set up a context each" peers_initiate "$LOCAL" 0 $COUNT 64
ok "all are established" json "j['contexts']['by_state']['established'] == $COUNT and j['contexts']['peers'] == $COUNT" status

run monitor A shim6 -j monitor
in_ns A python3 -B /lab/netlink/many.py /lab/shim6.h $COUNT "$LOCAL" B > "$WORK/checks" 2> "$WORK/errors"
echo "exit $?" >> "$WORK/errors"
while read -r verdict what; do ok "$what" [ "$verdict" = PASS ]; done < "$WORK/checks"
ok "all checks were made" grep -qx "exit 0" "$WORK/errors" || sed 's/^/#   /' "$WORK/errors"

# The command. peak WORDS...: the most memory, in KiB, that it took to print them, and that all it printed is one JSON value.
peak() { in_ns A python3 -c "
import json, resource, subprocess, sys
with open('$WORK/shown', 'wb') as shown: subprocess.run(['shim6', *sys.argv[1:]], stdout=shown, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
assert isinstance(json.load(open('$WORK/shown')), list)" "$@"; }
PEER=2001:db8:f000::1:0:7
ONE=$(peak -j context show peer $PEER) ALL=$(peak -j context show)
ok "all of them cost the command no more memory than one: $ALL KiB, $ONE KiB" below "$ALL" $((ONE + 1500))
ok "nor for people, nor with sockets" below "$(peak -j -p context show sockets)" $((ONE + 2500))
ok "one is found by its peer" json "[c['ulid']['peer'] for c in j] == ['$PEER']" context show peer $PEER state established
ok "a reader who has enough may go" sh -c "[ \"\$(ip netns exec A shim6 -o context show | head -n 1 | cut -d' ' -f1)\" = context ]"
ok "a filter that is refused prints nothing but the error" sh -c "! ip netns exec A setpriv --reuid=65534 --regid=65534 --clear-groups \
	shim6 -j context show tag 5 > $WORK/none 2> $WORK/why && [ ! -s $WORK/none ] && grep -q 'tags need CAP_NET_ADMIN' $WORK/why"
ok "the peers that are held down are one array, too" json "j == []" peer show

# The command's own listener stands still while a thousand contexts go.
told() { grep -q -e "$1" "$WORK/monitor.json"; }
not_lost() { ! told '"event":"lost"'; }
ok "monitor has lost nothing so far" not_lost
kill -STOP "$(pid_of monitor)"
ok "all contexts go" S context flush
kill -CONT "$(pid_of monitor)"
ok "monitor says that it has lost events, and what to do" wait_for 5 told '"event":"lost","object":"monitor".*shim6 context show'
ok "and goes on" S set start-packets 17
ok "it hears what comes then" wait_for 5 told '"start_packets":17'
ok "none is left" json "j == []" context show
finish
