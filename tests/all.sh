#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Everything that checks the project, one suite after the other, inside the build
# root (`make test` comes here). Each suite's output is shown as it comes and kept in
# out/test/; the last line of all is `N passed, N failed`.
#
# usage: all.sh FLAVOUR...
set -u

cd "$(dirname "$0")/.." || exit 1
out=out/test
rm -rf $out
mkdir -p $out
passed=0 failed=0

# The numbers a suite's log holds, as "PASSED FAILED": counting is one of these.
count_nothing() { echo "1 0"; }
count_cargo() {
	awk '/^test result:/ { passed += $4; failed += $6 } END { print passed + 0, failed + 0 }' "$1"
}
count_tap() {
	awk '/^ok / { passed++ } /^not ok / { failed++ } END { print passed + 0, failed + 0 }' "$1"
}
count_said() {
	sed -n 's/^# \(lab\|conformance\): \([0-9]*\) passed, \([0-9]*\) failed.*/\2 \3/p' "$1" | tail -n 1 | grep . || echo "0 0"
}

# suite NAME COUNTING COMMAND...: a command that fails counts as a failure at least.
suite() {
	name=$1 counting=$2 log=$out/$1.log begin=$(date +%s)
	shift 2
	echo "# $name"
	{ "$@" 2>&1 || echo failed >"$out/status"; } | tee "$log"
	# shellcheck disable=SC2046
	set -- $("$counting" "$log")
	if [ -e $out/status ]; then
		rm $out/status
		[ "$counting" = count_nothing ] && set -- 0 1
		[ "$2" -gt 0 ] || set -- "$1" 1
	elif [ "$1" = 0 ] && [ "$2" = 0 ]; then
		# Nothing ran: that is no success.
		set -- 0 1
	fi
	passed=$((passed + $1)) failed=$((failed + $2))
	echo "# $name: $1 passed, $2 failed, $(($(date +%s) - begin)) s"
	echo "$name $1 $2" >>$out/summary
}

suite core-and-tools count_cargo cargo test --locked --workspace
for flavour in "$@"; do
	suite "module-$flavour" count_nothing make module FLAVOUR="$flavour"
done
suite tools count_nothing make tools
suite dissector count_tap tests/dissector/run.sh
for check in clippy-crates clippy-module format scripts; do
	suite $check count_nothing make $check
done
suite lab count_said "${CARGO_TARGET_DIR:-target}/release/shim6-lab" test
# How long traffic stands still when a path fails: a share of `make bench`, with its goals as limits.
suite failover count_nothing "${CARGO_TARGET_DIR:-target}/release/shim6-lab" --runs 1 \
	--only shim6,shim6-standby,mptcp-tuned --only tcp,udp,tcp-sparse \
	--only carrier-loss,unreachable-data,blackhole-both bench failover
# What a packet costs beside plain IPv6: a share of `make bench`, with its goals as limits.
suite datapath count_nothing "${CARGO_TARGET_DIR:-target}/release/shim6-lab" --runs 1 \
	--only plain,shim6-none,shim6-ulid,shim6-switched --only tcp bench datapath
# What a stream keeps beside a flood of forged messages: a share of `make bench`, with its goals as limits.
suite floods count_nothing "${CARGO_TARGET_DIR:-target}/release/shim6-lab" --runs 1 --only i1,i2 bench floods
# What the lab captured, read by a dissector that shares nothing with the code.
suite captures count_tap tests/dissector/judge.sh "$out"
# What the RFCs demand, each row judged by what the suites above have said of its evidence.
suite conformance count_said python3 -B tests/conformance/report.py --complete out/conformance \
	$out/core-and-tools.log $out/dissector.log $out/lab.log

chown -R --reference=Makefile out
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
