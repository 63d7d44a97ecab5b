# SPDX-License-Identifier: GPL-2.0
# What scenarios about the command ask of it: its exit status with its words, its JSON. Host A is where it runs.

S() { in_ns A shim6 "$@"; }

# says STATUS TEXT WORDS...: the command ends with that status, and what it says on either output has the text in it.
says() {
	local status=$1 text=$2 got; shift 2
	S "$@" > "$WORK/command" 2>&1
	got=$?
	cat "$WORK/command"
	[ $got = "$status" ] && grep -q -F -e "$text" "$WORK/command" || { echo "exit status $got, not $status with: $text"; return 1; }
}

# json PYTHON WORDS...: the command's JSON, as j, is as the expression says.
json() {
	local test=$1; shift
	S -j "$@" > "$WORK/command" || return 1
	cat "$WORK/command"
	python3 -c "import json,sys; j = json.load(open(sys.argv[1])); sys.exit(not ($test))" "$WORK/command"
}
