# Two commands: `make demo` shows a graded run, `make test` proves that everything works.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: setup demo test soak clean
setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

demo: setup
	$(BIN)/envwright run --agent reference --agent noop --agent random --parallel 4

test: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2

soak: setup
	$(BIN)/pytest -m soak

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache dist
