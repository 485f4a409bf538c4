# `make` alone lists what can be made.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules

VENV := .venv
RUN := $(VENV)/bin/python
SOURCES := jtelbridge callbacks crm tests bench
# What does not depend on the kind of database runs on SQLite alone.
ONCE := tests/orgsim_tests tests/browser tests/jtelbridge/test_demo.py \
	tests/test_every_address.py tests/test_written_down.py \
	$(filter-out %_search.py,$(wildcard tests/callbacks/test_admin_*.py))
# One more than the machine has cores: tests that start processes wait for them.
WORKERS ?= $(shell expr $$(nproc 2>/dev/null || echo 2) + 1)
LOCKS := base prod demo dev
PORT ?= 8000
ORG_PORT ?= 8001

# The first of these that runs and is new enough; a version manager's shims may be neither.
PYTHON ?= $(firstword $(foreach python,python3 python3.14 python3.13 python3.12 python3.11,\
	$(shell $(python) -c 'import sys; sys.version_info >= (3, 11) and print("$(python)")' 2>&1 | grep -x $(python))))

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help
help: ## List what can be made
	@echo 'Usage: make <target>'
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1|\2/p' $(firstword $(MAKEFILE_LIST)) \
		| while IFS='|' read -r target text; do printf '%-10s %s\n' "$$target" "$$text"; done

.PHONY: demo
demo: $(VENV)/.demo ## Start everything on this machine, simulated Salesforce included (PORT, ORG_PORT)
	@exec $(RUN) manage.py demo --port $(PORT) --org-port $(ORG_PORT)

.PHONY: test
test: $(VENV)/.dev ## Run the suite on SQLite, and on PostgreSQL what depends on it (ARGS="-k journey" goes to pytest)
	@echo 'The suite on SQLite:'
	@TEST_DATABASE=sqlite $(RUN) -m pytest -q -n $(WORKERS) --dist worksteal $(ARGS)
	@echo 'The suite on PostgreSQL:'
	@TEST_DATABASE=postgres $(RUN) -m pytest -q -n $(WORKERS) --dist worksteal $(addprefix --ignore=,$(ONCE)) $(ARGS)

.PHONY: faults
faults: $(VENV)/.dev ## Break it for twenty minutes: kills, lost answers, outages, odd requests (ARGS="-k fuzz" for a part)
	@TEST_DATABASE=postgres $(RUN) -m pytest -v -m faults tests/faults tests/fuzz tests/browser $(ARGS)

.PHONY: lint
lint: $(VENV)/.dev ## Check style, import direction, migrations, settings and types
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check
	$(VENV)/bin/lint-imports
	$(RUN) manage.py makemigrations --check --dry-run
	$(RUN) manage.py check
	$(RUN) -m mypy $(SOURCES)

.PHONY: types
types: $(VENV)/.dev ## Check types alone
	$(RUN) -m mypy $(SOURCES)

.PHONY: fmt
fmt: $(VENV)/.dev ## Format the code and mend what can be mended by itself
	$(RUN) -m ruff check --fix
	$(RUN) -m ruff format

.PHONY: openapi
openapi: $(VENV)/.dev ## Write the OpenAPI document anew, after the description of a resource changed
	$(RUN) manage.py spectacular --validate --fail-on-warn --format openapi-json --file jtelbridge/openapi.json

.PHONY: bench
bench: $(VENV)/.dev ## Measure (ONLY=accept for one script, QUICK=1 for a minute each)
	@for bench in $(or $(ONLY),$(filter-out __init__,$(basename $(notdir $(wildcard bench/*.py))))); do \
		QUICK=$(QUICK) $(RUN) -m bench.$$bench || exit 1; done

.PHONY: screens
screens: $(VENV)/.dev ## Take pictures of every page of the admin into docs/screens (ONLY=callback for a part)
	@$(RUN) -m tests.screens $(ONLY)

.PHONY: lock
lock: $(VENV)/.dev ## Compile requirements/*.in to exact versions with hashes
	@$(RUN) -m uv --version >/dev/null 2>&1 || $(RUN) -m pip install -q uv
	@for name in $(LOCKS); do \
		echo "requirements/$$name.txt"; \
		$(RUN) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes \
			--no-emit-index-url --custom-compile-command 'make lock' \
			-o requirements/$$name.txt requirements/$$name.in || exit 1; done

.PHONY: clean
clean: ## Remove .venv and caches; var/ with its database stays
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What is installed is remembered in stamps; the developer's set contains the demo's.
$(VENV)/.demo: requirements/demo.txt | $(RUN)
	@$(call install,demo)
	@touch $@

$(VENV)/.dev: requirements/dev.txt | $(RUN)
	@$(call install,dev)
	@touch $(VENV)/.demo $@

install = echo "Installing $$(grep -c '^[a-z]' requirements/$(1).txt) packages into $(VENV); the first time takes a minute or two." && \
	$(RUN) -m pip install -q --require-hashes -r requirements/$(1).txt

$(RUN):
	@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo 'Python 3.11 or newer is needed; on Debian: apt install python3 python3-venv' >&2; exit 1; }
	@'$(PYTHON)' -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv module is needed; on Debian: apt install python3-venv" >&2; exit 1; }
	@echo 'Making a virtual environment in $(VENV) with $(PYTHON).'
	@'$(PYTHON)' -m venv $(VENV) || { rm -rf $(VENV); exit 1; }
