# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# How the set-up scripts talk: one line for each step with its time, one sentence
# for an error, and everything else into a log. Read by the scripts beside it.

say() {
	echo "shim6: $*"
}

fail() {
	echo "shim6: $*" >&2
	exit 1
}

# step LOG "what is done" COMMAND...: runs it quietly and says how long it took. The
# output goes to LOG, whose end is shown if the command fails.
step() {
	step_log=$1 step_what=$2 step_begin=$(date +%s)
	shift 2
	mkdir -p "$(dirname "$step_log")"
	say "$step_what ..."
	if ! "$@" >"$step_log" 2>&1 </dev/null; then
		tail -n 15 "$step_log" | sed 's/^/    /' >&2
		fail "$step_what failed after $(($(date +%s) - step_begin)) s; all it said is in $step_log"
	fi
	say "$step_what: done in $(($(date +%s) - step_begin)) s"
}
