# SPDX-License-Identifier: GPL-2.0
# Packets that are damaged on their way. Nobody leaves a sum to a network card here, so each comes with one that was made over the
# ULIDs; what has it wrong must not get through, whether the transport checks it (CHECKSUM_NONE) or aggregation has done so
# (CHECKSUM_UNNECESSARY). Every octet that the programs get is compared with what was sent.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "damaged packets are refused, switched and aggregated or not"
shim6_hosts
sums_are_made() { # on|off, for aggregation
	local h n s
	for h in A B; do
		s=$(echo $h | tr AB ab)
		for n in 1 2; do in_ns $h ethtool -K $s$n tx off tso off gso off rx off gro "$1" > /dev/null 2>&1; done
	done
	for n in p2a p2b; do in_ns $n ethtool -K customer gro off gso off tso off > /dev/null 2>&1; done
}
# One bit of three packets in a hundred, both ways, at provider 2; it hits headers as well as what they carry.
damage() { for n in p2a p2b; do tc -n $n qdisc change dev core root netem delay "$DELAY" rate "$RATE" limit "$LIMIT" corrupt "$1" || return 1; done; }
refused() { in_ns "$1" awk -v name="$2" '$1 == name { print $2 }' /proc/net/snmp6; }
tcp_refused() { for h in A B; do in_ns $h nstat -asz TcpInCsumErrors | awk '$1 == "TcpInCsumErrors" { print $2 }'; done | awk '{ n += $1 } END { print n + 0 }'; }
udp_refused() { echo $(($(refused A Udp6InCsumErrors) + $(refused B Udp6InCsumErrors))); }
through_damage() { # LABEL
	local udp tcp
	udp=$(udp_refused) tcp=$(tcp_refused)
	start_stream stream 3000000 99000000000 30
	start_talk records tcp 100 20 1200 30
	start_talk datagrams udp 400 20 1200 3
	ok "$1: a stream comes to its end, every octet right" complete stream 120
	ok "$1: records, too" complete records 120
	ok "$1: no datagram is wrong" none_wrong datagrams 300 90
	ok "$1: UDP has refused some" above "$(udp_refused)" "$udp"
	ok "$1: TCP has refused some" above "$(tcp_refused)" "$tcp"
}
sums_are_made off
servers
a_switched_context
ok "packets are damaged from now on" damage 3%
through_damage "not aggregated"
sums_are_made on
through_damage "aggregated"
damage 0%
finish
