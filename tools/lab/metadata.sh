#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Inside the build root: makes the Rust metadata that Debian's header packages lack
# (rust/*.rmeta, the kernel's procedural macros, target.json) from the kernel's own
# source, and puts it with links to the installed headers into /cache/kernel/VERSION,
# a build directory for modules. The packages' own files stay as they are.
#
# Without CONFIG_MODVERSIONS a module is tied to the kernel by the names of symbols
# alone, so each Rust name of the stock kernel must have come out the same.
#
# usage: metadata.sh VERSION...
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tools/lab/say.sh
. "$here/say.sh"
kernels=/cache/kernel
work=/cache/metadata

# Everything of the source but the drivers' C code and what no build reads.
unpack() {
	mkdir -p "$work"
	tar -C "$work" -xf "$1" --exclude='linux-source-*/drivers/*.c' --exclude='linux-source-*/sound/*.c' \
		--exclude='linux-source-*/Documentation/*.rst' --exclude='linux-source-*/arch/*/boot/dts' \
		--exclude='linux-source-*/tools/testing' --exclude='linux-source-*/fs/*.c'
}

# prepare VERSION: compiles the kernel's Rust crates as its own build does.
prepare() {
	version=$1 source=$2 out=$work/$1
	headers=/usr/src/linux-headers-$version
	rm -rf "$out"
	mkdir -p "$out/tools/objtool"
	cp "$headers/.config" "$out/.config"
	# These two are installed already, or not needed; -o tells make so.
	cp "$headers/tools/objtool/objtool" "$out/tools/objtool/"
	set -- make -C "$source" O="$out" CC=x86_64-linux-gnu-gcc-14 KERNELRELEASE="$version" -j2
	"$@" olddefconfig
	"$@" -o tools/objtool -o tools/bpf/resolve_btfids prepare
}

# The gate: every mangled Rust name the stock kernel exports is one we made.
compare_symbols() {
	version=$1 out=$work/$1
	awk '$2 ~ /^_R/ && $3 == "vmlinux" { print $2 }' "/usr/src/linux-headers-$version/Module.symvers" | LC_ALL=C sort -u >"$out/stock"
	cat "$out"/rust/exports_*_generated.h |
		sed -n 's/^EXPORT_SYMBOL_RUST_GPL(\(_R.*\));$/\1/p' | LC_ALL=C sort -u >"$out/ours"
	total=$(wc -l <"$out/stock")
	differing=$(LC_ALL=C comm -3 "$out/stock" "$out/ours" | wc -l)
	[ "$total" -gt 0 ] ||
		fail "the kernel $version exports no Rust symbol: it was built without CONFIG_RUST, so shim6 cannot be built for it"
	[ "$differing" = 0 ] ||
		fail "$differing of the $total Rust symbols of the kernel $version came out under other names, so a module built here would not fit it: its compiler is not this root's $(rustc --version)"
	say "$version: all $total Rust symbols are the stock kernel's"
}

# assemble VERSION: the build directory, links and metadata.
assemble() {
	version=$1 out=$work/$1
	headers=/usr/src/linux-headers-$version
	build=$kernels/$version
	rm -rf "$build"
	mkdir -p "$build/scripts" "$build/rust/kernel"
	for name in .config Module.symvers arch include tools vmlinux; do
		[ ! -e "$headers/$name" ] || ln -s "$headers/$name" "$build/$name"
	done
	ln -s "$headers"/scripts/* "$build/scripts/"
	rm -f "$build/scripts/target.json"
	cp "$out/scripts/target.json" "$build/scripts/"
	cp "$out"/rust/*.rmeta "$out"/rust/*.so "$build/rust/"
	cp "$out"/rust/kernel/*.rs "$build/rust/kernel/"
	[ ! -e "$headers/.kernelvariables" ] || cp "$headers/.kernelvariables" "$build/"
	sed "s|^KBUILD_OUTPUT *=.*|KBUILD_OUTPUT = $build|" "$headers/Makefile" >"$build/Makefile"
	rustc --version >"$build/ready"
}

prepare_all() {
	for version in "$@"; do
		prepare "$version" "$work/$(source_of "$version")" >"/cache/log/metadata-$version.log" 2>&1 &
	done
	# Each one's end shows in the next steps: a failed one has no exports.
	wait
	for version in "$@"; do
		[ -e "$work/$version/rust/exports_kernel_generated.h" ] || {
			tail -n 15 "/cache/log/metadata-$version.log"
			return 1
		}
	done
}

source_of() {
	echo "linux-source-$(echo "$1" | sed 's/^\([0-9]*\.[0-9]*\).*/\1/')"
}

# What is made already is left alone.
wanted=''
for version in "$@"; do
	[ -e "$kernels/$version/ready" ] || wanted="$wanted $version"
done
[ -n "$wanted" ] || exit 0

for version in $wanted; do
	grep -q '^CONFIG_RUST=y' "/usr/src/linux-headers-$version/.config" ||
		fail "the kernel $version was built without CONFIG_RUST, so shim6 cannot be built for it"
done
rm -rf "$work"
for source in $(for version in $wanted; do source_of "$version"; done | sort -u); do
	step "/cache/log/$source.log" "unpacking $source" unpack "/usr/src/$source.tar.xz"
done
# shellcheck disable=SC2086
step /cache/log/metadata.log "compiling the kernel's Rust crates for$wanted (2 to 4 minutes)" prepare_all $wanted
for version in $wanted; do
	compare_symbols "$version"
	assemble "$version"
done
rm -rf "$work"
