# One file to start from: `make` lists what there is. Everything runs in .venv, which is made when it is missing.

PYTHON_ENV := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help env demo test test-browser test-docker scenarios configuration incidents chaos fuzz soak stops bench bench-more bench-types knowledge lint format package release-check sizes wheelhouse lock clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

env: .venv/.ready ## make .venv (PYTHON=<path> chooses the interpreter)

.venv/.ready: requirements/dev.txt requirements/lib.txt requirements/cim.txt tools/env.sh
	@tools/env.sh

demo: env ## watch logs go from an SLS stand-in to a Splunk stand-in (KEEP=1 leaves them running)
	@./package.sh --dev-python
	@$(PYTHON_ENV) -m tests.demo $(if $(KEEP),--keep)

test: lint package ## everything: lint, unit, functional, browser and package tests with AppInspect
	$(PYTHON_ENV) -m pytest tests/unit tests/package tests/knowledge -n 2 --dist loadfile
	$(MAKE) --no-print-directory -j 2 functional browser

.PHONY: functional browser
functional: # after `package`, beside the browser: they mostly wait
	$(PYTHON_ENV) -m pytest tests/functional -n 3 --dist worksteal

browser:
	$(PYTHON_ENV) -m pytest tests/browser

test-browser: package ## the pages in chromium; what it saw is in build/browser
	@$(MAKE) --no-print-directory browser

test-docker: package ## the scenarios on a real Splunk in a container: docs/real-splunk.md says what that takes
	$(PYTHON_ENV) -m pytest tests/docker

scenarios: env ## what is tested on the stand-ins and on a real Splunk alike
	@$(PYTHON_ENV) -m tests.scenarios

lint: env ## ruff, mypy --strict, import rules
	$(PYTHON_ENV) -m ruff check .
	$(PYTHON_ENV) -m ruff format --check .
	$(PYTHON_ENV) -m mypy bin/sls_ingest
	$(PYTHON_ENV) -m mypy tools
	$(PYTHON_ENV) -m mypy --follow-imports=silent --exclude probe_app tests/scenarios tests/docker tests/standins/engine
	PYTHONPATH=bin .venv/bin/lint-imports

configuration: env ## docs/configuration.md anew, from README/*.conf.spec
	$(PYTHON_ENV) -m tools.configuration

knowledge: env ## what Splunk makes of each kind of log: coverage of log types and CIM models; docs/log-types.md anew
	$(PYTHON_ENV) -m tests.knowledge coverage
	$(PYTHON_ENV) -m tests.knowledge.document

incidents: env ## a lag, a gap, a quarantine, a disabled key: the log lines, and which alerts hold (KEEP=1 for the page)
	@$(PYTHON_ENV) -m tests.incidents $(if $(KEEP),--keep)

chaos: env ## every kind of fault, again and again, with a ledger (SEED=1 FAULTS=1000 EVENTS=10000000 JSON=<file>)
	$(PYTHON_ENV) -m tests.chaos --seed $(or $(SEED),1) --faults $(or $(FAULTS),1000) \
		--events $(or $(EVENTS),10000000) $(if $(JSON),--json $(JSON))

fuzz: env ## generated and damaged batches through the core (EXAMPLES=100000 SEED=1)
	FUZZ_EXAMPLES=$(or $(EXAMPLES),100000) FUZZ_SEED=$(or $(SEED),1) \
		$(PYTHON_ENV) -m pytest tests/unit/core/test_fuzz.py --timeout 0 -rP

soak: env ## one input at full rate: do memory, threads or descriptors grow? (MINUTES=30 JSON=<file>)
	$(PYTHON_ENV) -m tests.chaos.soak --minutes $(or $(MINUTES),30) $(if $(JSON),--json $(JSON))

stops: env ## SIGTERM at random moments: within 5 s, nothing lost (COUNT=100 SEED=1 JSON=<file>)
	$(PYTHON_ENV) -m tests.chaos.stops --count $(or $(COUNT),100) --seed $(or $(SEED),1) $(if $(JSON),--json $(JSON))

bench: env ## MB per CPU-second against what one can run instead, half an hour (BENCH="--works C --publish")
	$(PYTHON_ENV) -m tests.bench $(BENCH)

bench-types: env ## what sourcetype, unfolding and time by log type cost in the core, 15 s
	$(PYTHON_ENV) -m tests.bench.core

bench-more: env ## latency, idle cost, distance, growth, sizing, 12 minutes (WHAT="latency idle": these, unpublished)
	$(PYTHON_ENV) -m tests.bench.side $(or $(WHAT),all --publish)

format: env ## let ruff rewrite what it can
	$(PYTHON_ENV) -m ruff check --fix .
	$(PYTHON_ENV) -m ruff format .

package: env ## build dist/*.spl: the release, and one that also runs on the Python of .venv
	./package.sh --dev-python

release-check: env ## what a package has to pass before it is published; after `make test`, 2 to 4 minutes
	$(PYTHON_ENV) -m tools.release

sizes: package ## how large the package is, by part
	$(PYTHON_ENV) -m tools.sizes $(filter-out %-dev.spl,$(wildcard dist/*.spl))

wheelhouse: env ## fill DIR with all that ./package.sh fetches, for a machine without an index
	$(PYTHON_ENV) -m tools.wheelhouse $(or $(DIR),$(error give a folder: make wheelhouse DIR=...))

lock: env ## lock requirements/*.in anew (downloads the resolver into .cache)
	tools/lock.sh

clean: ## remove what was built; the library cache stays
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
