# make demo     train on real digits with an old script, export the model, serve it with torch alone
# make test     the tests                      make check    style, types, layers
# make bench    the workloads of benchmarks/   make clean    remove what the others made
#
# Each sets up .venv first, once. PYTHON: the Python to use (3.10 to 3.13). TORCH_INDEX: an extra package index, such
# as https://download.pytorch.org/whl/cpu, which has builds of torch without the gigabytes for GPUs.

PYTHON ?= python3
TORCH_INDEX ?=
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet -c constraints.txt \
	$(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))

.PHONY: demo test test-slow check bench clean
.DELETE_ON_ERROR:

demo: $(VENV)/installed
	$(BIN)/tgraph run examples/digits_mlp.py
	$(BIN)/python examples/export_digits.py
	$(BIN)/python examples/serve_digits.py

test: $(VENV)/installed-test
	$(BIN)/python -m pytest -q -m "not slow" tests

test-slow: $(VENV)/installed-test
	$(BIN)/python -m pytest -q -m slow tests || test $$? -eq 5    # 5: there are none

check: $(VENV)/installed-dev
	$(BIN)/ruff check tgraph tests
	$(BIN)/pyright --level error --pythonpath $(BIN)/python
	$(BIN)/python -m pytest -q tests/test_layers.py tests/test_repository.py

bench: $(VENV)/installed
	$(BIN)/python benchmarks/run.py

# The stamps: pip runs again only when what it installs from has changed.
$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 14) and "Python 3.10 to 3.13 is needed, this is %d.%d: make PYTHON=python3.12" % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) -e .
	touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(PIP) -e '.[test]'
	touch $@

$(VENV)/installed-dev: $(VENV)/installed-test
	$(PIP) -e '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .hypothesis examples/out
	find tgraph tests examples -name __pycache__ -type d -prune -exec rm -rf {} +
