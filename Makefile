# SPDX-License-Identifier: EUPL-1.2
# Every target is explained by its own comment; plain `make` lists them.

SHELL := /bin/sh
# Any Python from 3.11 on, for instance: make setup PYTHON=/usr/bin/python3.12. That of the distribution comes first:
# it is built with every optimisation, and those that version managers build as a rule take a fourth longer.
PYTHON ?= $(shell for p in /usr/bin/python3 python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
# Parallel test processes; 0 runs everything in one. One more than two cores: some tests wait for servers to die.
WORKERS ?= 3
# A browser is busy by itself.
BROWSERS ?= 2
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
# Many processes load the same modules: none of them should compile all anew, whatever the shell says.
export PYTHONDONTWRITEBYTECODE :=
.DEFAULT_GOAL := help
.PHONY: help setup demo run test e2e check fix bench docs lock clean

help:  ## list these targets
	@grep -hE '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F '\t' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: .venv/.developer  ## make .venv with everything, and find or install a browser for the journeys
	@$(BIN)/python tests/browser.py

# Two stamps, because serving the portal needs half of what testing it needs.
.venv/.runtime: requirements.txt
	$(INSTALL) -r requirements.txt
	@touch $@

.venv/.developer: requirements-dev.txt requirements.txt
	$(INSTALL) -r requirements-dev.txt
	@$(BIN)/python tests/browser.py windowless
	@touch .venv/.runtime $@

define INSTALL
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with its venv module is needed: make $(MAKECMDGOALS) PYTHON=/path/to/python3"; exit 1; }
	@$(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@echo "Installing packages into .venv, once…"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-input --require-hashes
endef

demo: .venv/.runtime  ## serve the portal with invented data on http://localhost:8000/ (PORT=…), Ctrl-C ends it
	@FAMI_DEMO=1 exec $(MANAGE) run

run: .venv/.runtime  ## serve the portal for development: your own data, reloading code
	@FAMI_DEBUG=1 exec $(MANAGE) run

test: setup  ## run the whole suite and one smoke journey in the browser
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not e2e or smoke"

e2e: setup  ## run every journey in a real browser
	@$(BIN)/python -m pytest -n $(BROWSERS) --dist loadscope -m e2e

check: .venv/.developer  ## lint, types, import contracts, migrations, texts, generated documents, lock files
	@.ci/check

fix: .venv/.developer  ## repair what can be repaired by machine: imports, format
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format --quiet .
	$(MANAGE) catalogue extract

bench: .venv/.developer  ## print our numbers beside their references
	@for file in benchmarks/[a-z]*.py; do PYTHONPATH=. $(BIN)/python $$file || exit 1; done

docs: .venv/.developer  ## write the generated documents again
	$(MANAGE) state_diagrams

lock: .venv/.developer  ## compile requirements.txt and requirements-dev.txt from pyproject.toml
	.ci/lock-fresh --write

clean:  ## remove .venv, var and everything generated; the data of the demonstration go with it
	@test ! -x $(BIN)/python || for folder in var var/test; do \
		FAMI_VAR=$$folder $(BIN)/python -c 'from fami_portal import embedded; embedded.check_unused()' || exit 1; done
	rm -rf .venv var .pytest_cache .ruff_cache .hypothesis .import_linter_cache test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find locale -name '*.mo' -delete
