# SPDX-License-Identifier: GPL-2.0
# Packets of every size that matters around a link's MTU, before and after a context has switched, with GSO on and off.

# The largest UDP payload in one packet; the payload extension header takes 8 of it once the context has switched.
fits() { echo $(($1 - 40 - 8)); }

# sizes MTU LABEL: datagrams just below, at and above the edges, fragmented ones, and big TCP writes.
sizes() {
	local mtu=$1 label=$2 top size
	top=$(fits "$mtu")
	for size in 8 $((top - 16)) $((top - 8)) $((top - 7)) $((top - 1)) $top $((top + 1)) $((2 * top)) $((3 * top + 11)) 20000; do
		# A datagram that turns out too large once may be lost while the sender learns the path's MTU; never twice.
		learn_size "$size"
		start_talk sized udp 5 10 "$size" 5
		ok "$label: UDP of $size octets" complete sized
	done
	start_stream big 3000000 99000000000 10
	ok "$label: a TCP stream as fast as it goes" complete big
	ok "$label: without a stall ($(said big longest_stall) s)" below "$(said big longest_stall)" 0.5
	start_talk records tcp 20 10 50000 10
	ok "$label: TCP writes of 50000 octets both ways" complete records
}
learn_size() { start_talk learn udp 1 10 "$1" 1; complete learn > /dev/null; }

offloads() { # on|off
	local h s n
	for h in A B; do
		s=$(echo $h | tr AB ab)
		for n in 1 2; do in_ns $h ethtool -K "$s$n" tso "$1" gso "$1" gro "$1" > /dev/null 2>&1; done
	done
}

sizes_across_a_switch() { # MTU
	servers
	PEER=$(host_address B 1)
	quick_detection
	start_talk opener udp 30 20 100
	ok "a context is established" wait_for 15 has_context
	sizes "$1" "before the switch"
	run keep A $TRAFFIC talk udp "$PEER" 5002 500 20 100 20 "$WORK/keep.progress"
	fail blackhole
	ok "the context switches" wait_for 20 payload_headers
	sizes "$1" "switched, GSO on"
	offloads off
	sizes "$1" "switched, GSO off"
}
