# Every chore of the project. `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CORE := $(VENV)/.core
READY := $(VENV)/.ready

.PHONY: help setup run demo test lint format bench soak docs answers verify mutate mutate-code check-dmn coverage clean

help: ## List the chores
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(CORE): pyproject.toml constraints.txt scripts/setup
	@PYTHON="$(PYTHON)" scripts/setup "$(VENV)" core
	@touch $@

$(READY): $(CORE)
	@PYTHON="$(PYTHON)" scripts/setup "$(VENV)" dev
	@touch $@

setup: $(READY) ## Create .venv with Handrail and all that its tests need

run: $(CORE) ## Answer the starting question, then serve pages and REST on http://127.0.0.1:8000
	@$(BIN)/handrail ask "Can a masseuse crack my back in Florida?"
	@$(BIN)/pip install --quiet --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[serve,mcp]'
	@$(BIN)/handrail serve

demo: $(CORE) ## Audit a million synthetic claim lines, and say where the report is
	@$(BIN)/pip install --quiet --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[audit]'
	@$(BIN)/handrail audit generate --rows 1000000 --out build/demo/claims.parquet
	@$(BIN)/handrail audit build/demo/claims.parquet --force --out build/demo/audit
	@echo "Open file://$(CURDIR)/build/demo/audit/report.html"

test: $(READY) ## Run every test
	@$(BIN)/python -m pytest -q -n auto --dist worksteal src tests

lint: $(READY) ## Check style, types, floors between the rooms, and the law files
	@$(BIN)/ruff check src tests bench scripts
	@$(BIN)/ruff format --check src tests bench scripts
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/handrail law lint
	@$(BIN)/handrail safety lint --errors

format: $(READY) ## Format the code
	@$(BIN)/ruff check --fix-only src tests bench scripts
	@$(BIN)/ruff format src tests bench scripts

bench: $(READY) ## Measure speed, as ratios in one run
	@$(BIN)/pip install --quiet --quiet --constraint constraints.txt --editable '.[bench]'
	@$(BIN)/python bench/bench.py

soak: $(READY) ## The property tests, long
	@HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest -q tests/decide/test_invariants.py tests/ask tests/intake tests/safety \
	  tests/audit tests/compiled tests/export tests/clinic tests/web

docs: $(READY) ## Rewrite what is generated (command line, JSON Schema, sites of codes)
	@$(BIN)/python scripts/docs.py

check-dmn: $(READY) ## Parse the exported DMN with dmn-moddle (needs Node.js and npm)
	@npm install --silent --no-fund --no-audit --prefix $(VENV)/node dmn-moddle@12.2.1
	@rm -rf $(VENV)/dmn
	@$(BIN)/handrail export --format dmn --out $(VENV)/dmn
	@node scripts/check_dmn.mjs $(VENV)/node $(VENV)/dmn

answers: $(READY) ## Rewrite the general answers that a test compares with; read their diff
	@$(BIN)/python scripts/answers.py
	@$(BIN)/python scripts/visits.py

verify: $(READY) ## Prove what must never happen, over the whole law
	@$(BIN)/handrail verify

mutate: $(READY) ## Change the law in one place at a time and count who notices (some minutes)
	@$(BIN)/python scripts/mutate_law.py --list

mutate-code: $(READY) ## Change the code of decide and compiled in one place at a time, and count who notices (long)
	@$(BIN)/python scripts/mutate_code.py decide
	@$(BIN)/python scripts/mutate_code.py compiled --sample 600

coverage: $(READY) ## Show what is known where
	@$(BIN)/handrail law coverage

clean: ## Remove what was built
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
