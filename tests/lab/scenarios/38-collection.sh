# SPDX-License-Identifier: GPL-2.0
# Idle contexts are given up; those between whose ULIDs a socket is open stay, be they ever so idle, and go when it is closed (RFC
# 5533 section 9).
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "idle contexts go, those of open sockets stay"
shim6_hosts
servers
PEER=$(host_address B 1)
IDLE=60000
for h in A B; do ok "$h: a minute of silence is enough" in_ns $h shim6 set idle-timeout $IDLE; done
# hold NAME TYPE FROM: a connected socket that says nothing.
hold() {
	run "$1" A python3 -c "
import socket, time
s = socket.socket(socket.AF_INET6, socket.$2)
s.bind(('$3', 0))
s.connect(('$PEER', 5002))
print('connected', flush=True)
time.sleep(100000)"
	wait_for 10 grep -q connected "$WORK/$1.json"
}
pings() { A ping -6 -q -c 12 -i 0.05 -I "$1" "$2"; }
between() { in_ns "$1" shim6 -j context show local "$2" peer "$3" | grep -q '"established"'; }
# It is looked at seldom: the silence is cheap, the looks are not.
within_minutes() { local n; for n in $(seq 1 $(($1 * 4))); do eval "$2" && return 0; sleep 15; done; return 1; }

ok "a connection of TCP is opened" hold tcp SOCK_STREAM "$(host_address A 1)"
ok "and a connected socket of UDP" hold udp SOCK_DGRAM "$(host_address A 2)"
ok "pings where TCP is" pings "$(host_address A 1)" "$PEER"
ok "pings where UDP is" pings "$(host_address A 2)" "$PEER"
ok "pings where no socket is" pings "$(host_address A 1)" "$(host_address B 2)"
ok "three contexts" wait_for 10 context_count_is A 3
ok "that without a socket is given up" within_minutes 3 'context_count_is A 2'
# Longer than the limit, with which nothing happens.
sleep 90
ok "that of TCP stays" between A "$(host_address A 1)" "$PEER"
ok "at both ends" between B "$PEER" "$(host_address A 1)"
ok "that of UDP stays" between A "$(host_address A 2)" "$PEER"
kill "$(pid_of tcp)" "$(pid_of udp)"
ok "without sockets both go" within_minutes 3 'context_count_is A 0 && context_count_is B 0'
finish
