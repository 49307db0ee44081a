# exeio: build, test, run, install. `make help` lists the targets.

PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift
# What `make run` hands to the daemon: make run ARGS="--port 0"
ARGS ?=

release = .build/release/exeio
sources = Package.swift Sources Tests

# One self-contained binary: Swift's own libraries are linked statically.
release_flags = -c release --static-swift-stdlib

.PHONY: help setup build run test test-asan format lint bench install clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

setup: ## install the Debian packages that the build needs, where they are missing
	@packaging/setup.sh

build: setup ## build the release binary, .build/release/exeio
	$(SWIFT) build $(release_flags) --product exeio

run: build ## build and start the daemon (ARGS="--port 8081" for options)
	exec $(release) $(ARGS)

lint: ## refuse sources that are not formatted
	$(SWIFT) format lint --strict --recursive $(sources)

test: build lint ## run every test, the end-to-end ones against the release binary
	$(SWIFT) build --build-tests --explicit-target-dependency-import-check error
	EXEIO_BINARY=$(CURDIR)/$(release) $(SWIFT) test --skip-build

# The daemon is built and run under AddressSanitizer too, leaks included.
test-asan: setup ## run every test under AddressSanitizer and LeakSanitizer
	ASAN_OPTIONS=detect_leaks=1 LSAN_OPTIONS=suppressions=$(CURDIR)/Tests/lsan.supp:print_suppressions=0 EXEIO_SANITIZED=1 \
	  $(SWIFT) test --sanitize=address --disable-xctest --scratch-path .build/asan

bench: build ## measure memory, wakeups, log capture and HTTP, beside peers
	python3 Tests/Benchmarks/bench.py $(release)

format: ## format the sources
	$(SWIFT) format --in-place --recursive $(sources)

install: ## install the binary, the unit and the logrotate file (PREFIX, DESTDIR)
	test -x $(release) || $(MAKE) build
	install -D -m 0755 $(release) $(DESTDIR)$(PREFIX)/bin/exeio
	strip $(DESTDIR)$(PREFIX)/bin/exeio
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's|@PREFIX@|$(PREFIX)|g' packaging/exeio.service > $(DESTDIR)$(PREFIX)/lib/systemd/system/exeio.service
	chmod 0644 $(DESTDIR)$(PREFIX)/lib/systemd/system/exeio.service
	install -D -m 0644 packaging/exeio.logrotate $(DESTDIR)/etc/logrotate.d/exeio

clean: ## remove what was built
	rm -rf .build
