# SPDX-License-Identifier: GPL-2.0
# What every scenario begins with: results as KTAP lines, waits that poll a state, the module's life, and the proof at the end that
# nothing is left. A scenario is one file that reads:
#
#   . "$LIB/scenario.sh"
#   begin "what it shows"
#   shim6_hosts                     # the network, the module, an HBA set on both hosts, every path pinged
#   ok "what must be true" command...
#   finish
#
# It runs as root in the lab VM. Times are the VM's; on virtual time an idle wait costs nothing.

: "${LIB:=/lab/lib}" "${OUT:=/lab/out}"
WORK=$(mktemp -d /tmp/work.XXXXXX)
. "$LIB/topology.sh"
. "$LIB/failures.sh"
. "$LIB/hosts.sh"
. "$LIB/traffic.sh"

CHECKS=0 FAILURES=0 SKIPS=0 FINISHED=

begin() { # TITLE
	TITLE=$1
	SCENARIO=$(basename "$0" .sh)
	DIR=$OUT/$SCENARIO
	mkdir -p "$DIR"
	echo "KTAP version 1"
	echo "# $SCENARIO: $TITLE"
	trap 'aborted' EXIT
	cat /proc/uptime > "$WORK/began"
	dmesg | wc -l > "$WORK/dmesg.before"
	echo "shim6-lab: $SCENARIO begins" > /dev/kmsg
}

note() { echo "# [$(cut -d' ' -f1 /proc/uptime)] $*"; }

# ok DESCRIPTION COMMAND...: one check. What the command prints is shown only if it fails.
ok() {
	local what=$1; shift
	CHECKS=$((CHECKS + 1))
	if "$@" > "$WORK/said" 2>&1; then
		echo "ok $CHECKS - $what"
	else
		FAILURES=$((FAILURES + 1))
		echo "not ok $CHECKS - $what"
		echo "#   command: $*"
		sed 's/^/#   /' "$WORK/said" | head -20
		return 1
	fi
}

# skip DESCRIPTION REASON: for what this kernel or this machine cannot show. SHIM6_LAB_NO_SKIP=1 makes it a failure.
skip() {
	[ -z "${SHIM6_LAB_NO_SKIP:-}" ] || { ok "$1 (would be skipped: $2)" false; return; }
	CHECKS=$((CHECKS + 1)) SKIPS=$((SKIPS + 1))
	echo "ok $CHECKS - $1 # SKIP $2"
}

not() { ! "$@"; }

# below VALUE LIMIT, above VALUE LIMIT, within VALUE LOW HIGH: comparisons of decimal numbers.
below() { awk -v a="$1" -v b="$2" 'BEGIN { print a " must be below " b; exit !(a != "" && a < b) }'; }
above() { awk -v a="$1" -v b="$2" 'BEGIN { print a " must be above " b; exit !(a != "" && a > b) }'; }
within() { above "$1" "$2" && below "$1" "$3"; }

# now_ms: the VM's clock. Builtins only: in emulation, starting a program is what costs.
now_ms() {
	local up rest
	read -r up rest < /proc/uptime
	up=${up%.*}${up#*.}0
	echo "${up#0}"
}

# wait_for SECONDS COMMAND...: polls until the command succeeds; fails after that many of the VM's seconds. Ten looks are close
# together, then they come twice a second.
wait_for() {
	local end=$(($(now_ms) + $1 * 1000)) looks=0
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(now_ms)" -lt $end ] || { echo "waited in vain for: $*"; "$@"; return 1; }
		looks=$((looks + 1))
		if [ $looks -lt 10 ]; then sleep 0.05; else sleep 0.5; fi
	done
}

ping_path() { in_ns "$1" ping -6 -q -c 1 -W 2 -I "$2" "$3" >/dev/null; } # HOST FROM TO

# every_path: each of the four pairs of addresses carries a ping.
every_path() {
	local i j
	for i in 1 2; do for j in 1 2; do
		wait_for 10 ping_path A "$(host_address A $i)" "$(host_address B $j)" || return 1
	done; done
}

# plain_hosts: the network and ordinary addresses, no shim6 at all.
plain_hosts() {
	topology_up
	host_addresses
	ok "every pair of addresses carries a ping" every_path
}

# shim6_hosts: the network, the module, an HBA set on each host.
shim6_hosts() {
	topology_up
	ok "the module loads" module_load
	for h in A B; do ok "host $h makes an HBA set and loads it" hba_setup $h; done
	ok "every pair of addresses carries a ping" every_path
}

# finish: takes all down, unloads the module and looks at what it left behind.
finish() {
	stop_programs
	keep_state
	topology_down
	if module_loaded; then
		ok "the module unloads" module_unload
		ok "the module's own counts at unload say that nothing is left" module_counts_clean
	fi
	ok "no object of the module is left in the kernel" nothing_left
	ok "the kernel log is clean" log_clean
	FINISHED=1
	trap - EXIT
	rm -rf "$WORK"
	echo "1..$CHECKS"
	echo "# $SCENARIO: $((CHECKS - FAILURES)) passed, $FAILURES failed, $SKIPS skipped, $(virtual_seconds) s of the VM's time"
	[ $FAILURES -eq 0 ]
	exit
}

# A scenario that leaves by itself, half way: a failure, and the room is cleaned for the next one.
aborted() {
	[ -z "$FINISHED" ] || return 0
	trap - EXIT
	CHECKS=$((CHECKS + 1))
	echo "not ok $CHECKS - $SCENARIO came to its end"
	stop_programs; keep_state; topology_down; module_loaded && module_unload
	rm -rf "$WORK"
	echo "1..$CHECKS"
	exit 1
}

virtual_seconds() { cut -d' ' -f1 /proc/uptime; }

# What a person wants to see of a scenario afterwards.
keep_state() {
	local h
	module_loaded || return 0
	for h in A B; do
		in_ns $h shim6 -s context show > "$DIR/$h.contexts" 2>&1
		in_ns $h shim6 stats > "$DIR/$h.stats" 2>&1
	done
	return 0
}

# The kernel log since this scenario began, and what must not be in it.
own_log() { dmesg | sed -n "/shim6-lab: $SCENARIO begins/,\$p"; }

log_clean() {
	own_log > "$DIR/kernel.log"
	if grep -E 'WARNING|BUG|Oops|Call Trace|general protection|refcount_t|memory leak|kmemleak|rcu:.*stall|unregister_netdevice: waiting|still has objects|Objects remaining|INFO: task|UBSAN|scheduling while atomic' "$DIR/kernel.log"; then return 1; fi
	# Out of tree (bit 12) and unsigned (bit 13) are what such a module is.
	[ $(($(cat /proc/sys/kernel/tainted) & ~12288)) -eq 0 ] || { echo "taint $(cat /proc/sys/kernel/tainted)"; return 1; }
}
