# SPDX-License-Identifier: GPL-2.0
# The two machines themselves, without shim6: cards, links, filters and big transfers with TSO. If this fails, believe nothing that
# the other scenarios of two machines say.
. "$LIB/machines.sh"
start "two machines: cards, links and filters, all without shim6"
for n in 1 2; do ip -6 addr add "2001:db8:$n:$(echo "$MACHINE" | tr AB ab)::1/64" dev "$(echo "$MACHINE" | tr AB ab)$n" nodad; done
ok "machine $MACHINE: knows the other's addresses" exchange_addresses
meet ready
ok "machine $MACHINE: both links carry a ping" every_path
ok "machine $MACHINE: TSO is on" sh -c "ethtool -k $(card_of 1) | grep -q 'tcp-segmentation-offload: on'"
run serve $MACHINE $TRAFFIC serve 5001
wait_for 30 listening $MACHINE 5001
meet serving
on A && { start_stream big 8000000 99000000000 60; ok "a stream as fast as it goes" complete big 240; }
meet streamed
on A && blacken
meet black
on A && ok "a black link carries nothing" not ping_path A "$(host_address A 1)" "$PEER_1"
on A && ok "the other one does" wait_for 10 ping_path A "$(host_address A 2)" "$PEER_2"
meet done
finish
