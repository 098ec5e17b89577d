# Every target sets up what it needs: a virtual environment, the Python packages, the Rust prover.
# The first time that takes some minutes, afterwards no time at all.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := .venv/bin
ONLY ?= proof
RUST := $(shell find rust -type d -name target -prune -o -type f -print)
STAMP := .venv/installed

export CARGO_TARGET_DIR ?= $(CURDIR)/target
# A fresh rustup is not on the path of shells that were open before it.
export PATH := $(PATH):$(HOME)/.cargo/bin
export RUSTFLAGS ?= -C target-cpu=native

.PHONY: help setup test check attack fuzz demo bench contracts wheel clean backtest

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP) ## create .venv and build the prover; every other target calls it

# A deleted extension module is built again, whatever the stamp says.
ifeq ($(wildcard src/novate/_stark.abi3.so),)
.PHONY: $(STAMP)
endif
$(STAMP): pyproject.toml tools/setup.sh $(RUST)
	@tools/setup.sh
	@touch $@

test: setup ## all tests except the long ones
	$(BIN)/python -m pytest tests --ignore=tests/attacks --ignore=tests/fuzz

check: setup ## formatters, linters, types, floors of the house, bytecode
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config .importlinter --no-cache
	cargo fmt --manifest-path rust/Cargo.toml --check
	cargo clippy --locked --manifest-path rust/Cargo.toml --all-targets -- -D warnings
	$(BIN)/python -m pytest tests/house
	$(BIN)/python contracts/compile.py --check

attack: setup ## break every column, drop every constraint, cheat as an operator
	$(BIN)/python -m pytest tests/attacks

fuzz: setup ## mutated proofs and long random walks: hours
	$(BIN)/python -m pytest tests/fuzz

demo: setup ## one option from deposit to payout, proven and settled
	$(BIN)/novate demo

bench: setup ## measure; ONLY=proof writes benchmarks/latest/proof.json
	$(BIN)/python -m benchmarks $(ONLY)

backtest: setup ## is the margin model better? writes benchmarks/latest/backtest.json and charts
	$(BIN)/python -m benchmarks backtest

contracts: setup ## compile the contracts into the package
	$(BIN)/python contracts/compile.py

# The note tells `import novate` which processor the wheel was built for; see src/novate/__init__.py.
wheel: private NOTE := src/novate/built_for.json
wheel: setup ## a wheel for any x86-64-v3 processor, in dist/
	trap 'rm -f $(NOTE)' EXIT; \
	echo '{"processor": "x86-64-v3"}' > $(NOTE); \
	RUSTFLAGS="-C target-cpu=x86-64-v3" CARGO_TARGET_DIR="$(CURDIR)/target/wheel" \
		$(BIN)/maturin build --release --locked --out dist

clean: ## remove what these targets made
	rm -rf .venv target dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	rm -f src/novate/_stark*.so src/novate/built_for.json
	find src tests -type d -name __pycache__ -prune -exec rm -rf {} +
