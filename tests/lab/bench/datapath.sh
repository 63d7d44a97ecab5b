# SPDX-License-Identifier: GPL-2.0
# The benchmark of the data path, inside the machine: as much traffic as goes through one veth pair, on one processor that is never
# idle. On virtual time a nanosecond is an instruction, so what a packet takes is what it costs.
#
# The cells to measure are the names in /lab/list, TRAFFIC.OFFLOAD. /lab/runs says how many runs a cell has, /lab/stacks what carries
# the traffic. Each run is reported as a line "RUN {...}".
#
# Each stack has two hosts of its own, c-STACK and s-STACK, so that a run is interleaved with those of the others; what is measured
# flows from c to s. Stacks without shim6 are measured while the module is not loaded: its hooks would be in their hosts, too.
LIB=/lab/lib OUT=/lab/out
. "$LIB/scenario.sh"
. "$LIB/pairs.sh"
RUNS=$(cat /lab/runs)
STACKS=$(cat /lab/stacks)
STREAM_GSO=128000000 STREAM=24000000		# octets
DATAGRAMS=8192
# In real time that is over before anything has warmed up.
if [ "$(cat /lab/clock)" = real ]; then
	STREAM_GSO=$((STREAM_GSO * 10)) STREAM=$((STREAM * 10)) DATAGRAMS=$((DATAGRAMS * 10))
fi
trap 'pairs_down; module_loaded && module_unload; rm -rf "$WORK"' EXIT

up_plain() { own 2001:db8:c::1 2001:db8:5::1; }

# Both addresses, at both ends, without state: what shim6 does to a switched packet.
up_nptv6() {
	local host own far t
	own fd00:c::1 fd00:5::1
	for host in c s; do
		case $host in c) own=c far=5 ;; s) own=5 far=c ;; esac
		t="in_ns $host-$STACK ip6tables-legacy -t mangle"
		$t -A OUTPUT -d fd00:$far::/48 -j DNPT --src-pfx fd00:$far::/48 --dst-pfx 2001:db8:$far::/48
		$t -A POSTROUTING -s fd00:$own::/48 -j SNPT --src-pfx fd00:$own::/48 --dst-pfx 2001:db8:$own::/48
		$t -A PREROUTING -d 2001:db8:$own::/48 -j DNPT --src-pfx 2001:db8:$own::/48 --dst-pfx fd00:$own::/48
		$t -A INPUT -s 2001:db8:$far::/48 -j SNPT --src-pfx 2001:db8:$far::/48 --dst-pfx fd00:$far::/48
	done
}

# The destination alone.
up_ila() {
	local c=2001:db8:51:0:2000:0:0:c s=2001:db8:51:0:2000:0:0:5 mode="csum-mode adj-transport ident-type luid"
	modprobe ila
	ip -n "c-$STACK" addr add $c/128 dev lo
	ip -n "s-$STACK" addr add $s/128 dev lo
	ip -n "c-$STACK" -6 route add $s/128 encap ila 2001:db8:5:0 $mode via fe80::5 dev e0 src $c
	ip -n "s-$STACK" -6 route add $c/128 encap ila 2001:db8:c:0 $mode via fe80::c dev e0 src $s
	ip -n "c-$STACK" ila add loc_match 2001:db8:c:0 loc 2001:db8:51:0 $mode
	ip -n "s-$STACK" ila add loc_match 2001:db8:5:0 loc 2001:db8:51:0 $mode
	keep $c $s
}

# One address, at one end, with a connection table.
up_nft_snat() {
	own fd00:c::1 2001:db8:5::1
	ip -n "c-$STACK" addr add 2001:db8:c::1/128 dev lo
	c nft -f - <<-E
	table ip6 n {
		chain p { type nat hook postrouting priority srcnat; ip6 saddr fd00:c::1 snat to 2001:db8:c::1; }
	}
	E
}

up() { # STACK
	pair "$1"
	case $1 in
	plain) up_plain ;;
	nptv6) up_nptv6 ;;
	ila) up_ila ;;
	nft-snat) up_nft_snat ;;
	shim6-*) up_shim6 ;;
	esac || return 1
	must wait_for 5 c ping -q -6 -c 1 -W 1 -I "$(source_address)" "$(target)" && must looks_right
}

# What the stack does can be seen on the link: a stack that did nothing would look fast.
looks_right() {
	local filter looker
	case $STACK in
	nptv6) filter="src 2001:db8:c::1 and dst 2001:db8:5::1" ;;
	ila) filter="dst net 2001:db8:5::/64" ;;
	nft-snat) filter="src 2001:db8:c::1" ;;
	shim6-switched) filter="src net 2001:db8:2:c::/64 and ip6 proto 140" ;;
	*) filter="src $(source_address) and dst $(target) and not ip6 proto 140" ;;
	esac
	become_in "s-$STACK" tcpdump -n -c 1 -i e0 -U -w /dev/null "$filter" 2> "$WORK/seen" &
	looker=$!
	wait_for 5 grep -q 'listening on' "$WORK/seen" || return 1
	c ping -q -6 -i 0.1 -c 5 -I "$(source_address)" "$(target)" || return 1
	wait_for 5 grep -q '^1 packet captured' "$WORK/seen" && wait $looker
}

# ---- one run ----

run_once() { # TRAFFIC OFFLOAD NUMBER
	local traffic=$1 offload=$2 number=$3 words said gso=false
	[ "$offload" = off ] || gso=true
	for h in c s; do $h ethtool -K e0 tso "$offload" gso "$offload" gro "$offload" > /dev/null; done
	case $traffic.$offload in
	tcp.on) words="tcp $STREAM_GSO $number" ;;
	tcp.off) words="tcp $STREAM $number" ;;
	udp-*.on) words="udp-gso ${traffic#udp-} $DATAGRAMS" ;;
	udp-*.off) words="udp ${traffic#udp-} $DATAGRAMS" ;;
	esac
	said=$("$TRAFFIC" bulk $words "c-$STACK" "$(source_address)" "s-$STACK" "$(target)" 2> "$WORK/run.err")
	[ -n "$said" ] || { echo "no run: $STACK $* $(cat "$WORK/run.err")"; return 1; }
	echo "RUN {\"stack\": \"$STACK\", \"gso\": $gso, \"traffic\": \"$traffic\", \"contexts\": 1, \"run\": $number, ${said#\{}"
}

# each_stack KIND COMMAND...: for each stack that is wished for, with shim6 or without.
each_stack() { # shim6|other COMMAND...
	local kind=$1 stack
	shift
	for stack in $STACKS; do
		is_shim6 "$stack" && [ "$kind" = other ] && continue
		is_shim6 "$stack" || [ "$kind" = other ] || continue
		STACK=$stack
		"$@"
	done
}
down() { for n in "c-$STACK" "s-$STACK"; do ip netns del "$n"; done; }
make_up() { up "$STACK" || echo "no hosts for $STACK"; }
measure_cells() { for cell in $CELLS; do run_once "${cell%.*}" "${cell#*.}" "$1"; done; }

CELLS=$(cat /lab/list)
modprobe -q veth
run=0
each_stack other make_up
while [ $run -lt "$RUNS" ]; do
	run=$((run + 1))
	each_stack other measure_cells $run
	must module_load || exit 1
	each_stack shim6 make_up
	each_stack shim6 measure_cells $run
	each_stack shim6 down
	must module_unload || exit 1
done
