# Everything a newcomer needs. `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
CACHE := $(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(HOME)/.cache)/fengsui
export CARGO_TARGET_DIR ?= $(CACHE)/cargo-target
PY := .venv/bin/python
ROW ?=
SECONDS ?= 60

.PHONY: help preconditions install install-dev engine checked-engine console run test check bench soak fuzz format client guide-pictures lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

preconditions: ## Say which of Python, a C compiler, cargo and Node is missing, and the way to get it
	@scripts/preconditions

install: preconditions ## Install the locked Python packages into .venv
	@scripts/install-python requirements.lock

install-dev: preconditions ## Install the locked packages of a developer into .venv
	@scripts/install-python requirements-dev.lock

engine: ## Build the Rust core and put the extension beside the package
	@scripts/build-engine

checked-engine:
	@scripts/build-engine checked

console: preconditions ## Build the console
	@scripts/build-console

run: install engine console ## Install, build and start the demo in the foreground (Ctrl-C stops all of it)
	@exec $(PY) -m fengsui demo --data demo-data

test: install-dev checked-engine console ## Install what is missing and run every check and test
	@scripts/install-test-tools
	@scripts/run-checks
	@scripts/run-tests

check: install-dev checked-engine console ## Run only the checks: format, lint, types, floors, stub, client
	@scripts/run-checks

bench: install-dev engine console ## Print the benchmark table (ROW=name for one row); JSON goes to bench/out/
	@scripts/install-test-tools
	@scripts/install-bench-peers
	@$(PY) -m bench $(ROW)

soak: install-dev engine console ## Long runs: faults, leaks, storms; bounded
	@scripts/install-test-tools
	@$(PY) -m pytest tests/soak -m soak -o addopts="-q --strict-markers" -o timeout=3600
	@FENGSUI_WHOLE_ROUNDS=1 $(PY) -m pytest tests -m rounds -o timeout=3600

fuzz: install-dev ## Guided fuzzing of every codec, SECONDS each (60); needs cargo-fuzz for the Rust ones
	@$(PY) -m tests.fuzz all $(SECONDS)
	@scripts/fuzz-crates $(SECONDS)

format: install-dev ## Format Python, Rust and TypeScript
	@.venv/bin/ruff format src tests bench checks && .venv/bin/ruff check --fix-only src tests bench checks && cargo fmt --all

client: install-dev engine console ## Generate the console's API client from the code's OpenAPI document
	@$(PY) -m checks.api_client --write

guide-pictures: install-dev engine console ## Take the guide's pictures anew from the running console
	@scripts/install-test-tools
	@scripts/guide-pictures

lock: ## Resolve the Python packages anew and write the lock files
	@scripts/lock-python

clean: ## Remove what was built (keeps the caches in the user's cache folder)
	@rm -rf .venv console/node_modules src/fengsui/web_console src/fengsui/_engine*.so demo-data bench/out
