#!/bin/sh
# SPDX-License-Identifier: MIT OR GPL-2.0
#
# Makes libshim6.so of the archive that cargo has built, with its soname and the versions of its symbols, and with it the example in
# C and the wrong calls that the lab makes.
#
# usage: link.sh RELEASE_DIRECTORY
set -eu

here=$(dirname "$0")
tree=$here/../..
out=$1/c
map=$here/shim6.map
mkdir -p "$out"

wanted=$(sed -n 's/^\t\(shim6_[a-z_0-9]*\);$/-Wl,-u,\1/p' "$map")
# Words without spaces: splitting them is the point.
# shellcheck disable=SC2086
${CC:-cc} -shared -o "$out/libshim6.so.0" -Wl,-soname,libshim6.so.0 -Wl,--version-script="$map" -Wl,--gc-sections -Wl,--strip-all \
	-Wl,-z,defs $wanted "$1/libshim6_c.a" -lgcc_s -lpthread -ldl -lm -lc
ln -sf libshim6.so.0 "$out/libshim6.so"

# What the header declares, what the map exports and what the library has are the same.
sed -n 's/^.*[ *]\(shim6_[a-z_0-9]*\)(.*$/\1/p' "$tree/include/shim6.h" | LC_ALL=C sort -u >"$out/declared"
${NM:-nm} -D --defined-only "$out/libshim6.so.0" | sed -n 's/^.* T \(shim6_[a-z_0-9]*\)@@SHIM6_[0-9]*$/\1/p' | LC_ALL=C sort -u >"$out/exported"
diff "$out/declared" "$out/exported" || { echo "libshim6.so and include/shim6.h differ" >&2; exit 1; }

${CC:-cc} -Wall -Wextra -Werror -I"$tree/include" -I"$tree/include/uapi" -o "$out/shim6-connection" \
	"$here/examples/connection.c" -L"$out" -lshim6
${CC:-cc} -Wall -Wextra -Werror -I"$tree/include" -I"$tree/include/uapi" -o "$out/shim6-wrong" "$here/tests/wrong.c" -L"$out" -lshim6
