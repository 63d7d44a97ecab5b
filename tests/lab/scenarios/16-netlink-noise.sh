# SPDX-License-Identifier: GPL-2.0
# Random netlink requests (valid, mutated, truncated) against the kernel: no warning, and an honest question is answered after them.
. "$LIB/scenario.sh"
begin "netlink: noise does no harm"
topology_up
ok "the module loads" module_load
# In rounds of 1500, the first always of the same seed; make soak asks for a million by SHIM6_NOISE.
requests=3000
[ ! -e /lab/noise ] || requests=$(cat /lab/noise)
seed=1 next=$(od -An -N3 -tu4 /dev/urandom | tr -d ' ') sent=0
while [ $sent -lt "$requests" ]; do
	ok "1500 requests of seed $seed are all answered" in_ns A python3 -B /lab/netlink/noise.py /lab/shim6.h 1500 "$seed" || break
	seed=$next next=$((next + 1)) sent=$((sent + 1500))
done
finish
