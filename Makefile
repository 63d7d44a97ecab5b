# SPDX-License-Identifier: GPL-2.0
#
# The commands a person types; `make help` lists them. By default everything happens
# inside a build root that is made for it (tools/lab/root.sh), against Debian's stock
# kernel. With KDIR the module and the tools are built right here, for a kernel that
# ships its Rust metadata. What Kbuild does is in Kbuild.

MAKEFLAGS += --no-print-directory
FLAVOUR ?= cloud-amd64
FLAVOURS := cloud-amd64 amd64
PREFIX ?= /usr/local
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
UNITDIR ?= /etc/systemd/system
CACHE := $(abspath $(or $(SHIM6_CACHE),build))
export SHIM6_CACHE := $(CACHE)
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

.PHONY: all module tools install test conformance demo bench soak lint fmt shell clean distclean help
.PHONY: clippy clippy-crates clippy-module format scripts
all: module tools

# Targets that only make sense in the root, and those that are at home in both places.
ROOT_ONLY := test conformance demo bench soak lint format scripts fmt shell
ANYWHERE := module tools clippy clippy-crates clippy-module

ifneq ($(or $(KDIR),$(SHIM6_IN_ROOT)),)

# --- Here: inside the root, or against the kernel that KDIR names ----------------------

ifeq ($(KDIR),)
KDIR := $(CACHE)/kernel/$(shell cat $(CACHE)/kernel/$(FLAVOUR))
endif
RELEASE = $(shell cat $(KDIR)/include/config/kernel.release 2>/dev/null)
KBUILD = $(MAKE) -C $(KDIR) M=$(CURDIR)
export CARGO_TARGET_DIR := $(CACHE)/target
CARGO ?= cargo
# The lab is of no use outside the root.
CRATES := $(if $(SHIM6_IN_ROOT),--workspace,-p libshim6 -p libshim6-c -p shim6)

module: check-kernel
	+@mkdir -p $(CACHE)/modules/$(RELEASE)
	+@$(KBUILD) MO=$(CACHE)/modules/$(RELEASE) modules
	@echo "shim6: $(CACHE)/modules/$(RELEASE)/shim6.ko is for $(RELEASE)"

.PHONY: check-kernel
check-kernel:
	@sh rust/module/build/check.sh $(KDIR)

tools:
	@$(CARGO) build --release --locked $(CRATES)
	@$(CARGO) build --release --locked -p libshim6 --example connection
	@sh tools/libshim6-c/link.sh $(CARGO_TARGET_DIR)/release

clippy: clippy-crates clippy-module

clippy-crates:
	@$(CARGO) clippy --locked $(CRATES) --all-targets -- -D warnings

# The module's crate and its C side with every warning an error, in a directory of its own.
clippy-module: check-kernel
	+@mkdir -p $(CACHE)/clippy/$(RELEASE)
	+@$(KBUILD) MO=$(CACHE)/clippy/$(RELEASE) CLIPPY=1 KRUSTFLAGS=-Dwarnings KCFLAGS=-Werror modules

lint: clippy format scripts

format:
	@$(CARGO) fmt --all --check
	@rustfmt --check --edition 2021 rust/module/shim6.rs

scripts:
	@shellcheck -x $$(grep -rlE '^#!/bin/(ba)?sh' tools tests rust/module/build .ci)

fmt:
	@$(CARGO) fmt --all
	@rustfmt --edition 2021 rust/module/shim6.rs

test:
	@tests/all.sh $(FLAVOURS)

conformance:
	@tests/conformance/run.sh; status=$$?; [ ! -d out ] || chown -R --reference=Makefile out; exit $$status

demo: module tools
	@$(CARGO_TARGET_DIR)/release/shim6-lab demo; status=$$?; \
		[ ! -d out ] || chown -R --reference=Makefile out; exit $$status

bench: module tools
	@$(CARGO_TARGET_DIR)/release/shim6-lab bench; status=$$?; \
		[ ! -d out ] || chown -R --reference=Makefile out; exit $$status

soak: module tools
	@tests/soak.sh $(CARGO_TARGET_DIR)/release/shim6-lab; status=$$?; \
		[ ! -d out ] || chown -R --reference=Makefile out; exit $$status

shell:
	@bash -i

