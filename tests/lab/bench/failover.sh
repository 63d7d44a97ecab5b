# SPDX-License-Identifier: GPL-2.0
# The failover benchmark, inside the machine: one failure in traffic, over and over, for shim6 and for MPTCP.
#
# The cells to measure are the names in /lab/list, STACK.FAILURE.SIDE.TRAFFIC; machines that share the list take each from /lab/queue.
# /lab/runs says how many runs a cell has. Each run is reported as a line "RUN {...}".
#
# The network: A downloads from B, RTT 20 ms on every path, links of 50 Mbit/s, a stream of 20 Mbit/s. The uplink of provider 1
# fails, at A (side client) or at B (side server); provider 2 is well. "Data" is what flows from B to A, acknowledgements are what
# flows back.
LIB=/lab/lib OUT=/lab/out
. "$LIB/scenario.sh"
. "$LIB/armed.sh"
DIR=$OUT/failover
mkdir -p "$DIR"
RUNS=$(cat /lab/runs)
STANDBY=500		# milliseconds between the probes of the stack with standby
trap 'stop_programs 2>/dev/null; topology_down; module_loaded && module_unload; rm -rf "$WORK"' EXIT

must() { "$@" > "$WORK/said" 2>&1 || { echo "failed: $*"; sed 's/^/    /' "$WORK/said"; return 1; }; }

# ---- the network, with the module or without ----

HAVE=
hosts_for() { # STACK
	local want=plain h
	case $1 in shim6*) want=shim6 ;; esac
	[ "$HAVE" != $want ] || return 0
	topology_down
	! module_loaded || must module_unload || return 1
	# Where there are sets, heal puts their addresses back.
	rm -f "$WORK/A.hba" "$WORK/B.hba"
	HAVE=
	topology_up
	if [ $want = shim6 ]; then
		must module_load && must hba_setup A && must hba_setup B && keep_settings || return 1
	else
		host_addresses
	fi
	modprobe -q nft_reject_ipv6
	for h in A B; do in_ns $h sysctl -qw net.ipv4.tcp_no_metrics_save=1; done
	must every_path || return 1
	for h in A B; do for n in 1 2; do eval "$h$n=$(host_address $h $n)"; done; done
	HAVE=$want
	echo "the network is up for $1, after $(virtual_seconds) s of its time"
}

# ---- the stacks ----

# set_all PATTERN VALUE: those settings that there are, on both hosts.
set_all() {
	local h name
	for h in A B; do
		for name in $(in_ns $h shim6 set | awk '{ print $1 }' | grep -E "$1"); do must in_ns $h shim6 set "$name" "$2" || return 1; done
	done
}
# The settings as the module came with them, so that a stack is measured as people have it.
keep_settings() { A shim6 set | awk '{ print $1, $2 }' > "$WORK/settings"; }
restore_settings() {
	local h name value
	for h in A B; do
		while read -r name value; do must in_ns $h shim6 set "$name" "$value" || return 1; done < "$WORK/settings"
	done
}
use_shim6() { # STACK
	[ "$USED" != "$1" ] || return 0
	restore_settings || return 1
	case $1 in
	shim6-rfc)     set_all '^advice-' 0 && set_all '^parallel-probes$' 1 && set_all '^return-time$' 0 ;;
	shim6-standby) set_all '^standby-interval$' $STANDBY ;;
	esac
}
# What was learnt about paths goes, too: at each switch TCP learns of an MTU that is a notch smaller, and after fifty there is nothing
# left to be cut. (A flush by way of /proc leaves what was learnt of MTUs. What belongs to a link that was down cannot be
# removed, and ip would try for half a minute.)
forget_contexts() {
	local h
	for h in A B; do
		in_ns $h shim6 context flush
		timeout 0.3 ip -n $h -6 route flush table all cache > /dev/null 2>&1
	done
}
both_established() { context_says A established && context_says B established; }
# A new context for each run. A host that has forgotten the old one answers the last message of the other, which may so bring it
# back, to one of them alone (RFC 5533 section 7.5): what has come back is forgotten when nothing is on its way any more.
prepare_shim6() { # STACK
	local try
	use_shim6 "$1" || return 1
	for try in 1 2 3; do
		forget_contexts
		# What comes by the same way after a message shows that it has arrived.
		must every_path || return 1
		forget_contexts
		in_ns A shim6 context add local "$A1" peer "$B1" > "$WORK/said" 2>&1
		! wait_for 1 both_established > "$WORK/said" 2>&1 || return 0
	done
	echo "no context: A $(in_ns A shim6 context show), B $(in_ns B shim6 context show)"
	return 1
}

