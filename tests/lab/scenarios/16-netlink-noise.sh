# SPDX-License-Identifier: GPL-2.0
# Random netlink messages and socket options (valid, mutated, truncated) against the kernel: no warning, and unchanged service. First by
# those who may change nothing of host A: anybody there, root of a namespace of his own, and root of another namespace. All the while
# TCP goes on through a switched context, and nothing that A was told changes. Then by A's own root, after whom a kept configuration is
# put back and serves.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
. "$LIB/command.sh"
begin "noise: random netlink messages and socket options do no harm"
shim6_hosts
servers
LOCAL=$(host_address A 1) PEER=$(host_address B 1)
make_namespace C
NAMESPACES="$NAMESPACES C"
NOBODY="setpriv --reuid=65534 --regid=65534 --clear-groups"

ok "a rule and a setting that must stay" eval 'S policy add never peer-port 9 && S set start-packets 7 return-time 0'
ok "what A was told is kept" S save file "$WORK/shim6.conf"
start_talk tcp tcp 100000000 20 160
ok "TCP is under way" wait_for 10 progress_over tcp 5
ok "it has a context" wait_for 15 has_context
ID=$(contexts A | python3 -c 'import json,sys; print([c["id"] for c in json.load(sys.stdin) if c["ulid"]["peer"] == sys.argv[1]][0])' "$PEER")
on_other_path() { json "j[0]['switched'] and j[0]['state'] == 'established'" context show "$ID"; }
ok "which is switched" S context switch "$ID" from "$(host_address A 2)" to "$(host_address B 2)"
ok "to other locators" wait_for 10 on_other_path

# told: what A was told, and which default contexts it has, as text. A socket's own context comes and goes with the socket.
told() {
	S -j show
	S -j policy show
	S -j hba show | sed 's/"contexts":[0-9]*//g'
	contexts A | python3 -c 'import json,sys; print([(c["id"], c["ulid"], c["state"], c["tag"]) for c in json.load(sys.stdin) if c["fii"] == 0])'
}
told > "$WORK/before"
unchanged() { told > "$WORK/after"; diff "$WORK/before" "$WORK/after"; }
goes_on() { progress tcp > "$WORK/tcp.before"; wait_for 10 gone_on tcp 10; }

# noise WHO COUNT SEED: so many messages, or options, by somebody.
netlink() { local role=$1 count=$2 seed=$3; shift 3; "$@" python3 -B /lab/netlink/noise.py /lab/shim6.h "$count" "$seed" "$role" "$LOCAL" "$PEER"; }
noise() {
	case $1 in
	anybody) netlink anybody "$2" "$3" in_ns A $NOBODY ;;
	guest) netlink admin "$2" "$3" in_ns A $NOBODY unshare -Urn ;;
	neighbour) netlink admin "$2" "$3" in_ns C ;;
	sockets) in_ns A $NOBODY python3 -B /lab/socket/noise.py /lab/shim6.h "$2" "$3" "$LOCAL" "$PEER" ;;
	root-sockets) in_ns A python3 -B /lab/socket/noise.py /lab/shim6.h "$2" "$3" "$LOCAL" "$PEER" ;;
	root) netlink admin "$2" "$3" in_ns A ;;
	esac
}

# A few thousand, the first of the same seed always; make soak asks for a million by SHIM6_NOISE.
all=4500
[ ! -e /lab/noise ] || all=$(cat /lab/noise)
at_once=$((all / 15))
[ $at_once -lt 10000 ] || at_once=10000
sent=0 seed=1
# by WHO: one lot.
by() {
	ok "$at_once by $1, seed $seed" noise "$1" $at_once "$seed" || return 1
	sent=$((sent + at_once)) seed=$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')
}
while [ $sent -lt $((all * 2 / 3)) ]; do
	for who in anybody guest neighbour sockets root-sockets; do by $who || break 2; done
	ok "TCP goes on" goes_on
	ok "nothing that A was told has changed" unchanged
done
ok "TCP was never disturbed" eval 'goes_on && running tcp'
ok "it goes by the other locators still" on_other_path

while [ $sent -lt "$all" ]; do by root || break; done
ok "what was kept is put back" S restore "$WORK/shim6.conf"
# The numbers of rules are given anew.
settings_and_rules() { sed -n '1,2 s/"id":[0-9]*/"id"/p; 1 p' "$1"; }
told > "$WORK/after"
ok "and is as it was" [ "$(settings_and_rules "$WORK/before")" = "$(settings_and_rules "$WORK/after")" ]
ok "TCP comes to its end" kill "$(pid_of tcp)"
# The peer's own I1 for a context that it misses may come before.
begin_again() { S context flush && B shim6 context flush && { S context add local "$LOCAL" peer "$PEER" || context_says A "$PEER"; }; }
ok "a context is set up as ever" begin_again
ok "and established" wait_for 15 has_context
start_talk udp udp 50 20 160
ok "traffic flows through it" complete udp
note "$sent messages and options"
finish
