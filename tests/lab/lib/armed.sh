# SPDX-License-Identifier: GPL-2.0
# Failures that happen at a moment: the program that makes one is started beforehand and waits for a line, so that what is measured is
# the failure and not the start of a program. Of the failures of failures.sh, those that are benchmarked; that file's heal heals them.
#
#   arm KIND HOST PROVIDER      makes the failure when a line comes out of the FIFO $WORK/now

arm() {
	[ -p "$WORK/now" ] || mkfifo "$WORK/now"
	{ read -r _ < "$WORK/now"; failure_words "$@"; } | failure_program "$@" > "$WORK/failure" 2>&1 &
	PROGRAMS="$PROGRAMS $!"
}

# The program, and what it is told.
failure_program() { # KIND HOST PROVIDER
	local h=$2 n=$3 s
	s=$(echo "$h" | tr AB ab)
	case $1 in
	carrier-host|unreach-in)      ip -6 -n "p$n$s" -batch - ;;
	uplink-down)                  ip -n "$h" -batch - ;;
	blackhole*|unreach-out)       in_ns "p$n" nft -f - ;;
	*)                            cat ;;
	esac
}
failure_words() { # KIND HOST PROVIDER
	local h=$2 n=$3 s
	s=$(echo "$h" | tr AB ab)
	case $1 in
	carrier-host) echo "link set customer down" ;;
	uplink-down)  echo "link set $s$n down" ;;
	unreach-in)   echo "route add unreachable 2001:db8:$n:$s::/64 metric 1" ;;
	unreach-out)  echo "insert rule ip6 failures drops iifname edge-$s reject with icmpv6 no-route" ;;
	blackhole)
		echo "add rule ip6 failures drops iifname edge-$s drop"
		echo "add rule ip6 failures drops oifname edge-$s drop" ;;
	blackhole-out) echo "add rule ip6 failures drops iifname edge-$s drop" ;;
	blackhole-in)  echo "add rule ip6 failures drops oifname edge-$s drop" ;;
	*) echo "unknown failure: $1" ;;
	esac
}

# link_daemon HOST PROVIDER ADDRESS: what a network manager can do for MPTCP: when the uplink loses its carrier or goes down, MPTCP is
# told that the address is gone.
link_daemon() {
	local h=$1 address=$3 uplink
	uplink=$(echo "$h" | tr AB ab)$2
	[ -p "$WORK/links" ] || mkfifo "$WORK/links"
	ip -n "$h" monitor link > "$WORK/links" 2> /dev/null &
	PROGRAMS="$PROGRAMS $!"
	while read -r line; do
		case $line in
		*" $uplink@"*"state DOWN"*) echo "mptcp endpoint del id 0 $address" ;;
		esac
	done < "$WORK/links" | ip -force -n "$h" -batch - > "$WORK/daemon" 2>&1 &
}
