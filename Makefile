# One file to start from: `make` lists what there is. Everything runs in .venv, which is made when it is missing.

PYTHON_ENV := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help env demo test lint format package lock clean

help: ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

env: .venv/.ready ## make .venv (PYTHON=<path> chooses the interpreter)

.venv/.ready: requirements/dev.txt requirements/lib.txt tools/env.sh
	@tools/env.sh

demo: env ## watch logs go from an SLS stand-in to a Splunk stand-in (KEEP=1 leaves them running)
	@./package.sh --dev-python
	@$(PYTHON_ENV) -m tests.demo $(if $(KEEP),--keep)

test: lint package ## everything: lint, unit, functional and package tests with AppInspect
	$(PYTHON_ENV) -m pytest

lint: env ## ruff, mypy --strict, import rules
	$(PYTHON_ENV) -m ruff check .
	$(PYTHON_ENV) -m ruff format --check .
	$(PYTHON_ENV) -m mypy bin/sls_ingest
	$(PYTHON_ENV) -m mypy tools
	PYTHONPATH=bin .venv/bin/lint-imports

format: env ## let ruff rewrite what it can
	$(PYTHON_ENV) -m ruff check --fix .
	$(PYTHON_ENV) -m ruff format .

package: env ## build dist/*.spl: the release, and one that also runs on the Python of .venv
	./package.sh --dev-python

lock: env ## lock requirements/*.in anew (downloads the resolver into .cache)
	tools/lock.sh

clean: ## remove what was built; the library cache stays
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
