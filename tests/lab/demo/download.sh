# SPDX-License-Identifier: GPL-2.0
# The demo, inside the machine: download.sh with_shim6|without_shim6 BYTES
#
# Host A downloads a file from host B by HTTP over provider 1. When two fifths have arrived, provider 1 silently drops everything.
# Lines for the host: "EVENT text" (something happened now), "METER seconds octets" (how far the download is), "RESULT json".
# The host gives the lines their times; a number after EVENT's @ is the second of the download in the machine's own time.
LIB=/lab/lib OUT=/lab/out
RATE=50mbit SHAPED=40mbit
. "$LIB/scenario.sh"
. "$LIB/web.sh"
RUN=$1 BYTES=$2
SCENARIO=$RUN DIR=$OUT/$RUN
mkdir -p "$DIR"
STALL=45		# seconds below 1000 octets a second after which curl gives the download up

clock() { awk -v b="$(cat "$WORK/began" 2>/dev/null || echo 0)" '{ printf "%.2f", (b > 0 ? $1 - b : -1) }' /proc/uptime; }
event() { echo "EVENT @$(clock) $*"; }
# Addresses by short names: a person reads A1, not sixteen octets.
name_addresses() {
	NAMES=
	for h in A B; do for n in 1 2; do
		event "$h$n is host $h's address of provider $n: $(host_address $h $n)"
		NAMES="$NAMES;s/$(host_address $h $n)/$h$n/g"
	done; done
}
named() { sed "${NAMES#;}"; }
must() { "$@" > "$WORK/said" 2>&1 || { echo "EVENT @-1 this failed: $*"; sed 's/^/EVENT @-1   /' "$WORK/said"; give_result false false; exit 1; }; }
give_result() { # COMPLETED CHECKSUM_OK
	echo "RESULT {\"completed\": $1, \"checksum_ok\": $2, \"bytes\": $(said meter bytes | grep . || echo 0), \"duration_s\": $(said meter seconds | grep . || echo 0), \"longest_stall_s\": $(said meter longest_stall | grep . || echo 0), \"failure_s\": $(cat "$WORK/failed" 2>/dev/null || echo null), \"curl_exit\": ${CURL:-null}}"
}
trap 'stop_programs 2> /dev/null; topology_down; module_loaded && module_unload; dmesg > $DIR/kernel.log' EXIT
echo "shim6-lab: $RUN begins" > /dev/kmsg

must topology_up
if [ "$RUN" = with_shim6 ]; then
	must module_load
	must hba_setup A
	must hba_setup B
	event "shim6.ko is loaded; each host has made itself a set of hash-based addresses, one in each provider's prefix"
else
	must host_addresses
	event "no shim6; each host has one ordinary address in each provider's prefix"
fi
# The server's uplinks shape what they send, flow by flow; the links themselves could carry a little more.
for n in 1 2; do must tc -n B qdisc replace dev b$n root fq maxrate $SHAPED; done
must every_path
event "two hosts, two providers each: all four pairs of addresses answer pings"
name_addresses
web_file "$BYTES"
web_name "$(host_address B 1)"
must web_server
for h in A B; do
	s=$(echo $h | tr AB ab)
	for n in 1 2; do
		become_in $h tcpdump -i $s$n -U -s 160 -w "$DIR/$s$n.pcap" ip6 2> "$WORK/tcpdump.$s$n" & PROGRAMS="$PROGRAMS $!"
		become_in $h tcpdump -i $s$n -U -s 0 -w "$DIR/$s$n-control.pcap" 'ip6 proto 140 and ip6[42] & 0x80 = 0' 2> "$WORK/tcpdump.c$s$n" & PROGRAMS="$PROGRAMS $!"
		must wait_for 5 grep -q 'listening on' "$WORK/tcpdump.$s$n"
		must wait_for 5 grep -q 'listening on' "$WORK/tcpdump.c$s$n"
	done
	[ "$RUN" = with_shim6 ] || continue
	( in_ns $h shim6 monitor 2>&1 | tee "$DIR/$h.events" | while read -r line; do
		line=${line#*] }
		[ "$line" = "monitor listening" ] || event "host $h: $line" | named
	done ) &
	PROGRAMS="$PROGRAMS $!"
done

event "curl http://$WEB_NAME/file  ($((BYTES / 1000000)) MB from nginx on host B, shaped to $SHAPED/s)"
cut -d' ' -f1 /proc/uptime > "$WORK/began"
( A curl -6 -sS --speed-time $STALL --speed-limit 1000 "http://$WEB_NAME/file" 2> "$WORK/curl.err"; echo $? > "$WORK/curl.exit" ) |
	"$TRAFFIC" meter "$WORK/copy" "$DIR/samples" > "$WORK/meter.json" &
DOWNLOAD=$!

# Tell the host how far it is, twice a second; break provider 1 when it is time.
broken=
while kill -0 $DOWNLOAD 2>/dev/null; do
	set -- $(tail -n 1 "$DIR/samples" 2>/dev/null)
	echo "METER $(clock) ${2:-0}"
	if [ -z "$broken" ] && [ "${2:-0}" -gt $((BYTES * 2 / 5)) ]; then
		src=$(A ss -Htn state established dport = :80 | awk '{ print $3 " -> " $4 }' | head -1)
		fail provider
		broken=1
		clock > "$WORK/failed"
		event "FAILURE: provider 1, which carries $src, now drops every packet without a word" | named
	fi
	sleep 0.5
done
wait $DOWNLOAD
CURL=$(cat "$WORK/curl.exit")
case $CURL in
0)  event "curl has the whole file" ;;
28) event "curl gives up: nothing came for $STALL s" ;;
*)  event "curl ends with status $CURL: $(cat "$WORK/curl.err")" ;;
esac
ok=false; [ "$(sha256sum < "$WORK/copy" | cut -d' ' -f1)" = "$(cat "$WORK/sha256")" ] && ok=true
[ $ok = true ] && event "the checksum is right (SHA-256)" || event "the file is not whole"
if [ "$RUN" = with_shim6 ]; then
	for h in A B; do in_ns $h shim6 -s context show > "$DIR/$h.contexts" 2>&1; in_ns $h shim6 -j context show > "$DIR/$h.contexts.json" 2>&1; done
	in_ns A shim6 context show | sed "s/^/EVENT @$(clock) host A: /" | named
fi
[ "$CURL" = 0 ] && give_result true $ok || give_result false $ok
