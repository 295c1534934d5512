# Chartproof is set up by two commands: `make run` and `make test`. Both may be run again at any
# time; what is there already is not made twice.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --quiet --constraint constraints.txt
INPUTS := pyproject.toml constraints.txt
# Optional parts that are installed beside the development tools, for their tests: EXTRAS=,cluster
EXTRAS ?=

# A wheel built for one processor must run on another.
export HNSWLIB_NO_NATIVE := 1
export PYTHON

.PHONY: help run test demo-reset soak bench clean

help: ## Show what can be made.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

run: $(VENV)/.installed ## Set up, code the examples into a demo store, open the window on it.
	@if [[ -n "$${DISPLAY:-}$${WAYLAND_DISPLAY:-}" ]]; then .ci/preflight window; fi
	exec $(BIN)/chartproof demo

demo-reset: $(VENV)/.installed ## Remove the demo store with all decisions in it, and code it anew.
	@exec $(BIN)/chartproof demo --reset --no-window

test: $(VENV)/.installed-dev$(EXTRAS) ## Lint, types, import contracts and every test, without a window.
	@.ci/preflight offscreen
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest

soak: $(VENV)/.installed-dev$(EXTRAS) ## Run the tests of kills, damage and chance with their whole counts.
	@.ci/preflight offscreen
	CHARTPROOF_SOAK=$${CHARTPROOF_SOAK:-10} QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest \
		-m soak --durations=0 --durations-min=1

bench: $(VENV)/.installed ## Print the figures of benchmarks/, each with its limit (NOTES=file.jsonl for code_notes).
	@$(BIN)/python benchmarks/help_time.py
	$(BIN)/python benchmarks/index_build.py
	$(BIN)/python benchmarks/search_speed.py
	if [[ -n "$${NOTES:-}" ]]; then $(BIN)/python benchmarks/code_notes.py "$$NOTES"; fi

clean: ## Remove the environment; stores and settings stay.
	rm -rf $(VENV)

# `make run` installs what the program needs, `make test` the tools as well. The mark is written
# last, so that an interrupted installation is taken up again.
$(VENV)/.installed: $(INPUTS)
	@.ci/preflight build
	[[ -x $(BIN)/python ]] || $(PYTHON) -m venv $(VENV)
	echo "Installing Chartproof into $(VENV) …"
	$(INSTALL) --editable .
	touch $@

$(VENV)/.installed-dev$(EXTRAS): $(INPUTS)
	@.ci/preflight build
	[[ -x $(BIN)/python ]] || $(PYTHON) -m venv $(VENV)
	echo "Installing Chartproof and its development tools into $(VENV) …"
	$(INSTALL) --editable '.[dev$(EXTRAS)]'
	touch $@ $(VENV)/.installed
