# SPDX-License-Identifier: GPL-2.0
# The module loads and unloads on this kernel, again and again, idle and with sets; what the command says of it is true.
. "$LIB/scenario.sh"
begin "the module loads and unloads"
topology_up
for round in 1 2 3; do
	ok "it loads ($round)" module_load
	ok "it unloads ($round)" module_unload
	ok "nothing is left ($round)" nothing_left
done
ok "it loads once more" module_load
ok "shim6 status answers" shim6 status
for h in A B; do ok "host $h makes an HBA set and loads it" hba_setup $h; done
ok "every pair of addresses carries a ping" every_path
finish
