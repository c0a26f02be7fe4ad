# Every target does its own set-up: it needs Python 3.11+ (with venv) and make, nothing else.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
PYTEST_WORKERS ?= 2

.PHONY: help demo test lint types unit bench docs bundle clean

help:
	@echo "make demo   plan, check, simulate and report the embedded county's flash flood (offline)"
	@echo "make test   ruff, mypy, import rules and all tests"
	@echo "make bench  every benchmark in its quick form"
	@echo "make docs   the documentation as a site that opens offline (out/site/index.html)"
	@echo "make bundle everything that a Windows computer without internet needs (dist/)"

$(VENV)/.python: 
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; none found. Install it, or: make PYTHON=/path/to/python"; exit 1; }
	$(PYTHON) -m venv $(VENV) || { echo "Python has no venv module (on Debian/Ubuntu: apt install python3-venv)"; exit 1; }
	@touch $@

$(VENV)/.run: $(VENV)/.python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.test: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@

demo: $(VENV)/.run
	$(BIN)/dispatch run scenarios/qinshui/flash_flood.toml --out out/demo --overwrite --nights 200

# the types are checked beside the tests: by itself that keeps one core waiting
test: lint
	@$(MAKE) --no-print-directory -j 2 types unit

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.test
	$(BIN)/mypy

unit: $(VENV)/.test
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadfile --no-loadscope-reorder

bench: $(VENV)/.test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	@set -e; for name in $$($(BIN)/python -m benchmarks --names); do $(BIN)/python -m benchmarks.$$name --quick; done

$(VENV)/.docs: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[docs]'
	@touch $@

docs: $(VENV)/.docs
	$(BIN)/mkdocs build --quiet
	@echo "out/site/index.html"

bundle: $(VENV)/.run
	$(BIN)/dispatch bundle . --platform windows --out dist/relief-dispatch-windows --overwrite

clean:
	rm -rf $(VENV) build dist out *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
