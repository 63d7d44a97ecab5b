#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Runs the core's tests and the dissector's, joins what they say (and what the lab said, if `make test` left it in
# out/test) with the tables of what the RFCs demand, and writes out/conformance/summary.json. Ends with 1 if a row has
# neither a test nor a reason, or a test that it names failed.
#
# usage: tests/conformance/run.sh
set -u

cd "$(dirname "$0")/../.." || exit 1
out=out/conformance
mkdir -p $out

cargo test --locked -p shim6-core --no-fail-fast >$out/core.log 2>&1 || grep -E '^error|FAILED|panicked' $out/core.log
rm -f $out/dissector.log
if command -v tshark >/dev/null; then
	tests/dissector/run.sh >$out/dissector.log 2>&1
elif [ -e out/test/dissector.log ]; then
	cp out/test/dissector.log $out/dissector.log
fi
python3 -B tests/conformance/report.py $out $out/core.log $out/dissector.log out/test/lab.log
