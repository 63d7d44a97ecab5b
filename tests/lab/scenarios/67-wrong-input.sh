# SPDX-License-Identifier: GPL-2.0
# Wrong input of each kind (a bad address, an unknown attribute, a missing one, a value out of range, without permission, about a context
# that is not there, in the wrong namespace) from the shell, from C, from Python and from the kernel's own client: each time the right
# errno and a sentence, and everything as it was. What the netlink family makes of broken octets is in 15-netlink.
. "$LIB/scenario.sh"
. "$LIB/command.sh"
begin "wrong input: an error, a sentence, and nothing changed"
shim6_hosts
make_namespace C
NAMESPACES="$NAMESPACES C"
ULID=$(host_address A 1) PEER=$(host_address B 1)
NOBODY="setpriv --reuid=65534 --regid=65534 --clear-groups"
ok "a context to do wrong to" S context add local "$ULID" peer "$PEER"
ok "it is established" wait_for 15 context_says A 'state established'
ID=$(S -j context show | python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["id"])')

# state: all that wrong input must leave alone.
state() {
	local h
	for h in A C; do
		in_ns $h shim6 -j show
		in_ns $h shim6 -j policy show
		in_ns $h shim6 -j locator show
		in_ns $h shim6 -j hba show
		in_ns $h shim6 -j context show | python3 -c 'import json,sys; print([(c["id"], c["state"], c["ulid"], c["current"], c["tag"]) for c in json.load(sys.stdin)])'
	done
}
state > "$WORK/before"
same() { state > "$WORK/after"; diff "$WORK/before" "$WORK/after"; }

# The shell. anybody STATUS TEXT WORDS...: the same as says, without permission.
anybody() {
	local status=$1 text=$2 got; shift 2
	in_ns A $NOBODY shim6 "$@" > "$WORK/command" 2>&1
	got=$?
	cat "$WORK/command"
	[ $got = "$status" ] && grep -q -F -e "$text" "$WORK/command"
}
ok "shell: a bad address" says 1 'Error: "2001:db8::g" is not an IPv6 address' context add local "$ULID" peer 2001:db8::g
ok "shell: one that is no host's" says 2 "ff02::1 cannot be a peer's ULID (attribute ulid-peer)" context add local "$ULID" peer ff02::1
ok "shell: one that is not ours" says 2 "is in no loaded HBA set (attribute ulid-local)" context add local "$PEER" peer "$ULID"
ok "shell: an unknown object" says 1 'Error: "contxet" is not known; do you mean context?' contxet show
ok "shell: an unknown word" says 1 'context flush: "colour" is not one of local, peer, fii' context flush colour red
ok "shell: an unknown setting" says 1 'Error: set: "colour"' set colour 5
ok "shell: a missing word" says 1 'context add: "peer ADDRESS" is missing' context add local "$ULID"
ok "shell: a missing value" says 1 'ADDRESS is missing after "peer"' context add local "$ULID" peer
ok "shell: a setting out of range" says 2 "1000 to 100000" set send-timeout 1ms
ok "shell: a priority out of range" says 2 "(attribute priority, 0 to 255)" locator set "$ULID" priority 256
ok "shell: a number that is none" says 1 'context: "seven" is not a number' context del seven
ok "shell: a context that is not there" says 2 "Error: there is no context 4000000 (attribute id" context explore 4000000
ok "shell: nor by its ULIDs" says 2 "there is no context for these ULIDs" context del local "$ULID" peer 2001:db8:99::1
for words in "context del $ID" "context flush" "set start-packets 5" "policy add never" "locator del $ULID" "hba remove $ULID" "context fork $ID"; do
	ok "shell: $words, without permission" anybody 2 "CAP_NET_ADMIN" $words
done
ok "shell: a namespace that is not there" says 2 "nowhere" -n nowhere context show
ok "shell: a context of another namespace" says 2 "there is no context $ID" -n C context del "$ID"
ok "shell: a new one from there" says 2 "is in no loaded HBA set" -n C context add local "$ULID" peer "$PEER"
ok "shell: nothing changed" same

# checks NAME COMMAND...: each line that it prints is a check of this scenario.
checks() {
	local name=$1 verdict what; shift
	"$@" > "$WORK/checks" 2> "$WORK/errors"
	echo "exit $?" >> "$WORK/errors"
	while read -r verdict what; do ok "$name: $what" [ "$verdict" = PASS ] || sed 's/^/#   /' "$WORK/checks"; done < "$WORK/checks"
	ok "$name: all checks were made" grep -qx "exit 0" "$WORK/errors" || sed 's/^/#   /' "$WORK/errors"
	ok "$name: nothing changed" same
}
C="env LD_LIBRARY_PATH=/lab /lab/wrong-c"
PYTHON="python3 -B /lab/netlink/wrong.py"
MORE="/lab/libshim6.so.0 /lab/ynl /lab/shim6.yaml"
checks "C, root" in_ns A $C admin "$ULID" "$PEER"
checks "C, anybody" in_ns A $NOBODY $C anybody "$ULID" "$PEER"
checks "C, elsewhere" in_ns C $C elsewhere "$ULID" "$PEER"
checks "Python, root" in_ns A $PYTHON admin "$ULID" "$PEER" $MORE
checks "Python, anybody" in_ns A $NOBODY $PYTHON anybody "$ULID" "$PEER" $MORE
checks "Python, elsewhere" in_ns C $PYTHON elsewhere "$ULID" "$PEER" $MORE
finish
