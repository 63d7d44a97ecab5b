# SPDX-License-Identifier: GPL-2.0
# What people do with a network, between host A (who asks) and host B (who answers), in a form that says afterwards whether it went
# on: every octet checked, the longest stall noted. Each program's result lies in $WORK/NAME.json.

TRAFFIC=/lab/shim6-traffic
PROGRAMS=

# run NAME HOST COMMAND...: in the background; stop_programs ends what is still there. The process that is started becomes the
# program: a shell in between would be what is ended, and the program would go on.
run() {
	local name=$1 host=$2; shift 2
	become_in "$host" "$@" > "$WORK/$name.json" 2> "$WORK/$name.err" &
	eval "PID_$name=$!"
	PROGRAMS="$PROGRAMS $!"
}
pid_of() { eval "echo \$PID_$1"; }
running() { kill -0 "$(pid_of "$1")" 2>/dev/null; }
ended() { ! running "$1"; }
stop_programs() {
	[ -z "$PROGRAMS" ] || kill $PROGRAMS 2>/dev/null
	wait 2>/dev/null
	PROGRAMS=
}

# said NAME KEY: a value of a program's result.
said() { sed -n "s/.*\"$2\": \"\\{0,1\\}\\([^,}\"]*\\).*/\\1/p" "$WORK/$1.json"; }
progress() { local n=0; [ ! -e "$WORK/$1.progress" ] || read -r n < "$WORK/$1.progress"; echo "$((1$n - 1000000000000))"; }
progress_over() { [ -s "$WORK/$1.progress" ] && [ "$(progress "$1")" -gt "$2" ]; }

# complete NAME [SECONDS]: the program ended by itself, with everything delivered and nothing wrong.
complete() {
	wait_for "${2:-60}" ended "$1" || return 1
	cat "$WORK/$1.json" "$WORK/$1.err"
	[ "$(said "$1" complete)" = true ]
}

# none_wrong NAME COUNT SECONDS: it ended by itself, with nothing wrong; of datagrams some may be lost, but more than so many came.
none_wrong() {
	wait_for "$3" ended "$1" || return 1
	cat "$WORK/$1.json" "$WORK/$1.err"
	[ "$(said "$1" wrong)" = 0 ] && [ "$(said "$1" received)" -gt "$2" ]
}

# servers: B answers on ports 5001 (streams) and 5002 (echoes over TCP and UDP).
servers() {
	run serve B $TRAFFIC serve 5001
	run echo B $TRAFFIC echo 5002 $(host_address B 1) $(host_address B 2)
	wait_for 5 listening B 5001 && wait_for 5 listening B 5002
}
listening() { in_ns "$1" ss -Hltn "sport = :$2" | grep -q .; }

# start_stream NAME BYTES RATE [GIVE_UP]: B streams to A at RATE bits a second.
start_stream() { run "$1" A $TRAFFIC fetch "$PEER" 5001 "$2" "$3" "${4:-60}" "$WORK/$1.progress"; }
# start_talk NAME tcp|udp MESSAGES INTERVAL_MS OCTETS [GIVE_UP]: A speaks, B echoes.
start_talk() { run "$1" A $TRAFFIC talk "$2" "$PEER" 5002 "$3" "$4" "$5" "${6:-60}" "$WORK/$1.progress"; }

# start_ping NAME COUNT INTERVAL: complete if the last one was answered.
start_ping() {
	run "$1" A sh -c '
		stdbuf -oL ping -6 -n -i '"$3 -c $2 -W 2 $PEER"' | {
			received=0 last=0
			while read -r line; do
				case $line in
				*icmp_seq=*time=*)
					received=$((received + 1)) last=${line#*icmp_seq=}; last=${last%% *}
					[ $((received % 5)) != 0 ] || printf "%012d\n" $received > '"$WORK/$1.progress"'
					echo "$line" >> '"$WORK/$1.log"' ;;
				esac
			done
			complete=false; [ $last != '"$2"' ] || complete=true
			echo "{\"complete\": $complete, \"received\": $received}"
		}'
}

# capture HOST: every packet of Shim6 on both of the host's uplinks, whole, into the results.
capture() {
	local h=$1 s n
	s=$(echo "$h" | tr AB ab)
	for n in 1 2; do
		become_in "$h" tcpdump -i "$s$n" -U -s 0 -w "$DIR/$s$n.pcap" "${2:-ip6 proto 140}" 2> "$WORK/tcpdump.$s$n" &
		PROGRAMS="$PROGRAMS $!"
		wait_for 5 grep -q 'listening on' "$WORK/tcpdump.$s$n"
	done
}
