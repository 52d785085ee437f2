# Broadsheet: every target works on a bare Debian 12 with Python 3.11 or newer.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

.PHONY: help setup demo serve test test-postgresql faults check bench docs lock clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

setup: $(VENV)/.installed ## Make .venv with the locked dependencies and the `broadsheet` command

$(VENV)/.installed: requirements-dev.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV) || { echo "python3-venv is missing: apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps --requirement requirements-dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## Fill a newsroom and serve it on http://127.0.0.1:8000
	$(BIN)/broadsheet demo

serve: setup ## Serve the installation in ./var (BROADSHEET_HOME) on 127.0.0.1:8000
	$(BIN)/broadsheet init
	$(BIN)/broadsheet serve

test: setup check browser fronts postgresql ## Run every check and every test
	$(BIN)/python -m pytest --numprocesses=2
	BROADSHEET_TEST_DATABASE=postgresql $(BIN)/python -m pytest --numprocesses=2 tests/readership tests/outbox

test-postgresql: setup postgresql ## Run every test on PostgreSQL
	BROADSHEET_TEST_DATABASE=postgresql $(BIN)/python -m pytest --numprocesses=2

faults: setup postgresql ## Kill the program 200 times under load, and fold ten million views, on each database
	$(BIN)/python -m pytest -s tests/faults/kills.py tests/faults/backlog.py

check: setup ## Format, lint, types, the ladder, migrations, templates, docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/broadsheet manage makemigrations --check --dry-run
	$(BIN)/djhtml --check src/broadsheet
	git ls-files -z -- '*.html' | xargs -0 --no-run-if-empty $(BIN)/djade --target-version 5.2 --check

.PHONY: browser
browser:
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium fonts-dejavu-core >/dev/null; } || { echo "Chromium is missing and you are not root. As root: apt-get install chromium" >&2; exit 1; }

.PHONY: fronts
FRONTS := nginx-light libnginx-mod-http-brotli-static varnish varnish-modules
fronts:
	@dpkg -s $(FRONTS) >/dev/null 2>&1 || { [ "$$(id -u)" = 0 ] && apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(FRONTS) >/dev/null; } || { echo "nginx or Varnish is missing and you are not root. As root: apt-get install $(FRONTS)" >&2; exit 1; }

.PHONY: postgresql
postgresql:
	@dpkg -s postgresql >/dev/null 2>&1 || { [ "$$(id -u)" = 0 ] && apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends postgresql >/dev/null; } || { echo "PostgreSQL is missing and you are not root. As root: apt-get install postgresql" >&2; exit 1; }

bench: setup ## Measure what has a bar; results under benchmarks/results
	for program in benchmarks/*.py; do echo "== $$program"; $(BIN)/python $$program; done

docs: setup ## Build the documentation into docs/_build
	$(BIN)/sphinx-build --fail-on-warning --quiet docs docs/_build

lock: $(VENV)/.installed ## Bring the locked dependencies up to date
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --upgrade pyproject.toml --output-file requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --upgrade --all-extras pyproject.toml --group dev --constraint requirements.lock --output-file requirements-dev.lock

clean: ## Remove .venv and what was built; ./var stays
	rm -rf $(VENV) docs/_build build .mypy_cache .ruff_cache
