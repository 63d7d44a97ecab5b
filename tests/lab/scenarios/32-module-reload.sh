# SPDX-License-Identifier: GPL-2.0
# The module is unloaded and loaded again under established TCP connections, at both hosts at once: they live on, unswitched ones in
# any case, switched ones as the ULIDs' own path works again; and the contexts that come after it protect them as those before did.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
begin "the module is reloaded under established connections"
shim6_hosts
servers
PEER=$(host_address B 1)
marked() { for name in stream sparse; do progress $name > "$WORK/$name.before"; done; }
reload() {
	module_unload && nothing_left && module_load && hba_load A && hba_load B && quick_detection
}
quick_detection
start_stream stream 12000000 1000000
start_talk sparse tcp 900 100 200
ok "TCP is under way" wait_for 20 progress_over sparse 5
ok "a context is established" wait_for 15 has_context

run monitor A shim6 -j monitor
run watch A python3 -c "
import ctypes, errno
library = ctypes.CDLL('/lab/libshim6.so.0', use_errno=True)
library.shim6_watch_open.restype = ctypes.c_void_p
watch = ctypes.c_void_p(library.shim6_watch_open())
context = ctypes.create_string_buffer(256)
print('open', flush=True)
while library.shim6_watch_next(watch, context) >= 0 or ctypes.get_errno() == errno.EAGAIN:
    pass
print(errno.errorcode[ctypes.get_errno()])"
ok "monitor listens" wait_for 5 grep -q listening "$WORK/monitor.json"
ok "a watch of the library, too" wait_for 5 grep -q open "$WORK/watch.json"

ok "unswitched: the module is reloaded, the sets too" reload
# Else it would wait for ever: the new module's events are not for those who listened to the old one.
ended_with() { ended "$1" || return 1; wait "$(pid_of "$1")"; [ $? = "$2" ]; }
ok "monitor ends" wait_for 5 ended monitor
ok "with an error" ended_with monitor 2
ok "that names the reason" grep -q '^Error: shim6 was unloaded' "$WORK/monitor.err"
ok "so does the watch" wait_for 5 ended watch
ok "by its errno" grep -qx ENOENT "$WORK/watch.json"
marked
for name in stream sparse; do ok "unswitched: $name goes on" wait_for 5 gone_on $name 20; done
ok "unswitched: the old connections have a new context" wait_for 20 has_context

fail blackhole
ok "it protects them: they are switched" wait_for 20 payload_headers
marked
for name in stream sparse; do ok "and $name goes on" wait_for 20 gone_on $name 20; done
ok "switched: both ends are" wait_for 10 eval 'switched A && switched B'
heal blackhole
ok "switched: the module is reloaded while the ULIDs' path works" reload
marked
for name in stream sparse; do ok "switched: $name goes on" wait_for 10 gone_on $name 20; done
ok "switched: over the ULIDs" no_payload_headers
ok "switched: the connections have a new context" wait_for 20 has_context

for h in A B; do
	ok "the set of $h alone is removed" in_ns $h shim6 hba remove 1 keep
	marked
	ok "the stream goes on" wait_for 5 gone_on stream 20
	ok "the set of $h is loaded again" hba_load $h
	ok "there is a context again" wait_for 30 has_context
done
for name in stream sparse; do ok "$name comes to its end, all right" complete $name 120; done
finish
