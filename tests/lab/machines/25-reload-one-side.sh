# SPDX-License-Identifier: GPL-2.0
# The module is unloaded and loaded again on machine B alone, under a connection of TCP: first while it goes over the ULIDs, then while
# it is switched and the ULIDs' own path is dead. The connection lives on each time (R1bis tells A that B lost the context).
. "$LIB/machines.sh"
start "the module is reloaded on one side"
shim6_machine
shim6 set send-timeout 3000
ok "machine $MACHINE: answers" answers
meet ready
reload() { module_unload && nothing_left && module_load && hba_load B && shim6 set send-timeout 3000; }
if on B; then
	await established
	ok "machine B: unswitched, the module is reloaded" reload
	tell reloaded
	await switched
	ok "machine B: switched, the module is reloaded" reload
	tell again
	meet done
	finish
fi
start_talk talk tcp 4000 20 200 300
ok "TCP is under way" wait_for 60 progress_over talk 50
ok "a context is established" wait_for 60 context_says A established
tell established
ok "B's module is reloaded" await reloaded
progress talk > "$WORK/talk.before"
ok "TCP goes on" wait_for 60 gone_on talk 100
blacken
ok "the context switches" wait_for 60 switched_here
progress talk > "$WORK/talk.before"
ok "and TCP goes on" wait_for 60 gone_on talk 50
tell switched
ok "B's module is reloaded while TCP is switched" await again
progress talk > "$WORK/talk.before"
ok "TCP goes on, switched" wait_for 120 gone_on talk 100
ok "over the context that B has again" switched_here
whiten
ok "TCP comes to its end, all right" complete talk 300
meet done
finish
