# `make` alone lists what there is. A new machine needs Python 3.11 or newer, and make.

PYTHON ?= python3
BIN := .venv/bin
CODE := shared services deploy scripts tests bench
WHERE := tests/integration
# Tests of integration that promise no time, so that they may run slowly beside the browser.
BESIDE := tests/integration/portal tests/integration/directory tests/integration/registry
REST := tests/integration $(BESIDE:%=--ignore %)
SUITES := unit integration contracts architecture e2e chaos
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header --no-annotate

# Where Python is told to keep nothing of what it compiled, each of some hundred processes that the
# tests start would compile all of it again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run test beside-e2e lint types imports $(SUITES) fix docs bench lock chromium clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z0-9 ]+:.*## / {printf "  %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/ready ## Make the virtual environment with what running needs

run: .venv/ready ## Start everything on this machine; Ctrl-C stops it, the data stays
	@$(BIN)/sinergi up

# The browser leaves half of the processor idle, so what needs little else runs beside it; niced,
# because the browser's tests promise how soon something is seen.
test: ## Check everything: all of the targets below up to chaos
	@$(MAKE) --no-print-directory --jobs 2 .venv/ready-dev chromium
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target e2e beside-e2e
	@$(MAKE) --no-print-directory integration WHERE="$(REST)"
	@$(MAKE) --no-print-directory chaos

beside-e2e:
	@nice $(MAKE) --no-print-directory lint types imports unit contracts architecture
	@nice $(MAKE) --no-print-directory integration WHERE="$(BESIDE)"

lint: .venv/ready-dev ## Style and likely mistakes (ruff)
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .

types: .venv/ready-dev ## Types (mypy, strict)
	$(BIN)/python -m mypy --num-workers 2 $(CODE)

imports: .venv/ready-dev ## Who may import whom (import-linter)
	$(BIN)/lint-imports --no-logo --no-cache

unit: .venv/ready-dev ## Rules and pure functions
	$(BIN)/python -m pytest tests/unit --numprocesses 2

integration: .venv/ready-dev ## Services against real PostgreSQL and Valkey
	$(BIN)/python -m pytest $(WHERE) --numprocesses 3 --dist loadfile

contracts: .venv/ready-dev ## Events as they are on the wire, past and present
	$(BIN)/python -m pytest tests/contracts --numprocesses 2

architecture: .venv/ready-dev ## The project's own rules, and that documents tell the truth
	$(BIN)/python -m pytest tests/architecture --numprocesses 2

e2e: .venv/ready-dev chromium ## The portal in a real browser
	$(BIN)/python -m pytest tests/e2e

chaos: .venv/ready-dev ## Killed processes, a wiped Valkey, an absent database
	$(BIN)/python -m pytest tests/chaos

fix: .venv/ready-dev ## Format the code and mend what ruff can mend
	$(BIN)/python -m ruff check --fix-only --exit-zero .
	$(BIN)/python -m ruff format .

docs: .venv/ready-dev ## Write the generated documents anew
	$(BIN)/python -m scripts.generate_events

bench: .venv/ready-dev ## Measure the speed promises
	$(BIN)/python -m bench

lock: .venv/ready-dev ## Resolve the dependencies anew into the locks
	$(COMPILE) --upgrade --group build --output-file requirements.lock pyproject.toml
	$(COMPILE) --upgrade --group build --group dev --constraint requirements.lock \
		--output-file requirements-dev.lock pyproject.toml
	$(COMPILE) --upgrade --group install --constraint requirements-dev.lock \
		--output-file requirements-install.lock

chromium: ## Install the browser for e2e when it is missing (apt-get, as root)
	@command -v chromium-headless-shell >/dev/null || { \
		test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
		&& apt-get update && apt-get install --yes --no-install-recommends chromium-headless-shell; \
	} || command -v chromium >/dev/null \
	|| { echo "Install Chromium so that the command \"chromium\" works (Debian: apt-get install chromium)." >&2; exit 1; }

clean: ## Remove the virtual environment and all caches; data in .sinergi/ stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build sinergi.egg-info
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

# A changed lock, or a changed pyproject.toml, installs again. The development lock holds all of
# the other, so whoever tests can also run.
.venv/ready: requirements.lock requirements-install.lock pyproject.toml
	$(call install,requirements.lock)
	@touch $@

.venv/ready-dev: requirements-dev.lock requirements-install.lock pyproject.toml
	$(call install,requirements-dev.lock)
	@touch .venv/ready $@

# uv takes a fifth of the time that pip takes. Where it does not get through to what pip gets
# through to, pip does it.
define install
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Sinergi needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
$(PYTHON) -m venv .venv
$(PIP) install --require-hashes -r requirements-install.lock
@echo "$(BIN)/uv pip install --require-hashes -r $(1)"
@index=$${PIP_INDEX_URL:-$$($(PIP) config get global.index-url 2>/dev/null)}; \
$(BIN)/uv pip install --quiet --python $(BIN)/python --system-certs --compile-bytecode \
	$${index:+--default-index "$$index"} --require-hashes -r $(1) \
|| $(PIP) install --require-hashes -r $(1)
$(PIP) install --no-index --no-deps --no-build-isolation --editable .
endef
