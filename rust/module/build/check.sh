#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Says, in one sentence, what a module build against a kernel lacks. Silent if it
# can go on.
#
# usage: check.sh KERNEL_BUILD_DIRECTORY
set -eu

kernel=$1
config=$kernel/include/config/auto.conf

fail() {
	echo "shim6: $*" >&2
	exit 1
}

setting() {
	sed -n "s/^$1=//p" "$config" | tr -d '"'
}

[ -d "$kernel" ] ||
	fail "$kernel does not exist: install the headers of the kernel, or leave KDIR away to build for Debian's stock kernel"
[ -r "$config" ] ||
	fail "$kernel is not a configured kernel build directory ($config is missing): install the kernel's headers package"
[ "$(setting CONFIG_RUST)" = y ] ||
	fail "the kernel of $kernel was built without CONFIG_RUST, so it cannot load Rust modules: use one with CONFIG_RUST=y, such as Debian's from trixie-backports"
for file in rust/libcore.rmeta rust/libkernel.rmeta scripts/target.json; do
	[ -e "$kernel/$file" ] ||
		fail "the kernel of $kernel comes without its Rust metadata ($file is missing): leave KDIR away, and make regenerates it for Debian's stock kernel"
done
compiler=$(setting CONFIG_CC_VERSION_TEXT)
compiler=${compiler%% *}
[ -n "${CC-}" ] || [ -z "$compiler" ] || command -v "$compiler" >/dev/null ||
	fail "the kernel was built by $compiler, which was not found: install the package $(echo "$compiler" | sed 's/.*-\(gcc\|clang\)/\1/')"
for tool in "${RUSTC:-rustc}:rustc" "${CARGO:-cargo}:cargo" "${BINDGEN:-bindgen}:bindgen" "make:make"; do
	command -v "${tool%%:*}" >/dev/null || fail "${tool%%:*} was not found: install the package ${tool##*:}"
done
compiler=$("${RUSTC:-rustc}" --version)
[ "$compiler" = "$(setting CONFIG_RUSTC_VERSION_TEXT)" ] ||
	fail "the kernel was built by $(setting CONFIG_RUSTC_VERSION_TEXT), but ${RUSTC:-rustc} is $compiler: name the right one with RUSTC="
