# SPDX-License-Identifier: GPL-2.0
# Scenarios of two whole machines, A and B. Both run the same file at the same time; $MACHINE says which one it is.
#
#      machine A                                            machine B
#   link1  2001:db8:1:a::/64 ---- 2001:db8:1:ff::/64 ---- 2001:db8:1:b::/64  link1
#   link2  2001:db8:2:a::/64 ---- 2001:db8:2:ff::/64 ---- 2001:db8:2:b::/64  link2
#
# Each link is a provider; a machine drops what arrives by one link from the other provider's prefix, as an edge router would.
# The machines meet by files in the share: `tell WORD` says that something is so, `await WORD` waits until it is. They run in real
# time on a host of any speed, so every wait is for a state, and nothing is measured.

. "$LIB/scenario.sh"

# These are whole machines: a "host" is this one, and needs no namespace.
in_ns() { shift; "$@"; }
become_in() { shift; exec "$@"; }
PATIENCE=120

tell() { : > "/lab/sync/$SCENARIO.$1"; }
told() { [ -e "/lab/sync/$SCENARIO.$1" ]; }
await() { wait_for "${2:-$PATIENCE}" told "$1"; }
meet() { tell "$1.$MACHINE"; await "$1.A" && await "$1.B"; }
on() { [ "$MACHINE" = "$1" ]; }

# start TITLE: machine A keeps the score.
start() {
	begin "$1"
	mkdir -p "$DIR"
	# A machine that crashed comes here a second time.
	time=1
	! told "begin1.$MACHINE" || time=2
	meet "begin$time"
	machine_links
}

machine_links() {
	local s far n
	s=$(echo "$MACHINE" | tr AB ab); far=$(echo "$s" | tr ab ba)
	sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 \
		net.ipv6.conf.default.router_solicitations=0 net.ipv6.conf.default.accept_ra=0
	modprobe e1000e; modprobe virtio_net; modprobe igb; modprobe -q sch_netem
	for n in 1 2; do
		wait_for 30 card_of "$n" || return 1
		ip link set "$(card_of "$n")" down name "$s$n"
		# However long the link is black: the neighbour stays known, and with it the route.
		sysctl -qw "net.ipv6.neigh.$s$n.base_reachable_time_ms=7200000"
		link_up "$n"
	done
	nft -f - <<-E
	table ip6 ingress {
		chain links {
			type filter hook prerouting priority raw; policy accept;
			iifname "${s}1" ip6 saddr 2001:db8:2:$far::/64 counter drop
			iifname "${s}2" ip6 saddr 2001:db8:1:$far::/64 counter drop
		}
	}
	table ip6 failures {
		chain drops { type filter hook prerouting priority raw; policy accept; }
	}
	E
}

# card_of LINK: the interface with that link's card, whatever its name is: 1 and 2 are e1000e; with CARDS=2 the cards of the links
# are those after these, of virtio, and with CARDS=4 those after these, igb.
card_of() { ip -br link | awk -v m="52:54:00:12:..:0$(($1 + ${CARDS:-0}))" '$3 ~ m { print $1; found = 1 } END { exit !found }'; }

link_up() { # LINK
	local n=$1 s far
	s=$(echo "$MACHINE" | tr AB ab); far=$(echo "$s" | tr ab ba)
	ip link set "$s$n" up
	ip -6 addr replace "2001:db8:$n:ff::$s/64" dev "$s$n" nodad
	ip -6 rule del from "2001:db8:$n:$s::/64" 2> /dev/null
	ip -6 rule add from "2001:db8:$n:$s::/64" lookup "10$n" pref "10$n"
	uplink_routes "$MACHINE" "$n"
}

# In place of the provider's router: the other machine.
uplink_routes() { # HOST LINK
	local n=$2 s far
	s=$(echo "$MACHINE" | tr AB ab); far=$(echo "$s" | tr ab ba)
	ip -6 -batch - <<-E
	route replace default via 2001:db8:$n:ff::$far dev $s$n onlink table 10$n
	route replace default via 2001:db8:$n:ff::$far dev $s$n onlink metric 10$n
	E
}

host_address() { ip -6 -o addr show scope global | sed -n "s,.* inet6 \(2001:db8:$2:$(echo "$1" | tr AB ab):[0-9a-f:]*\)/.*,\1,p" | head -1; }

# addresses_known: each machine tells the other its addresses; PEER_1 and PEER_2 are the other's.
exchange_addresses() {
	local far
	far=$(echo "$MACHINE" | tr AB BA)
	echo "$(host_address "$MACHINE" 1) $(host_address "$MACHINE" 2)" > "/lab/sync/$SCENARIO.addresses.$MACHINE.new"
	mv "/lab/sync/$SCENARIO.addresses.$MACHINE.new" "/lab/sync/$SCENARIO.addresses.$MACHINE"
	await "addresses.$far" || return 1
	read -r PEER_1 PEER_2 < "/lab/sync/$SCENARIO.addresses.$far"
	PEER=$PEER_1
}

every_path() { wait_for 30 ping_path A "$(host_address $MACHINE 1)" "$PEER_1" && wait_for 30 ping_path A "$(host_address $MACHINE 2)" "$PEER_2"; }

shim6_machine() {
	ok "machine $MACHINE: the module loads" module_load
	ok "machine $MACHINE: an HBA set is made and loaded" hba_setup "$MACHINE"
	ok "machine $MACHINE: knows the other's addresses" exchange_addresses
	ok "machine $MACHINE: both links carry a ping" every_path
}

# link1 goes black for both directions, at this machine; and is well again.
blacken() {
	local s
	s=$(echo "$MACHINE" | tr AB ab)
	nft add rule ip6 failures drops iifname "${s}1" drop
	tc qdisc replace dev "${s}1" root netem loss 100%
}
whiten() {
	nft flush chain ip6 failures drops
	tc qdisc del dev "$(echo "$MACHINE" | tr AB ab)1" root
}

# Taking all down: the links stay as they are, the next scenario sets them anew.
topology_down() {
	ip -6 rule flush table 101 2> /dev/null; ip -6 rule flush table 102 2> /dev/null
	nft flush ruleset
	for n in 1 2; do
		card_of "$n" > /dev/null || continue
		tc qdisc del dev "$(card_of "$n")" root 2> /dev/null
		ip -6 addr flush dev "$(card_of "$n")" scope global
		ip link set "$(card_of "$n")" down name "off$((n + ${CARDS:-0}))"
	done
}
keep_state() {
	module_loaded || return 0
	shim6 -s -d context show > "$DIR/$MACHINE.contexts" 2>&1
	shim6 stats > "$DIR/$MACHINE.stats" 2>&1
	return 0
}
answers() {
	run echo "$MACHINE" "$TRAFFIC" echo 5002 "$(host_address "$MACHINE" 1)" "$(host_address "$MACHINE" 2)"
	wait_for 30 listening "$MACHINE" 5002 || { cat "$WORK/echo.err"; return 1; }
}
switched_here() { switched "$MACHINE"; }
gone_on() { progress_over "$1" $(($(cat "$WORK/$1.before") + $2)); }
