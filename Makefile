# Needs make, Python 3.11 or newer and the Python package index; everything goes into .venv.
# `make test` also needs Java 17 and Maven, for the Neo4j server that the tests fetch and start.

# The first that runs and is new enough; a name on the PATH alone says little.
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; \
	done)
VENV ?= .venv
BIN = $(VENV)/bin
RUN = $(VENV)/.installed-run
DEV = $(VENV)/.installed-dev
PIP = $(BIN)/python -m pip --disable-pip-version-check

PACKAGES = agent benchmarks codexgraph graphdb indexer lsp tui

DEMO_CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/codexgraph/demo
DEMO_NAME = django-5.2.8
DEMO_SOURCE = $(DEMO_CACHE)/$(DEMO_NAME)
BENCH_PATH ?= $(DEMO_SOURCE)

.PHONY: help install demo test check bench accuracy format docs lock build clean distclean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

install: $(DEV) ## the virtual environment with everything for development

demo: $(RUN) $(DEMO_SOURCE)/.unpacked ## index a real repository (Django) and ask it three questions
	@$(BIN)/codexgraph index --full $(DEMO_SOURCE)
	@printf '\n$$ codexgraph symbols get_object_or_404\n'
	@cd $(DEMO_SOURCE) && $(abspath $(BIN))/codexgraph symbols get_object_or_404
	@printf '\n$$ codexgraph callers get_object_or_404\n'
	@cd $(DEMO_SOURCE) && $(abspath $(BIN))/codexgraph callers get_object_or_404
	@printf '\n$$ codexgraph hierarchy HttpResponseRedirectBase\n'
	@cd $(DEMO_SOURCE) && $(abspath $(BIN))/codexgraph hierarchy HttpResponseRedirectBase

test: $(DEV) ## all tests, on both stores
	@# They start hundreds of processes, which may not be allowed to keep what they compile.
	@$(BIN)/python -m compileall -q $(PACKAGES)
	$(BIN)/python -m pytest

check: $(DEV) ## format, lint, types, layers, file and function limits
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/pyright
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest -q --durations=0 tests/test_architecture.py

bench: $(RUN) $(DEMO_SOURCE)/.unpacked ## cost of an index run against raw parsing of the same files
	$(BIN)/codexgraph bench index $(BENCH_PATH)

accuracy: $(DEV) ## measure the edges against the truths of CODEXGRAPH_BENCH_DATA; write docs/accuracy.md
	$(BIN)/codexgraph bench accuracy --markdown > docs/accuracy.md.new
	mv docs/accuracy.md.new docs/accuracy.md
	$(BIN)/python -m tests.benchmarks.accuracy.test_guard

format: $(DEV) ## format the code and apply the safe fixes
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

docs: $(DEV) ## write the generated tables of ARCHITECTURE.md
	$(BIN)/python -m tests.test_documents

lock: $(DEV) ## resolve the locked versions anew
	$(PIP) install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --upgrade --extra keyring --group build $(LOCK_OPTIONS) \
		--output-file requirements/run.txt
	$(BIN)/uv pip compile pyproject.toml --upgrade --extra keyring --group dev $(LOCK_OPTIONS) \
		--constraint requirements/run.txt --output-file requirements/dev.txt

LOCK_OPTIONS = --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	--no-emit-index-url --no-emit-find-links

build: $(DEV) ## the wheel and the source archive, in dist/
	$(BIN)/python -m build --no-isolation

clean: ## remove build products and caches
	rm -rf dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean ## also remove the virtual environment and the demo's source
	rm -rf $(VENV) $(DEMO_CACHE)

$(BIN)/python:
	$(if $(PYTHON),,$(error Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11))
	$(PYTHON) -m venv $(VENV)

$(RUN): requirements/run.txt pyproject.toml | $(BIN)/python
	$(PIP) install --quiet --require-hashes -r requirements/run.txt
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): requirements/dev.txt $(RUN)
	$(PIP) install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

$(DEMO_SOURCE)/.unpacked: | $(RUN)
	@mkdir -p $(DEMO_CACHE)
	$(PIP) download --quiet --no-deps --no-binary django --dest $(DEMO_CACHE) django==5.2.8
	tar -xzf $(DEMO_CACHE)/$(DEMO_NAME).tar.gz -C $(DEMO_CACHE)
	@touch $@
