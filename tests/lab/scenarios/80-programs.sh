# SPDX-License-Identifier: GPL-2.0
# Programs that know nothing of shim6 work before, across and after a switch: curl and nginx, ssh, iperf3.
. "$LIB/scenario.sh"
. "$LIB/survive.sh"
. "$LIB/web.sh"
begin "ordinary programs: curl and nginx, ssh, iperf3, ping"
shim6_hosts
quick_detection
PEER=$(host_address B 1)

web_file 10000000
web_server
web_name "$PEER"
get() { A curl -6 -sS --max-time 60 ${1:-} -o "$WORK/copy" "http://$WEB_NAME/file" && [ "$(sha256sum < "$WORK/copy" | cut -d' ' -f1)" = "$(cat "$WORK/sha256")" ]; }

ssh-keygen -q -t ed25519 -N '' -f "$WORK/key"
cp "$WORK/key.pub" "$WORK/authorized"
cat > "$WORK/sshd_config" <<E
HostKey $WORK/key
AuthorizedKeysFile $WORK/authorized
StrictModes no
PidFile none
UsePAM no
PermitRootLogin yes
E
run sshd B /usr/sbin/sshd -D -f "$WORK/sshd_config"
remote() { A ssh -6 -i "$WORK/key" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "root@$PEER" "$@"; }
run iperf B iperf3 -s
wait_for 10 listening B 22 && wait_for 10 listening B 5201

programs() { # LABEL
	ok "$1: curl fetches a file from nginx, and it is the same" get
	ok "$1: ssh runs a command" [ "$(remote echo hello)" = hello ]
	ok "$1: iperf3 over TCP, both ways" sh -c "ip netns exec A iperf3 -6 -c $PEER -t 1 --bidir -b 5M | grep -q 'receiver'"
	ok "$1: iperf3 over UDP loses nothing" sh -c "ip netns exec A iperf3 -6 -c $PEER -t 1 -u -b 2M | tee /dev/stderr | grep -q '(0%) *receiver'"
	ok "$1: ping" A ping -6 -q -c 5 -i 0.1 -W 2 "$PEER"
}
programs "before"
ok "a context is established" wait_for 15 has_context

# A shell session and a download are open when the path dies.
run session A ssh -6 -i "$WORK/key" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "root@$PEER" \
	'for i in $(seq 100); do echo line $i; sleep 0.1; done'
( get "--limit-rate 1M" && echo '{"complete": true}' > "$WORK/across.json" ) &
ACROSS=$!
wait_for 10 grep -q 'line 20' "$WORK/session.json"
fail blackhole
ok "the ssh session comes to its end" wait_for 60 ended session
ok "with every line" [ "$(grep -c line "$WORK/session.json")" = 100 ]
wait $ACROSS
ok "the download too, and it is the same" grep -q true "$WORK/across.json"
ok "they were switched" payload_headers
programs "after"
finish
