# SPDX-License-Identifier: GPL-2.0
# The module and the command, as a scenario uses them: load and unload, HBA sets, contexts and settings.

module_loaded() { grep -q '^shim6 ' /proc/modules; }
module_load() { insmod /lab/shim6.ko; }
module_unload() { rmmod shim6 && not module_loaded; }

# At unload the module says how many objects of each kind it made and how many it gave back.
module_counts_clean() {
	own_log | grep 'shim6: unloaded' | tail -1 | tee "$WORK/unloaded"
	[ -s "$WORK/unloaded" ] || { echo "the module said nothing at unload"; return 1; }
	grep -q ' 0 left' "$WORK/unloaded"
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
hba_load() { in_ns "$1" shim6 hba load "$WORK/$1.hba"; }
hba_setup() {
	hba_generate "$1" && hba_load "$1" || return 1
	uplink_routes "$1" 1; uplink_routes "$1" 2
	[ -n "$(host_address "$1" 1)" ] && [ -n "$(host_address "$1" 2)" ] || { echo "no HBA addresses"; ip -n "$1" -6 addr; return 1; }
}

# contexts HOST: the host's contexts as JSON.   context_count HOST, context_is HOST WORDS...: what waits poll.
contexts() { in_ns "$1" shim6 -j context show; }
context_count() { contexts "$1" | grep -o '"ulid' | wc -l; }
context_says() { in_ns "$1" shim6 context show | grep -q -e "$2"; }
