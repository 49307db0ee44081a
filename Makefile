# exeio: build, test, run, install. `make help` lists the targets.

PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift
# What `make run` hands to the daemon: make run ARGS="--port 0"
ARGS ?=

# Where Swift builds, and where the linker writes down what it took from where (debian/rules asks for it).
SCRATCH ?= .build
LINK_MAP ?=
# make deb DEB_VERSION=2.0.0-2 builds a package of another version than the changelog's.
DEB_VERSION ?=
UNITDIR ?= $(PREFIX)/lib/systemd/system
STRIP ?= strip
LOWDOWN ?= lowdown

release = $(SCRATCH)/release/exeio
manual = $(SCRATCH)/manual
sources = Package.swift Sources Tests

# One self-contained binary: Swift's own libraries are linked statically. What the loader has filled in cannot be
# written to afterwards (full RELRO).
release_flags = -c release --static-swift-stdlib -Xlinker -z -Xlinker relro -Xlinker -z -Xlinker now

asan_flags = --sanitize=address --scratch-path .build/asan
asan_environment = EXEIO_SANITIZED=1 ASAN_OPTIONS=detect_leaks=1 \
  LSAN_OPTIONS=suppressions=$(CURDIR)/Tests/lsan.supp:print_suppressions=0

.PHONY: help setup build run test test-repeat test-asan test-nginx test-programs test-metrics test-package format lint bench install uninstall manual deb clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

setup: ## install the Debian packages that the build needs, where they are missing
	@packaging/setup.sh

build: setup ## build the release binary, .build/release/exeio
	$(SWIFT) build $(release_flags) --product exeio --scratch-path $(SCRATCH) $(if $(LINK_MAP),-Xlinker -Map=$(LINK_MAP))

run: build ## build and start the daemon (ARGS="--port 8081" for options)
	exec $(release) $(ARGS)

lint: ## refuse sources that are not formatted
	$(SWIFT) format lint --strict --recursive $(sources)

# Tests/run.sh installs the programs that the tests start, and lets them find no others.
test: build lint ## run every test, the end-to-end ones against the release binary
	$(SWIFT) build --build-tests --explicit-target-dependency-import-check error
	SWIFT="$(SWIFT)" EXEIO_BINARY=$(CURDIR)/$(release) Tests/run.sh tests
	MAKE="$(MAKE)" Tests/install.sh

# A fault that shows one time in ten is a fault. The tests have the machine to share: two endless loops run beside them.
test-repeat: ## run every test N=10 times (SANITIZE=address: 3) with both cores busy, and name what failed in each round
	N="$(N)" FILTER="$(FILTER)" SANITIZE="$(SANITIZE)" MAKE="$(MAKE)" SWIFT="$(SWIFT)" RELEASE=$(release) Tests/repeat.sh

# The daemon is built and run under AddressSanitizer too, leaks included.
test-asan: setup ## run every test under AddressSanitizer and LeakSanitizer
	$(SWIFT) build --build-tests $(asan_flags)
	$(asan_environment) SWIFT="$(SWIFT)" BUILD_FLAGS="$(asan_flags)" Tests/run.sh tests

# The same tests once more, with the nginx of packaging/nginx/exeio.conf between them and the daemon.
test-nginx: build ## run the end-to-end tests through nginx, at a host's root and below a path
	$(SWIFT) build --build-tests
	SWIFT="$(SWIFT)" EXEIO_BINARY=$(CURDIR)/$(release) Tests/through-nginx.sh

# They are Debian's, and what is a server there starts as a service when it is installed.
test-programs: build ## run the tests with nginx, Redis, PostgreSQL and gunicorn as processes, installed where missing
	$(SWIFT) build --build-tests
	SWIFT="$(SWIFT)" EXEIO_BINARY=$(CURDIR)/$(release) Tests/run.sh tests,programs --filter 'RealProgramTests|ProgramTests'

test-metrics: build ## run the tests with a Prometheus that scrapes the daemon, alerts and dashboard included
	$(SWIFT) build --build-tests
	SWIFT="$(SWIFT)" EXEIO_BINARY=$(CURDIR)/$(release) Tests/run.sh tests,metrics --filter 'PrometheusTests|ProgramTests'

test-package: ## build the Debian package in a bare Debian and check it on a machine with systemd
	packaging/test/run $(SCENARIOS)

bench: build ## measure memory, wakeups, starts, log capture and HTTP, beside peers (AGAINST=another exeio: the ratios)
	packaging/setup.sh bench
	python3 Tests/Benchmarks/bench.py $(release) $(if $(AGAINST),--against $(AGAINST))

