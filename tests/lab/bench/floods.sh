# SPDX-License-Identifier: GPL-2.0
# What floods and bursts take from traffic that is there already, inside the machine, on virtual time.
#
# The cells are the names in /lab/list: flood.KIND, a flood of forged messages, dropped by the module, and beside it the same flood
# dropped by a rule of nftables at priority raw; burst.N, so many new peers at once. Each result is reported as a line "RUN {...}".
# /lab/runs says how often each is measured.
#
# Two hosts c and s with a context, and beside them gen, on a link of its own to s: who floods, or the peers. The traffic is
# one stream from c to s. All of them share the one processor; gen runs before all others, so that it sends at its rate whatever
# becomes of what it sends.
LIB=/lab/lib OUT=/lab/out
. "$LIB/scenario.sh"
. "$LIB/pairs.sh"
. "$LIB/peers.sh"
RUNS=$(cat /lab/runs)
CELLS=$(tr '\n' ' ' < /lab/list)
RATE=100000		# messages of a flood, a second
LAST=1000		# milliseconds
APART=1073741824	# the first of the peers that have networks of their own
trap 'pairs_down; module_loaded && module_unload; rm -rf "$WORK"' EXIT

beside() { "$TRAFFIC" beside "c-$STACK" "$(source_address)" "s-$STACK" "$(target)" "$@" 2> "$WORK/run.err"; }
first_field() { sed -n "s/.*\"$1\": \([0-9.]*\).*/\1/p" | head -1; }

# ---- flood.KIND ----

# flood KIND A_SECOND MILLISECONDS
flood() { chrt --fifo 50 "$TRAFFIC" flood "$1" $GEN "$(target)" "$2" "$3"; }
# What a message costs all who have to do with it, from who sends it to who drops it: as many as go, and nothing else.
cost_of() { flood "$1" 1000000000 100 | sed 's/[{},:]/ /g' | awk '{ printf "%.0f", $6 * 1e9 / $2 }'; }
nft_drops() {
	s nft -f - <<-E
	table ip6 floods {
		chain p { type filter hook prerouting priority raw; ip6 saddr 2001:db8:bad::/48 counter drop; }
	}
	E
}
unreclaimable() { awk '/^SUnreclaim/ { print $2 }' /proc/meminfo; }
# What the flood's messages are counted as, whatever becomes of them.
met() {
	case $1 in
	i1) echo $(($(stat_of "s-$STACK" drop-rate-limit) + $(stat_of "s-$STACK" tx-r1))) ;;
	i2) stat_of "s-$STACK" drop-validator ;;
	probe) stat_of "s-$STACK" drop-no-context ;;
	payload) stat_of "s-$STACK" drop-unknown-tag ;;
	esac
}
met_by_nft() { s nft list table ip6 floods | sed -n 's/.*packets \([0-9]*\) .*/\1/p'; }

flooded() { # KIND DROPPED_BY RUN
	local said before after memory cost
	cost=$(cost_of "$1")
	memory=$(unreclaimable)
	[ "$2" = nft ] && before=$(met_by_nft) || before=$(met "$1")
	said=$(beside chrt --fifo 50 "$TRAFFIC" flood "$1" $GEN "$(target)" $RATE $LAST)
	[ "$2" = nft ] && after=$(met_by_nft) || after=$(met "$1")
	memory=$(($(unreclaimable) - memory))
	[ "$(echo "$said" | wc -l)" = 2 ] || { cat "$WORK/run.err"; return 1; }
	report "\"what\": \"flood\", \"kind\": \"$1\", \"dropped_by\": \"$2\", \"run\": $3, \"per_second\": $RATE, \
\"met\": $((after - before)), \"grown_kib\": $memory, \"ns_per_message\": $cost, \"contexts\": $(contexts_of_s)" \
		"$(echo "$said" | tr '\n' ' ' | sed 's/} *{/, /')"
}

# What replies were saved up are spent, at the price of one a second: a flood that goes on for long finds none.
spend_replies() {
	must s shim6 set reply-limit 1 && must flood payload $RATE 50 && must s shim6 set reply-limit 1000
}

measure_flood() { # KIND
	local run=0
	while [ $run -lt "$RUNS" ]; do
		run=$((run + 1))
		spend_replies && flooded "$1" shim6 $run || return 1
		nft_drops
		flooded "$1" nft $run || return 1
		s nft delete table ip6 floods
	done
}

# ---- burst.N ----

measure_burst() { # N
	local run=0 said
	while [ $run -lt "$RUNS" ]; do
		run=$((run + 1))
		said=$(beside sleep 2)
		report "\"what\": \"alone\", \"run\": $run" "$said"
		said=$(beside "$TRAFFIC" peers-initiate $GEN "$(target)" $NEXT "$1" "$1")
		[ "$(echo "$said" | wc -l)" = 2 ] || { cat "$WORK/run.err"; return 1; }
		NEXT=$((NEXT + $1))
		report "\"what\": \"burst\", \"peers\": $1, \"run\": $run, \"contexts\": $(contexts_of_s)" \
			"$(echo "$said" | tr '\n' ' ' | sed 's/} *{/, /')"
	done
}

# ---- the bench ----

modprobe -q veth
module_load || exit 1
STACK=shim6-ulid
pair $STACK
up_shim6 && peers_up "s-$STACK" || exit 1
s ip -6 route add 2001:db8:bad::/48 via fe80::f dev g0
NEXT=$APART
# Once, so that the next ones find all memory that they need.
must beside sleep 1 || exit 1
for cell in $CELLS; do
	case $cell in
	flood.*) measure_flood "${cell#*.}" ;;
	burst.*) measure_burst "${cell#*.}" ;;
	esac || exit 1
done
