# SPDX-License-Identifier: GPL-2.0
# What a card of its own lets the kernel aggregate (GRO): two hosts with an e1000e each, joined by a wire, on virtual time, so that what
# comes together does not depend on the machine that runs this. The card checks no sum behind a header that it does not know; the
# module has it checked over the ULIDs. Switched packets are delivered in lots as large as plain ones, less a tenth at the most (they
# are in larger ones, as each segment takes a little longer).
. "$LIB/scenario.sh"
. "$LIB/pairs.sh"
begin "switched packets are aggregated as plain ones are"
OCTETS=16000000

card_of() { ip -br link | awk -v m="$1" '$3 == m { print $1; found = 1 } END { exit !found }'; }
join() {
	local h mac card
	for h in c s; do
		mac=02:00:00:00:00:0$(echo $h | tr s 5)
		wait_for 30 card_of $mac && card=$(card_of $mac) || return 1
		ip link set "$card" netns "$h-$STACK" name e0 || return 1
	done
}
# At the end the cards are this machine's again.
apart() {
	for h in c s; do ip -n "$h-$STACK" link set e0 down netns 1 name "off-$h" || return 1; done
	pairs_down
}
up_plain() { own 2001:db8:c::1 2001:db8:5::1; }
has_carrier() { for h in c s; do $h grep -q 1 /sys/class/net/e0/carrier || return 1; done; }
up() { # STACK
	pair "$1" || return 1
	wait_for 30 has_carrier || return 1
	case $1 in
	plain) up_plain ;;
	*) up_shim6 ;;
	esac || return 1
	wait_for 5 c ping -q -6 -c 1 -W 1 -I "$(source_address)" "$(target)"
}

# Segments that came in, and what aggregation made of them.
received() {
	s awk '$1 == "Ip6InReceives" { made = $2 } $1 ~ /^Ip6In(NoECT|ECT[01]|CE)Pkts$/ { segments += $2 } END { print segments, made }' /proc/net/snmp6
}
# stream SEED: one stream from c to s; how many segments were delivered together, on average, is noted.
stream() {
	local before said lot
	before=$(received)
	said=$("$TRAFFIC" bulk tcp $OCTETS "$1" "c-$STACK" "$(source_address)" "s-$STACK" "$(target)" 2>&1)
	echo "$said" | grep -q mbit_s || { echo "$said"; return 1; }
	lot=$(echo "$before $(received)" | awk '{ printf "%.2f", ($3 - $1) / ($4 - $2) }')
	echo "$lot" >> "$WORK/lots.$STACK"
}
streams() { for n in 1 2 3 4 5; do stream $n || return 1; done; }
lot() { sort -n "$WORK/lots.$1" | sed -n 3p; }
as_large() { echo "$(lot plain) plain, $(lot "$1") of $1"; awk -v a="$(lot plain)" -v b="$(lot "$1")" 'BEGIN { exit !(a > 2 && b >= a * 0.9) }'; }

modprobe e1000e
ok "plain hosts have the cards" up plain
ok "streams pass" streams
apart
ok "the module loads" module_load
for stack in shim6-ulid shim6-switched; do
	ok "hosts with shim6: $stack" up $stack
	ok "$stack: streams pass" streams
	apart
	ok "$stack: $(lot $stack) segments in a delivery, $(lot plain) without shim6" as_large $stack
done
ok "the module unloads" module_unload
finish