format: ## format the sources
	$(SWIFT) format --in-place --recursive $(sources)

# The pages are made by lowdown; without it, the program is installed without them.
manual: ## make the manual pages, exeio(8) and exeio.json(5) (needs lowdown)
	test -x $(release) || $(MAKE) build
	LOWDOWN="$(LOWDOWN)" packaging/man/build.sh $(release) $(manual)

pages = man8/exeio.8 man8/exeio-user.8 man5/exeio.json.5

install: ## install the program, its pages, units and service files (PREFIX, DESTDIR)
	test -x $(release) || $(MAKE) build
	install -D -m 0755 $(release) $(DESTDIR)$(PREFIX)/bin/exeio
	$(STRIP) $(DESTDIR)$(PREFIX)/bin/exeio
	install -D -m 0755 packaging/exeio-user.sh $(DESTDIR)$(PREFIX)/sbin/exeio-user
	install -d $(DESTDIR)$(UNITDIR) $(DESTDIR)$(PREFIX)/lib/systemd/user
	sed 's|@PREFIX@|$(PREFIX)|g' packaging/exeio.service > $(DESTDIR)$(UNITDIR)/exeio.service
	sed 's|@PREFIX@|$(PREFIX)|g' packaging/exeio-user.service > $(DESTDIR)$(PREFIX)/lib/systemd/user/exeio.service
	chmod 0644 $(DESTDIR)$(UNITDIR)/exeio.service $(DESTDIR)$(PREFIX)/lib/systemd/user/exeio.service
	install -D -m 0644 packaging/exeio.socket $(DESTDIR)$(UNITDIR)/exeio.socket
	install -D -m 0644 packaging/exeio-hardened.conf $(DESTDIR)$(PREFIX)/share/exeio/exeio-hardened.conf
	install -D -m 0644 packaging/exeio.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/exeio.conf
	install -D -m 0644 packaging/exeio.tmpfiles $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/exeio.conf
	install -D -m 0755 packaging/prepare.sh $(DESTDIR)$(PREFIX)/lib/exeio/prepare
	test -e $(DESTDIR)/etc/default/exeio || install -D -m 0644 packaging/exeio.default $(DESTDIR)/etc/default/exeio
	test -e $(DESTDIR)/etc/logrotate.d/exeio || install -D -m 0644 packaging/exeio.logrotate $(DESTDIR)/etc/logrotate.d/exeio
	! command -v $(LOWDOWN) >/dev/null || $(MAKE) manual
	@for page in $(pages); do \
	  test ! -e $(manual)/$${page#*/} || \
	    install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/man/$${page%/*} $(manual)/$${page#*/} || exit 1; \
	done
	@test -e $(DESTDIR)$(PREFIX)/share/man/man8/exeio.8 || \
	  echo "exeio: the manual pages are missing, because lowdown is: install it (apt-get install lowdown) and run make install again" >&2

# What is removed is what `make install` puts there, with the same PREFIX and DESTDIR, and nothing else.
uninstall: ## remove what `make install` has put there; configuration, key, state and logs stay (PREFIX, DESTDIR)
	rm -f $(DESTDIR)$(PREFIX)/bin/exeio $(DESTDIR)$(PREFIX)/sbin/exeio-user \
	  $(DESTDIR)$(UNITDIR)/exeio.service $(DESTDIR)$(UNITDIR)/exeio.socket $(DESTDIR)$(PREFIX)/lib/systemd/user/exeio.service \
	  $(DESTDIR)$(PREFIX)/share/exeio/exeio-hardened.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/exeio.conf \
	  $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/exeio.conf $(DESTDIR)$(PREFIX)/lib/exeio/prepare \
	  $(addprefix $(DESTDIR)$(PREFIX)/share/man/,$(pages))
	! cmp -s packaging/exeio.default $(DESTDIR)/etc/default/exeio || rm $(DESTDIR)/etc/default/exeio
	! cmp -s packaging/exeio.logrotate $(DESTDIR)/etc/logrotate.d/exeio || rm $(DESTDIR)/etc/logrotate.d/exeio
	@for directory in share/exeio lib/exeio; do \
	  test ! -d $(DESTDIR)$(PREFIX)/$$directory || rmdir --ignore-fail-on-non-empty $(DESTDIR)$(PREFIX)/$$directory || exit 1; \
	done

deb: ## build the Debian package into .build/deb and check it (DEB_VERSION)
	@packaging/setup.sh package
	packaging/deb.sh $(DEB_VERSION)

clean: ## remove what was built
	rm -rf .build
