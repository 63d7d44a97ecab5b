#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Makes the Rust view of the kernel's C interface with bindgen. Types that the
# kernel crate has already (`kernel::bindings`) are left out, so that the module
# knows one `sk_buff` only: a first run says which types our headers bring, the
# compiler which of these the kernel crate has, and a second run leaves them out.
#
# usage: bindings.sh OUT HEADER PARAMETERS KERNEL_BUILD -- CLANG_FLAG...
# environment: BINDGEN, RUSTC, RUSTC_FLAGS (the kernel's)
set -eu

out=$1 header=$2 parameters=$3 kernel=$4
shift 5

# bindings TO OPTIONS CLANG_FLAG...
bindings() {
	to=$1 options=$2
	shift 2
	# Both lists are words without spaces: splitting them is the point.
	# shellcheck disable=SC2046,SC2086
	"${BINDGEN:-bindgen}" "$header" $(grep -v '^#' "$parameters") $options \
		--rust-target 1.85 --use-core --with-derive-default \
		--ctypes-prefix ffi --no-layout-tests --no-debug '.*' \
		--no-doc-comments --enable-function-attribute-detection \
		--blocklist-type '__kernel_s?size_t' --blocklist-type __kernel_ptrdiff_t \
		-o "$to" -- "$@"
}

# Names of the types in a file of bindings.
type_names() {
	sed -nE 's/^ *pub (struct|union|type|enum) ([A-Za-z0-9_]+).*/\2/p' "$1" | LC_ALL=C sort -u
}

# The names of FILE (one a line) that the kernel crate has: a crate that imports all
# of them is refused with the names of those that it has not.
known_to_the_kernel() {
	sed 's/.*/use kernel::bindings::&;/' "$1" >"$out.probe.rs"
	# shellcheck disable=SC2086
	"${RUSTC:-rustc}" $RUSTC_FLAGS --crate-type rlib --crate-name probe --cap-lints allow \
		-Zcrate-attr=no_std -Zunstable-options --sysroot=/dev/null -L "$kernel/rust" --extern kernel \
		--emit=metadata="$out.probe.rmeta" --error-format=short "$out.probe.rs" 2>"$out.probe" || true
	if grep -q 'error\[' "$out.probe" && ! grep -q 'unresolved import' "$out.probe"; then
		cat "$out.probe" >&2
		return 1
	fi
	# The backquotes are the compiler's.
	# shellcheck disable=SC2016
	grep -o '`kernel::bindings::[A-Za-z0-9_]*`' "$out.probe" | tr -d '`' | sed 's/.*:://' | LC_ALL=C sort -u |
		LC_ALL=C comm -23 "$1" -
}

mkdir -p "$(dirname "$out")"
bindings "$out.all" "" "$@"
type_names "$out.all" >"$out.names"
known_to_the_kernel "$out.names" >"$out.known"
bindings "$out.new" "$(sed 's/^/--blocklist-type /' "$out.known")" "$@"
mv "$out.new" "$out"
rm -f "$out".all "$out".names "$out".known "$out".probe*
