#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Makes the Rust view of the kernel's C interface with bindgen. Types that the
# kernel crate has already (`kernel::bindings`) are left out, so that the module
# knows one `sk_buff` only: a first run says which types our headers bring, a
# second one leaves out those that are known.
#
# usage: bindings.sh OUT HEADER PARAMETERS KERNEL_BINDINGS -- CLANG_FLAG...
# environment: BINDGEN
set -eu

out=$1 header=$2 parameters=$3 known=$4
shift 5

# run OUT BINDGEN_OPTION... (the flags for clang are in "$clang_flags" by then)
type_names() {
	sed -nE 's/^ *pub (struct|union|type|enum) ([A-Za-z0-9_]+).*/\2/p' "$1" | LC_ALL=C sort -u
}

run() {
	to=$1 more=$2
	shift 2
	# The parameter files are lists of words: splitting them is the point.
	# shellcheck disable=SC2046
	"${BINDGEN:-bindgen}" "$header" $(grep -v '^#' "$parameters") $more \
		--rust-target 1.85 --use-core --with-derive-default \
		--ctypes-prefix ffi --no-layout-tests --no-debug '.*' \
		--no-doc-comments --enable-function-attribute-detection \
		--blocklist-type '__kernel_s?size_t' --blocklist-type __kernel_ptrdiff_t \
		-o "$to" -- "$@"
}

mkdir -p "$(dirname "$out")"
run "$out.all" "" "$@"
type_names "$known" >"$out.known"
shared=$(type_names "$out.all" | LC_ALL=C comm -12 - "$out.known" | sed 's/^/--blocklist-type /')
run "$out.new" "$shared" "$@"
mv "$out.new" "$out"
rm -f "$out.all" "$out.known"
