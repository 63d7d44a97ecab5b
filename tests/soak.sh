#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The long runs, inside the build root (`make soak` comes here): random storms over a pair of hosts on the virtual clock, the
# exhaustive exploration to a greater depth than `make test` has, and the scenarios in which paths fail and the module comes and
# goes, again and again. What is run is told first, so that it can be run again; the output is kept in out/soak/.
#
#   SHIM6_STORM_STEPS   steps of all storms together (arrivals and timers), 100 million if not given
#   SHIM6_STORM_SEED    the seed of the first storm, that of the clock if not given
#   SHIM6_MODEL_DEPTH   events in a row that are explored, 8 if not given
#   SHIM6_CALM_HOURS    hours of paths that work badly and must not be left, 1000 if not given
#   SHIM6_NOISE         random netlink messages and socket options against the lab's kernel, a million if not given; 0: none
#   SHIM6_WEATHER       seconds of each kind of traffic in each weather of the lab, 120 if not given; 0: none
#   SHIM6_SOAK_ROUNDS   rounds of the scenarios, 3 if not given; 0: none
#
# usage: soak.sh LAB (the lab's binary)
set -u

cd "$(dirname "$0")/.." || exit 1
lab=$1
export SHIM6_STORM_STEPS="${SHIM6_STORM_STEPS:-100000000}" SHIM6_STORM_SEED="${SHIM6_STORM_SEED:-$(date +%s)}"
export SHIM6_MODEL_DEPTH="${SHIM6_MODEL_DEPTH:-8}" SHIM6_CALM_HOURS="${SHIM6_CALM_HOURS:-1000}"
rounds=${SHIM6_SOAK_ROUNDS:-3}
scenarios="25-uplink-down 30-flapping 31-context-lost 32-module-reload 60-namespaces 61-unload-under-traffic"
out=out/soak
rm -rf $out
mkdir -p $out
failed=0

# suite NAME COMMAND...
suite() {
	name=$1
	shift
	{ "$@" 2>&1 || echo failed >$out/status; } | tee "$out/$name.log"
	[ ! -e $out/status ] || { rm $out/status; failed=$((failed + 1)); echo "not ok - $name"; return; }
	echo "ok - $name"
}

echo "# SHIM6_STORM_STEPS=$SHIM6_STORM_STEPS SHIM6_STORM_SEED=$SHIM6_STORM_SEED SHIM6_MODEL_DEPTH=$SHIM6_MODEL_DEPTH"
suite storm cargo test --locked --profile soak -p shim6-core --test storm -- --nocapture
suite calm cargo test --locked --profile soak -p shim6-core --test calm -- --nocapture
suite model cargo test --locked --profile soak -p shim6-core --test model -- --nocapture
[ "${SHIM6_NOISE:=1000000}" = 0 ] || suite noise env SHIM6_NOISE="$SHIM6_NOISE" "$lab" --machines 1 test 16-netlink-noise
[ "${SHIM6_WEATHER:=120}" = 0 ] || suite weather env SHIM6_WEATHER="$SHIM6_WEATHER" "$lab" --machines 1 test 66-bad-weather
round=1
while [ "$round" -le "$rounds" ]; do
	# shellcheck disable=SC2086
	suite "lab-$round" "$lab" test $scenarios
	round=$((round + 1))
done
echo "# soak: $failed failed"
[ $failed = 0 ]
