# SPDX-License-Identifier: GPL-2.0
# Rules of routing that tell marks and users apart hold for switched packets, too: what one program's packets may do says nothing about
# another's between the same ULIDs.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "marks, users and switched packets"
shim6_hosts
servers
a_switched_context
LOCATOR=$(host_address B 2)
in_ns A sysctl -q -w "net.ipv4.ping_group_range=0 2147483647"
rule() { ip -n A -6 rule "$1" pref 5 $2 to "$LOCATOR" prohibit; } # add|del WHOSE
of_mark() { in_ns A ping -6 -q -c 2 -i 0.2 -W 1 -m "$1" "$PEER" > /dev/null; }
of_user() {
	in_ns A python3 -c '
import os, sys
os.setgid(4242), os.setuid(4242)
os.execvp("ping", ["ping", "-6", "-q", "-c", "2", "-i", "0.2", "-W", "1", sys.argv[1]])' "$PEER" > /dev/null
}
flows_on() { progress opener > "$WORK/opener.before"; wait_for 5 gone_on opener 10; }

for whose in "fwmark 7" "uidrange 4242-4242"; do
	ok "$whose: everybody's packets are switched" eval 'of_mark 0 && of_mark 7 && of_user'
	ok "$whose: must not use the other way" rule add "$whose"
	ok "the datagrams of others flow on" flows_on
	case $whose in
	fwmark*) ok "marked packets do not leave that way" not of_mark 7; ok "those of the user do" of_user ;;
	*) ok "packets of the user do not leave that way" not of_user; ok "marked ones do" of_mark 7 ;;
	esac
	ok "others do" of_mark 0
	ok "the datagrams of others flow on still" flows_on
	ok "$whose: may use it again" rule del "$whose"
	ok "$whose: everybody's packets are switched again" eval 'of_mark 7 && of_user && of_mark 0'
done
heal blackhole
ok "the datagrams come to their end, all right" complete opener 60
finish