both() { in_ns A sysctl -qw "$@"; in_ns B sysctl -qw "$@"; }
# MPTCP has one path in reserve, the one that stays well.
prepare_mptcp() { # STACK SIDE
	local h
	if [ "$USED" != "$1" ]; then
		case $1 in
		mptcp-tuned) both net.mptcp.stale_loss_cnt=1 net.ipv4.tcp_rto_min_us=4000 ;;
		*)           both net.mptcp.stale_loss_cnt=4 net.ipv4.tcp_rto_min_us=200000 ;;
		esac
		for h in A B; do ip -n $h mptcp limits set subflow 4 add_addr_accepted 4; done
	fi
	for h in A B; do ip -n $h mptcp endpoint flush; done
	case $2 in
	client) ip -n A mptcp endpoint add "$A2" dev a2 subflow backup ;;
	server) ip -n B mptcp endpoint add "$B2" dev b2 signal backup ;;
	esac
	[ "$1" != mptcp-daemon ] || case $2 in
	client) link_daemon A 1 "$A1" ;;
	server) link_daemon B 1 "$B1" ;;
	esac
}

# ---- one run ----

# The failure of failures.sh that has this name here.
failure_of() { # FAILURE SIDE
	case $1.$2 in
	carrier-loss.*)    echo carrier-host ;;
	uplink-down.*)     echo uplink-down ;;
	blackhole-both.*)  echo blackhole ;;
	unreachable-data.client|unreachable-ack.server) echo unreach-in ;;
	unreachable-ack.client|unreachable-data.server) echo unreach-out ;;
	blackhole-data.client|blackhole-ack.server)     echo blackhole-in ;;
	blackhole-ack.client|blackhole-data.server)     echo blackhole-out ;;
	esac
}
# Why each host has switched: "A: cadence, B: peer-exploring".
causes() {
	local h said all=
	for h in A B; do
		said=$(contexts $h)
		case $said in
		*'"switch_cause":'*) said=${said#*'"switch_cause":'}; said=${said#*'"'}; all="$all${all:+, }$h: ${said%%'"'*}" ;;
		esac
	done
	echo "$all"
}
path_well() { ping_path A "$A1" "$B1"; }

# run_once STACK FAILURE SIDE TRAFFIC NUMBER
run_once() {
	local stack=$1 failure=$2 side=$3 traffic=$4 number=$5 host=A kind cap=5000 tail=1000 cause= samples= flow said
	[ "$side" = client ] || host=B
	kind=$(failure_of "$failure" "$side")
	flow=$traffic
	case $stack in
	shim6*) prepare_shim6 "$stack" || return 1 ;;
	mptcp*) prepare_mptcp "$stack" "$side"; flow=mp$traffic ;;
	esac
	USED=$stack
	[ "$stack" != shim6-rfc ] || cap=25000
	# The phase of the failure is spread over a second, and over the intervals of what is sent.
	local at=$((1000 + (number - 1) * 1000 / RUNS + number * 37 % 100))
	[ "$traffic" = tcp ] || at=$((at + 1000))
	# A pair stands by once it was asked for, which begins with traffic.
	[ "$stack" != shim6-standby ] || at=$((at + 2 * STANDBY))
	# The first run of those that are drawn goes on for ten seconds, if it is not the only one.
	case $traffic.$side.$failure.$number.$((RUNS > 1)) in
	tcp.client.blackhole-both.1.1|tcp.client.carrier-loss.1.1) samples=$DIR/$stack.$failure.samples tail=10000 cap=$((cap + 10000)) ;;
	esac
	arm "$kind" $host 1
	"$TRAFFIC" across "$flow" $at $tail $cap "$WORK/now" A "$A1" B "$B1" $samples > "$WORK/run" 2> "$WORK/run.err"
	[ $HAVE != shim6 ] || cause=$(causes)
	stop_programs 2> /dev/null
	heal "$kind" $host
	wait_for 10 path_well || echo "not healed: $kind"
	said=$(cat "$WORK/run")
	if [ -z "$said" ] || [ -s "$WORK/failure" ]; then
		echo "no run: $* $(cat "$WORK/run.err" "$WORK/failure")"
		return 1
	fi
	echo "RUN {\"stack\": \"$stack\", \"failure\": \"$failure\", \"side\": \"$side\", \"traffic\": \"$traffic\", \"run\": $number, \"cause\": \"$cause\", ${said#\{}"
}

USED=
for cell in $(cat /lab/list); do
	mv "/lab/queue/$cell" "/lab/taken/$cell" 2>/dev/null || continue
	IFS=. read -r stack failure side traffic <<-E
	$cell
	E
	hosts_for "$stack" || { echo "no hosts for $stack"; continue; }
	run=0
	while [ $run -lt "$RUNS" ]; do
		run=$((run + 1))
		run_once "$stack" "$failure" "$side" "$traffic" $run
	done
done
