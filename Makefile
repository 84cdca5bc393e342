# op-agents: everything that a person or CI runs. `make help` lists it.

PREFIX ?= /usr/local
DESTDIR ?=

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

python := .venv/bin/python
stage := .build/stage
swift_sources = git ls-files -z --cached --others --exclude-standard -- '*.swift'

# Programs are linked without the toolchain's own run path: what runs here runs from the libraries
# that are installed beside it, as it will on a machine without a toolchain.
release_flags := -c release -Xswiftc -cross-module-optimization -Xswiftc -no-toolchain-stdlib-rpath

# Warnings are errors for those who change the code, not for those who build it with a newer compiler.
lint test: export OP_AGENTS_WARNINGS_AS_ERRORS := 1

# `swift build --build-tests` would also build what the generators of our dependencies need: all of protoc.
tested := op-agentsPackageTests op-supervisor op-agents op-agent-memory op-agent-rust-pro op-agent-misbehaving \
	transport-peer
build_tested = for product in $(tested); do swift build --product $$product $(1); done

.PHONY: help
help: ## Lists the targets.
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

.PHONY: demo
demo: packages-demo venv build ## Builds, starts a fleet in a scratch directory and plays what it can do.
	@$(python) Tests/demo/demo.py --programs $(stage)/bin

.PHONY: run
run: build ## Runs the fleet in the foreground on the designed ports, state under .run/, until Ctrl-C.
	@mkdir -p .run/state .run/runtime
	@STATE_DIRECTORY=$(CURDIR)/.run/state RUNTIME_DIRECTORY=$(CURDIR)/.run/runtime \
		exec $(stage)/bin/op-supervisor

.PHONY: test
test: packages-test venv ## Runs every test: Swift, C, peers, whole-system, systemd, and the count of instructions.
	@$(call build_tested)
	@$(python) Tests/run.py

.PHONY: performance
performance: packages-test venv ## Counts the instructions of a call; RECORD=1 makes them the recorded ones.
	$(python) -m pytest Tests/Performance $(if $(RECORD),--record)

.PHONY: bench
bench: packages-bench venv build ## Measures, beside the peers; QUICK=1: the central figures; README=1: puts them into the README.
	@Tests/Benchmarks/run $(stage) $(if $(QUICK),--quick) $(if $(README),--readme)

.PHONY: soak
soak: packages-test venv ## Kills 1,000 agents and 50 supervisors under load; SEED=N, MINUTES=N.
	@$(call build_tested)
	SIMULATION_EVENTS=10000000 SIMULATION_FROM=$(or $(SEED),$$RANDOM) \
		swift test --skip-build --filter SimulationTests
	@$(python) Tests/Soak/soak.py --verbose $(if $(SEED),--seed $(SEED)) \
		$(if $(MINUTES),--seconds $$(($(MINUTES) * 60)))

.PHONY: fuzz
fuzz: packages-test ## Fuzzes the transport for SECONDS=60, or as many as are given.
	@Tests/Fuzz/run $(or $(SECONDS),60)

.PHONY: build
build: packages-build ## Builds a release and lays it out in .build/stage as `make install` will.
	swift build $(release_flags)
	@.ci/stage "$$(swift build $(release_flags) --show-bin-path)" $(stage)

.PHONY: lint
lint: packages-lint venv ## Checks format, warnings, imports, generated code and scripts.
	$(swift_sources) | xargs -0 swift format lint --strict --parallel
	@$(call build_tested,--explicit-target-dependency-import-check error)
	@.ci/check-generated
	git grep -lzE '^#! ?/bin/(ba)?sh' | xargs -0 shellcheck
	$(python) -m compileall -q Tests/harness Tests/Integration Tests/Peers Tests/Benchmarks Tests/Performance Tests/Fuzz Tests/Soak Tests/Systemd Tests/demo Tests/run.py

.PHONY: format
format: ## Formats the Swift sources in place.
	$(swift_sources) | xargs -0 swift format --in-place --parallel

.PHONY: proto
proto: packages-lint ## Generates the sources that are made of proto/ and Tests/Peers/proto.
	proto/generate

.PHONY: install
install: ## Installs what `make build` built, under DESTDIR and PREFIX (/usr/local).
	.ci/install $(stage) $(PREFIX) $(DESTDIR)

.PHONY: uninstall
uninstall: ## Removes what `make install` installed; state stays.
	.ci/install --remove $(PREFIX) $(DESTDIR)

.PHONY: clean
clean: ## Removes everything that was built or run here.
	rm -rf .build .build-* .bench .fuzz .run .venv

packages-%:
	@.ci/packages $*

.PHONY: venv
venv: .venv/installed

.venv/installed: Tests/requirements.txt
	python3 -m venv .venv
	$(python) -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@
