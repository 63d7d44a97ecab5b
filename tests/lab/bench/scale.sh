# SPDX-License-Identifier: GPL-2.0
# What many contexts cost, inside the machine, on virtual time: memory of the kernel, the cost of a packet of one of them, their
# share of an idle processor, and how long it takes to show and to remove them all.
#
# The numbers of contexts are the names in /lab/list, contexts.N; what comes of each is reported as a line "RUN {...}". Peers of all
# but one context do not exist: their contexts are asked for by hand.
LIB=/lab/lib OUT=/lab/out
. "$LIB/scenario.sh"
. "$LIB/pairs.sh"
RUNS=$(cat /lab/runs)
STREAM=12000000		# octets
trap 'pairs_down; module_loaded && module_unload; rm -rf "$WORK"' EXIT

slab_octets() { awk '/^Slab:/ { print $2 * 1024 }' /proc/meminfo; }
busy_ticks() { awk '/^cpu / { print $2 + $3 + $4 + $7 + $8 }' /proc/stat; }
# settled: what was freed is given back before anything is weighed.
settled() { sync; echo 3 > /proc/sys/vm/drop_caches; sleep 1; }
has_contexts() { [ "$(c shim6 -j stats show contexts | tr -dc '0-9')" -ge "$1" ]; }

# fill N: contexts with peers that do not exist, until there are N.
fill() {
	awk -v local="$(source_address)" -v from="$HAVE" -v to="$1" 'BEGIN {
		for (n = from; n < to; n++) printf "context add local %s peer 2001:db8:ffff:%x::%x\n", local, n / 65536, n % 65536 + 1
	}' > "$WORK/fill"
	c shim6 -batch "$WORK/fill" > "$WORK/said" 2>&1 || { tail -3 "$WORK/said"; return 1; }
	HAVE=$1
}

measure_contexts() { # N
	local before after added run said idle shown
	settled; before=$(slab_octets); added=$HAVE
	fill "$1" && has_contexts "$1" || { echo "no $1 contexts"; return 1; }
	settled; after=$(slab_octets); added=$(($1 - added))
	idle=$(busy_ticks); sleep 20; idle=$(($(busy_ticks) - idle))
	shown=$(now_ms); c shim6 -j context show > /dev/null; shown=$(($(now_ms) - shown))
	run=0
	while [ $run -lt "$RUNS" ]; do
		run=$((run + 1))
		said=$("$TRAFFIC" bulk tcp $STREAM "c-$STACK" "$(source_address)" "s-$STACK" "$(target)" 2> "$WORK/run.err")
		[ -n "$said" ] || { cat "$WORK/run.err"; return 1; }
		echo "RUN {\"contexts\": $1, \"run\": $run, \"slab_octets_per_context\": $(((after - before) / (added > 0 ? added : 1))), \"idle_share\": $(awk -v t="$idle" 'BEGIN { print t / 2000 }'), \"show_ms\": $shown, ${said#\{}"
	done
}

modprobe -q veth
module_load || exit 1
STACK=shim6-ulid
pair $STACK
up_shim6 || exit 1
for h in c s; do $h ethtool -K e0 tso off gso off gro off > /dev/null; done
must c shim6 set max-contexts 2000000
HAVE=1
for cell in $(tr '\n' ' ' < /lab/list); do measure_contexts "${cell#contexts.}" || exit 1; done
began=$(now_ms)
pairs_down
module_unload || exit 1
echo "RUN {\"contexts\": $HAVE, \"unload_ms\": $(($(now_ms) - began)), \"left\": $(dmesg | grep -c 'shim6: unloaded, [0-9]')}"
