#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Has cargo build shim6-core and the crates it uses for the kernel, with the
# kernel's own compiler flags and the kernel's own `core`. OUT gets `crates.o`
# (all their code, for the module) and `rustc.args` (how rustc finds the crates);
# neither is touched if nothing changed.
#
# usage: crates.sh SOURCE OUT KERNEL_BUILD -- RUSTC_FLAG...
# environment: CARGO, RUSTC, LD, OBJCOPY
set -eu

source=$1 out=$2 kernel=$3
shift 4

fail() {
	echo "shim6: $*" >&2
	exit 1
}

# Cargo decides the target and the edition itself, and the kernel's lints are for
# the kernel's sources.
flags="--sysroot=/dev/null -L $kernel/rust"
for flag in "$@"; do
	case $flag in
	-Cdebuginfo=* | --target=* | --edition=* | -D* | -W* | -A* | @* | --remap-path-*) ;;
	*) flags="$flags $flag" ;;
	esac
done

mkdir -p "$out"
# Make's jobserver is not handed on to cargo.
unset MAKEFLAGS MFLAGS
export RUSTC_BOOTSTRAP=1 RUSTFLAGS="$flags" CARGO_TARGET_DIR="$out/cargo"
(cd "$source" && "${CARGO:-cargo}" build --release --locked --quiet \
	--package shim6-core --features kernel --target "$kernel/scripts/target.json" \
	--message-format=json-render-diagnostics) >"$out/cargo.json" ||
	fail "cargo could not build shim6-core for the kernel; its messages above say why"

# The libraries for the kernel, not those of build scripts.
libraries=$(sed -n 's/.*"filenames":\[\([^]]*\)\].*/\1/p' "$out/cargo.json" |
	tr ',' '\n' | tr -d '"' | grep "^$out/cargo/target/release/.*\.rlib$" | LC_ALL=C sort) ||
	fail "cargo named no library for the kernel in $out/cargo.json"

# The same libraries as last time: nothing to do.
# shellcheck disable=SC2086
(sha256sum $libraries && sha256sum <"$0") >"$out/libraries.new"
if cmp -s "$out/libraries.new" "$out/libraries" && [ -e "$out/crates.o" ]; then
	exit 0
fi

# shellcheck disable=SC2086
"${LD:-ld}" -r --whole-archive -o "$out/crates.new" $libraries
"${OBJCOPY:-objcopy}" --remove-section=.rmeta --strip-debug "$out/crates.new"
{
	for crate in shim6_core heapless sha1 sha2; do
		echo "--extern=$crate=$(echo "$libraries" | grep "/lib${crate}[-.][^/]*$")"
	done
	echo "-Ldependency=$out/cargo/target/release/deps"
	# Build scripts' macros, should a crate bring any.
	echo "-Ldependency=$out/cargo/release/deps"
} >"$out/rustc.args"
mv "$out/crates.new" "$out/crates.o"
mv "$out/libraries.new" "$out/libraries"
