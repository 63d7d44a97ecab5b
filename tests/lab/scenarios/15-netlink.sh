# SPDX-License-Identifier: GPL-2.0
# The control interface by itself: right requests, wrong ones of every kind, dumps, events, and who may do what. The client
# (tests/lab/netlink) is written against the numbers of the uapi header alone and sends octets that no real one would; the kernel's own
# (tools/net/ynl) knows only the specification.
. "$LIB/scenario.sh"
begin "netlink: bad input is refused by name and changes nothing"
topology_up
ok "the module loads" module_load

# checks WHO COMMAND...: runs checks as somebody; each line that they print is a check of this scenario.
checks() {
	local who=$1 verdict what; shift
	"$@" > "$WORK/$who.checks" 2> "$WORK/$who.errors"
	echo "exit $?" >> "$WORK/$who.errors"
	while read -r verdict what; do ok "$what" [ "$verdict" = PASS ]; done < "$WORK/$who.checks"
	ok "all checks of $who were made" grep -qx "exit 0" "$WORK/$who.errors" || sed 's/^/#   /' "$WORK/$who.errors"
}
CHECKS_PY="python3 -B /lab/netlink/checks.py"
NOBODY="setpriv --reuid=65534 --regid=65534 --clear-groups"

checks admin in_ns A $CHECKS_PY admin /lab/shim6.h
checks other in_ns A $NOBODY $CHECKS_PY other /lab/shim6.h
checks guest in_ns A $NOBODY unshare -Urn $CHECKS_PY guest /lab/shim6.h
# The kernel's own client, with the specification and nothing else.
checks ynl in_ns B python3 -B /lab/netlink/independent.py /lab/ynl /lab/shim6.yaml
finish
