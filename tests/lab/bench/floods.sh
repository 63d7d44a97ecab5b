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
LAST=500		# milliseconds
APART=1073741824	# the first of the peers that have networks of their own
trap 'pairs_down; module_loaded && module_unload; rm -rf "$WORK"' EXIT

beside() { "$TRAFFIC" beside "c-$STACK" "$(source_address)" "s-$STACK" "$(target)" "$@" 2> "$WORK/run.err"; }
first_field() { sed -n "s/.*\"$1\": \([0-9.]*\).*/\1/p" | head -1; }

# ---- flood.KIND ----

# flood KIND A_SECOND MILLISECONDS
flood() { chrt --fifo 50 "$TRAFFIC" flood "$1" $GEN "$(target)" "$2" "$3"; }
# What a message costs all who have to do with it, from who sends it to who drops it: as many as go, and nothing else.
cost_of() { flood "$1" 1000000000 100 | sed 's/[{},:]/ /g' | awk '/sent/ { printf "%.0f", $6 * 1e9 / $2 }'; }
nft_drops() {
	s nft -f - <<-E
	table ip6 floods {
		chain p { type filter hook prerouting priority raw; ip6 saddr 2001:db8:bad::/48 counter drop; }
	}
	E
}
unreclaimable() { awk '/^SUnreclaim/ { print $2 }' /proc/meminfo; }
# attack KIND: what is done beside the stream, whose window begins with the first message of the flood. The counters are kept in files.
attack() {
	cat > "$WORK/attack" <<-E
	s() { ip netns exec "s-$STACK" "\$@"; }
	s shim6 stats show > "$WORK/stats.before"
	s nft list table ip6 floods > "$WORK/nft.before" 2> /dev/null
	exec chrt --fifo 50 "$TRAFFIC" flood "$1" $GEN "$(target)" $RATE $LAST
	E
	beside sh "$WORK/attack" | tail -n 2
	s shim6 stats show > "$WORK/stats.after"
	s nft list table ip6 floods > "$WORK/nft.after" 2> /dev/null
}
counted() { # WHEN NAME...
	local file=$WORK/stats.$1
	shift
	awk -v names="$*" 'index(" " names " ", " " $1 " ") { n += $2 } END { print n + 0 }' "$file"
}
# What the flood's messages are counted as, whatever becomes of them.
met() { # KIND DROPPED_BY WHEN
	case $2.$1 in
	nft.*) sed -n 's/.*packets \([0-9]*\) .*/\1/p' "$WORK/nft.$3" ;;
	*.i1) counted "$3" drop-rate-limit tx-r1 ;;
	*.i2) counted "$3" drop-validator ;;
	*.probe) counted "$3" drop-no-context ;;
	*.payload) counted "$3" drop-unknown-tag ;;
	esac
}
answered() { counted "$1" tx-r1 tx-r1bis tx-error; }

flooded() { # KIND DROPPED_BY RUN
	local said memory cost
	must s shim6 set reply-limit 1 && cost=$(cost_of "$1") && must s shim6 set reply-limit 1000 || return 1
	# All replies that can be saved up are there when the flood begins.
	sleep 101
	memory=$(unreclaimable)
	said=$(attack "$1")
	memory=$(($(unreclaimable) - memory))
	[ "$(echo "$said" | wc -l)" = 2 ] || { cat "$WORK/run.err"; return 1; }
	report "\"what\": \"flood\", \"kind\": \"$1\", \"dropped_by\": \"$2\", \"run\": $3, \"per_second\": $RATE, \
\"met\": $(($(met "$1" "$2" after) - $(met "$1" "$2" before))), \"answered\": $(($(answered after) - $(answered before))), \
\"grown_kib\": $memory, \"ns_per_message\": $cost, \"contexts\": $(contexts_of_s)" \
		"$(echo "$said" | tr '\n' ' ' | sed 's/} *{/, /')"
}

measure_flood() { # KIND
	local run=0
	while [ $run -lt "$RUNS" ]; do
		run=$((run + 1))
		flooded "$1" shim6 $run || return 1
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
		# Replies for as many are saved up in a hundred seconds.
		sleep 101
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
must beside sleep 0.5 || exit 1
for cell in $CELLS; do
	case $cell in
	flood.*) measure_flood "${cell#*.}" ;;
	burst.*) measure_burst "${cell#*.}" ;;
	esac || exit 1
done
