# SPDX-License-Identifier: GPL-2.0
# Machine B crashes with a switched context, and comes back with the same HBA set and no memory of it. New connections between the
# same addresses must work at once, over the context that A still has (R1bis tells A that B lost it).
. "$LIB/machines.sh"
set_file=/lab/sync/B.hba
start "a whole host crashes and comes back"
if on B && [ "$LAB_BOOT" -gt 1 ]; then
	ok "machine B is back: the module loads" module_load
	cp "$set_file" "$WORK/B.hba"
	ok "machine B: the same set is loaded" hba_load B
	link_up 1; link_up 2
	ok "machine $MACHINE: answers" answers
	tell back
	meet done
	finish
fi
shim6_machine
shim6 set send-timeout 3000
ok "machine $MACHINE: answers" answers
meet ready
if on A; then
	start_talk before udp 1000 20 200 30
	ok "datagrams are under way" wait_for 60 progress_over before 50
	ok "a context is established" wait_for 60 context_says A established
	blacken
	ok "the context switches" wait_for 60 switched_here
	tell switched
	# B begins again when it has booted, and waits for A there.
	await off && tell "begin2.A" && await back
	start_talk after tcp 100 20 200 60
	ok "TCP to the machine that came back works, over the switched context" complete after 120
	whiten
	tell done.A
	finish
fi
await switched
cp "$WORK/B.hba" "$set_file"
sync
: > /lab/sync/again.B
tell off
echo b > /proc/sysrq-trigger
sleep 60
