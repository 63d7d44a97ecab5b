# SPDX-License-Identifier: GPL-2.0
# The socket options of RFC 6316 as a program without privileges uses them (tests/lab/socket): what each does, what is refused
# how, and that what was refused changed nothing; contexts that a socket has for itself come and go with it.
. "$LIB/scenario.sh"
begin "socket options: each does what RFC 6316 says, for the program's own sockets"

asks_or_ends() { grep -q WAIT "$WORK/checks" || ! kill -0 $program; }
keepalive_told() { contexts B | grep -q '"keepalive_timeout_ms":9000'; }

shim6_hosts
servers
# Contexts come from what A sends only, so that a socket that wants none gets none.
B shim6 set start-packets 0 start-time 0
A shim6 set start-packets 10 start-time 0
mkfifo "$WORK/go"
in_ns A setpriv --reuid=65534 --regid=65534 --clear-groups python3 -B /lab/socket/options.py /lab/shim6.h \
	"$(host_address A 1)" "$(host_address A 2)" "$(host_address B 1)" "$(host_address B 2)" \
	< "$WORK/go" > "$WORK/checks" 2> "$WORK/errors" &
program=$!
exec 9<> "$WORK/go"
ok "APP_TIMEOUT and PATHEXPLORE are set" wait_for 200 asks_or_ends
ok "the peer keeps alive by the time that was asked" wait_for 5 keepalive_told
echo >&9
wait $program
echo "exit $?" >> "$WORK/errors"
exec 9>&-
grep -E '^(PASS|FAIL)' "$WORK/checks" > "$WORK/verdicts"
while read -r verdict what; do ok "$what" [ "$verdict" = PASS ]; done < "$WORK/verdicts"
ok "all checks were made" grep -qx "exit 0" "$WORK/errors" || sed 's/^/#   /' "$WORK/errors"
ok "no context is left but those of the hosts" wait_for 60 context_count_is A 2

for seed in 1 "$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')"; do
	ok "1500 random options of seed $seed are all answered" in_ns A setpriv --reuid=65534 --regid=65534 --clear-groups \
		python3 -B /lab/socket/noise.py /lab/shim6.h 1500 "$seed" "$(host_address A 1)" "$(host_address B 1)"
done
ok "what they left behind goes" wait_for 90 context_count_is A 2

# A program that is killed leaves as little behind as one that ends, and the module can go while sockets want something.
run holder A python3 -B /lab/socket/hold.py /lab/shim6.h "$(host_address A 1)" "$(host_address B 1)"
ok "a program has five contexts of its own" wait_for 20 context_count_is A 7
kill -9 "$(pid_of holder)"
ok "they go when it is killed" wait_for 60 context_count_is A 2
run holder A python3 -B /lab/socket/hold.py /lab/shim6.h "$(host_address A 1)" "$(host_address B 1)"
ok "and come again" wait_for 20 context_count_is A 7
ok "the module goes under them" module_unload
ok "and left nothing" module_counts_clean
ok "the program was not disturbed" running holder
finish
