# SPDX-License-Identifier: MIT
# A thin front for meson: every target is one or two commands that can be run by hand.

TROTH ?= build/src/cli/troth
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 3600
SOURCES = $(shell find include src tests fuzz bench examples -name '*.[ch]' 2>/dev/null)

all: build  ## Build everything into build/ (the default)

build: build/build.ninja
	ninja -C build

build/build.ninja:
	tools/packages build
	meson setup build

demo: build  ## Two people meet on this machine: a short show
	$(TROTH) demo

test: build  ## The tests of the plain build only, in seconds
	meson test -C build --print-errorlogs

check:  ## Everything: sanitizers, both compilers, format, valgrind, fuzzing (under 15 min)
	tools/check

interop: build  ## The tests with clients of others that bring many packages (libervia)
	tools/packages build check interop
	meson test -C build --print-errorlogs --suite interop

bench:  ## Measure: a stream beside bare TLS, a thousand devices, and over a server beside bare clients
	bench/run
	bench/run --server

fuzz-long:  ## Fuzz every target for FUZZ_SECONDS (3600), keeping what is found in build/fuzz
	tools/fuzz $(FUZZ_SECONDS)

install: build  ## Install below PREFIX (/usr/local); DESTDIR is respected
	meson configure build -Dprefix=$(PREFIX)
	meson install -C build
	tools/linker build

format:  ## Rewrite the C files in the style of .clang-format
	clang-format -i $(SOURCES)

lint:  ## Style, the rules of the house, and the static analyser of clang
	tools/lint

trixie:  ## Run `make check` in a Debian 13 that is made for it (root only)
	tools/trixie

packages:  ## Install what building and checking needs, through apt
	tools/packages build check

clean:  ## Remove build/
	rm -rf build

help:  ## This list
	@awk -F ':.*  ## ' '/^[a-z-]+:.*  ## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

.PHONY: all build demo test check interop bench fuzz-long install format lint trixie packages clean help
