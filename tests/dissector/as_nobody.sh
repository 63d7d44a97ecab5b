# SPDX-License-Identifier: GPL-2.0
# Sourced by run.sh and judge.sh: runs Python with tshark as an ordinary user, since tshark reads no Lua as root.
# Sets $home, a directory that user may write to and that is removed at exit.

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT

# python SCRIPT [ARGUMENT...]
python() {
	set -- env HOME="$home" TMPDIR="$home" PYTHONDONTWRITEBYTECODE=1 python3 "$@"
	if [ "$(id -u)" = 0 ]; then
		chown -R 65534:65534 "$home"
		set -- setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all "$@"
	fi
	"$@"
}
