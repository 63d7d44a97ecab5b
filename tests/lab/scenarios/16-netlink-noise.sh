# SPDX-License-Identifier: GPL-2.0
# Random netlink requests (valid, mutated, truncated) against the kernel: no warning, and an honest question is answered after them.
. "$LIB/scenario.sh"
begin "netlink: noise does no harm"
topology_up
ok "the module loads" module_load
for seed in 1 "$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')"; do
	ok "1500 requests of seed $seed are all answered" in_ns A python3 -B /lab/netlink/noise.py /lab/shim6.h 1500 "$seed"
done
finish
