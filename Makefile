# Two commands on a fresh machine with Python 3.11: `make demo` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help demo test lint unit clean

help:
	@echo "make demo   watch a ten-layer sigmoid network fail to learn real digits, and read why"
	@echo "make test   lint, types, layers, and all tests"
	@echo "make lint   lint, types, layers and spelling only"
	@echo "make unit   tests only"

$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "isograd needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another with: make PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch==2.13.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: $(STAMP)
	$(BIN)/isograd run examples/mnist_sigmoid_mlp.py

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell README.md CHANGELOG.md docs src tests examples bench

# Two workers of one thread each; worksteal, since the tests that train stand together and would fall to one of them.
unit: $(STAMP)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal

test: lint unit

clean:
	rm -rf $(VENV) .isograd .pytest_cache .ruff_cache .mypy_cache .hypothesis
