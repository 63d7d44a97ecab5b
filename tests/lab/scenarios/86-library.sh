# SPDX-License-Identifier: GPL-2.0
# The library as programs in C, Python and Rust use it (tools/libshim6-c/examples, tools/libshim6/examples).
. "$LIB/scenario.sh"
begin "the library: from C, Python and Rust"

# says FILE WORDS: the program that wrote the file has said so.
says() { grep -q -e "$2" "$WORK/$1.json" || { cat "$WORK/$1.json" "$WORK/$1.err"; return 1; }; }
guest() { in_ns A setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }

topology_up
ok "without the module: an error and a sentence" sh -c "! LD_LIBRARY_PATH=/lab ip netns exec A /lab/connection-c ::1 ::2 ::3 1 2> $WORK/none && grep -q 'shim6 is not loaded' $WORK/none"
ok "the module loads" module_load
for h in A B; do ok "host $h makes an HBA set and loads it" hba_setup $h; done
ok "every pair of addresses carries a ping" every_path
servers
LOCAL=$(host_address A 1) PEER=$(host_address B 1)

run c A env LD_LIBRARY_PATH=/lab /lab/connection-c "$LOCAL" "$PEER" "$(host_address A 2)" 5002
ok "C: the program comes to its end" wait_for 40 ended c
ok "C: it has had the context set up" says c 'state 4'
ok "C: the peer speaks Shim6" says c 'supported: 1'
ok "C: its socket is associated" says c 'associated: 1'
ok "C: it has heard that its packets leave from the locator chosen" says c 'moved: context'
ok "C: an error has its sentence" says c 'explore: .*no context 2147483647'
ok "C: it counts the contexts" says c 'contexts: [1-9]'
ok "C: the whole context moves" says c 'switched: context [0-9]*, FII 0'
for what in probe switch; do ok "C: $what to an address that is not the context's is refused with a sentence" says c "refused: $what: ..*"; done
ok "C: it finds the host's locators" says c 'locators: 2, status 4'
ok "C: a locator has the preference that it was given, and not that which was refused" says c 'locator: flags 2, priority 7, weight 200'
ok "C: what is heard of a locator is not waited on" says c 'heard: what was heard is not of a context'
for what in set del add get; do ok "C: locator_$what says why it refuses" says c "refused: locator_$what: ..*"; done
ok "C: a null pointer is refused" says c 'refused: locator_get: a null pointer'
ok "what it has done to the locator it has undone" sh -c "ip netns exec A shim6 -j locator show > $WORK/locators; [ \$(grep -o '\"status\":\"usable\"' $WORK/locators | wc -l) = 2 ] && ! grep -q '\"priority\":7' $WORK/locators"

run python A setpriv --reuid=65534 --regid=65534 --clear-groups python3 -B /lab/connection.py /lab/libshim6.so.0 "$LOCAL" "$PEER" 5002
ok "Python: the program comes to its end" wait_for 20 ended python
ok "Python: its socket is associated" says python 'associated: 1'
ok "Python: it sees its context" says python "to $PEER by $LOCAL"
ok "Python: it sees all contexts" says python 'contexts: [1-9]'
ok "Python: it sees the locators" says python "locators: 2 .*$LOCAL"
ok "Python: but may not take one out of use" says python 'taking one out of use: -1 Operation not permitted'

ok "Rust: the program comes to its end" guest /lab/connection-rust "$LOCAL" "$PEER" 5002
guest /lab/connection-rust "$LOCAL" "$PEER" 5002 > "$WORK/rust.json" 2> "$WORK/rust.err"
ok "Rust: its socket is associated" says rust 'associated: true'
ok "Rust: it sees the locators of both hosts" [ "$(grep -c locator "$WORK/rust.json")" = 4 ]
ok "Rust: it sees its context" says rust 'where it began'
finish
