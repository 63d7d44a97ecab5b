# SPDX-License-Identifier: GPL-2.0
# The module and the command, as a scenario uses them: load and unload, HBA sets, contexts and settings.

module_loaded() { grep -q '^shim6 ' /proc/modules; }
module_load() { insmod /lab/shim6.ko; }
module_unload() { rmmod shim6 && not module_loaded; }

# At unload the module says how many objects of each kind it made and how many it gave back.
module_counts_clean() {
	own_log | grep 'shim6: unloaded' | tail -1 | tee "$WORK/unloaded"
	[ -s "$WORK/unloaded" ] || { echo "the module said nothing at unload"; return 1; }
	grep -q 'unloaded, nothing is left' "$WORK/unloaded"
}

# Whatever the module says: no slab cache, no memory, no hook, no netlink family and no symbol of it may be there.
nothing_left() {
	! module_loaded || { echo "module still loaded"; return 1; }
	! grep -q '\[shim6\]' /proc/kallsyms || { echo "symbols left"; return 1; }
	! grep shim6 /proc/slabinfo || return 1
	! grep shim6 /proc/vmallocinfo || return 1
	! grep -E ' [1-9][0-9]* .*\[shim6\]' /proc/allocinfo 2>/dev/null || return 1
	! ls -d /sys/module/shim6 2>/dev/null || return 1
}

prefixes() { local s; s=$(echo "$1" | tr AB ab); echo "2001:db8:1:$s::/64 2001:db8:2:$s::/64"; }

hba_generate() { in_ns "$1" shim6 hba generate $(prefixes "$1") file "$WORK/$1.hba"; }
hba_load() {
	local s
	s=$(echo "$1" | tr AB ab)
	in_ns "$1" shim6 hba load "$WORK/$1.hba" dev "${s}1" dev "${s}2"
}
hba_setup() {
	hba_generate "$1" && hba_load "$1" || return 1
	uplink_routes "$1" 1; uplink_routes "$1" 2
	[ -n "$(host_address "$1" 1)" ] && [ -n "$(host_address "$1" 2)" ] || { echo "no HBA addresses"; ip -n "$1" -6 addr; return 1; }
}

# contexts HOST: the host's contexts as JSON.   context_count HOST, context_is HOST WORDS...: what waits poll.
contexts() { in_ns "$1" shim6 -j context show; }
context_count() { contexts "$1" | grep -o '"ulid"' | wc -l; }
switched() { contexts "$1" | grep -q '"switched":true'; }
context_says() { in_ns "$1" shim6 context show | grep -q -e "$2"; }
context_count_is() { [ "$(context_count "$1")" -eq "$2" ]; }

# stat_of HOST NAME: one statistic of the host.
stat_of() { in_ns "$1" shim6 -j stats show "$2" | grep -o '[0-9]*}' | tr -d '}'; }

# quick_detection: the smallest Send Timeout, for scenarios in which the waiting is not the point.
quick_detection() { for h in A B; do in_ns $h shim6 set send-timeout 1000; done; }

# Payload extension headers sent so far, by the hosts' own counters.
switched_packets() { for h in A B; do contexts $h; done | grep -o '"tx[-_]packets": *[0-9]*' | awk -F: '{ n += $2 } END { print n + 0 }'; }
payload_headers() { [ "$(switched_packets)" -gt 0 ]; }
# What was late has been lent another pair, and what else left in the same moment went with it (a stream may have some dozens of
# packets ready): they have a header, though nothing is switched.
BESIDES_LENT=64
all_lent() { echo $(($(stat_of A tx-lent) + $(stat_of B tx-lent))); }
no_payload_headers() {
	local headers
	headers=$(switched_packets)
	echo "$headers headers, $(all_lent) segments lent a pair"
	[ "$headers" -eq 0 ] || { [ "$headers" -le $(($(all_lent) * BESIDES_LENT)) ] && ! switched A && ! switched B; }
}

# set_address_back HOST PROVIDER: the address of the HBA set is put (back) on its interface, as a network manager does.
set_address_back() {
	local s a
	s=$(echo "$1" | tr AB ab)
	a=$(set_address "$1" "$2")
	ip -n "$1" -6 addr replace "$a/64" dev "$s$2" nodad
	uplink_routes "$1" "$2"
}
# set_address HOST PROVIDER: that address of the HBA set, from its file.
set_address() {
	local s
	s=$(echo "$1" | tr AB ab)
	grep -o "2001:db8:$2:$s:[0-9a-f:]*" "$WORK/$1.hba" | grep -v '::$' | head -1
}
