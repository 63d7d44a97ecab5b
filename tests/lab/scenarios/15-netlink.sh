# SPDX-License-Identifier: GPL-2.0
# The control interface by itself: right requests, wrong ones of every kind, dumps, events, and who may do what. The client
# (tests/lab/netlink) is written against the numbers of the uapi header alone and sends octets that no real one would.
. "$LIB/scenario.sh"
begin "netlink: bad input is refused by name and changes nothing"
topology_up
ok "the module loads" module_load

# checks WHO COMMAND...: runs the checks as somebody; each of their lines is a check of this scenario.
checks() {
	local who=$1 verdict what; shift
	"$@" python3 -B /lab/netlink/checks.py "$who" /lab/shim6.h > "$WORK/$who.checks" 2> "$WORK/$who.errors"
	echo "exit $?" >> "$WORK/$who.errors"
	while read -r verdict what; do ok "$what" [ "$verdict" = PASS ]; done < "$WORK/$who.checks"
	ok "all checks of $who were made" grep -qx "exit 0" "$WORK/$who.errors" || sed 's/^/#   /' "$WORK/$who.errors"
}

checks admin in_ns A
checks other in_ns A setpriv --reuid=65534 --regid=65534 --clear-groups
checks guest in_ns A setpriv --reuid=65534 --regid=65534 --clear-groups unshare -Urn
finish