install: module tools
	+@$(KBUILD) MO=$(CACHE)/modules/$(RELEASE) modules_install $(if $(DESTDIR),INSTALL_MOD_PATH=$(DESTDIR))
	install -D -m 755 $(CARGO_TARGET_DIR)/release/shim6 $(DESTDIR)$(PREFIX)/sbin/shim6
	install -D -m 644 include/netlink/shim6.yaml $(DESTDIR)$(PREFIX)/share/ynl/specs/shim6.yaml
	install -D -m 644 include/uapi/linux/shim6.h $(DESTDIR)$(PREFIX)/include/linux/shim6.h
	install -D -m 644 include/shim6.h $(DESTDIR)$(PREFIX)/include/shim6.h
	install -D -m 755 $(CARGO_TARGET_DIR)/release/c/libshim6.so.0 $(DESTDIR)$(PREFIX)/lib/libshim6.so.0
	ln -sf libshim6.so.0 $(DESTDIR)$(PREFIX)/lib/libshim6.so
	install -d $(DESTDIR)$(PREFIX)/lib/pkgconfig
	sed 's,@PREFIX@,$(PREFIX),; s,@VERSION@,$(VERSION),' tools/libshim6-c/shim6.pc.in > $(DESTDIR)$(PREFIX)/lib/pkgconfig/shim6.pc
	install -D -m 644 tools/wireshark/shim6.lua $(DESTDIR)$(PREFIX)/share/shim6/shim6.lua
	$(CARGO_TARGET_DIR)/release/shim6-pages $(CACHE)/pages
	install -d $(DESTDIR)$(PREFIX)/share/man/man8
	install -m 644 $(CACHE)/pages/*.8 $(DESTDIR)$(PREFIX)/share/man/man8/
	install -D -m 644 tools/shim6/completions/shim6.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/shim6
	install -D -m 644 tools/shim6/completions/_shim6 $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_shim6
	install -D -m 644 tools/shim6/completions/shim6.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/shim6.fish
	install -d $(DESTDIR)$(UNITDIR) $(DESTDIR)/etc/shim6
	sed 's|@SBINDIR@|$(PREFIX)/sbin|' tools/shim6/systemd/shim6.service.in > $(DESTDIR)$(UNITDIR)/shim6.service
	install -D -m 644 tools/shim6/systemd/shim6.conf $(DESTDIR)$(PREFIX)/share/doc/shim6/shim6.conf

else

# --- On the host: make the root if it is not there, and do it inside ---------------------

# Variables that mean the same inside.
PASSED := FLAVOUR V SHIM6_LAB_NO_SKIP SHIM6_STORM_STEPS SHIM6_STORM_SEED SHIM6_MODEL_DEPTH SHIM6_SOAK_ROUNDS SHIM6_CALM_HOURS

# Tests want both flavours' kernels, everything else the one that is built.
test: NEEDED := $(FLAVOURS)
$(ROOT_ONLY) $(ANYWHERE):
	@tools/lab/root.sh $(or $(NEEDED),$(FLAVOUR))
	+@tools/lab/enter.sh $(foreach name,$(PASSED),$(if $($(name)),$(name)='$($(name))')) make $@

install:
	@echo "shim6: make install needs KDIR, the build directory of the kernel to install for: make KDIR=/lib/modules/\$$(uname -r)/build install" >&2; exit 2

endif

clean:
	$(SUDO) rm -rf $(addprefix $(CACHE)/,modules clippy target lab pages) out

distclean: clean
	$(SUDO) rm -rf --one-file-system $(CACHE)

help:
	@echo "make            build shim6.ko for Debian's stock kernel, and the tools"
	@echo "make demo       a download that survives its provider, in virtual machines; results in out/demo/"
	@echo "make test       everything that checks the project; ends with 'N passed, N failed'"
	@echo "make soak       hours of random storms, deeper exploration and rounds of the lab (tests/soak.sh)"
	@echo "make conformance  what the RFCs demand, and which of it the tests show"
	@echo "make module     the module only; FLAVOUR=cloud-amd64 (default) or FLAVOUR=amd64"
	@echo "make tools      the command, the library and the lab only"
	@echo "make lint       clippy, rustfmt and shellcheck over everything, warnings are errors"
	@echo "make fmt        put the sources into rustfmt's shape"
	@echo "make shell      a shell inside the build root"
	@echo "make clean      remove what was built; make distclean: also the build root and the caches"
	@echo
	@echo "make KDIR=/lib/modules/\$$(uname -r)/build [install]"
	@echo "                build (and install) here, for a kernel that ships its Rust metadata"
	@echo "variables       V=1 shows commands, SHIM6_CACHE=DIR is used in place of build/,"
	@echo "                PREFIX=/usr/local, UNITDIR=/etc/systemd/system and DESTDIR= are for install"
