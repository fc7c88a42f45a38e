# Everything a fresh machine needs: git, make, and Python 3.11 or newer with pip and venv. With npm, the larger
# query editor is brought in too (hatch_build.py), and the browser's modules are type-checked.
PYTHON ?= python3
PORT ?= 8000
VENV ?= .venv
NPM ?= npm
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check --quiet

.PHONY: serve test lint clean parts modules

serve: $(VENV)/.installed parts ## show the debate at http://127.0.0.1:8000/ (another port: make serve PORT=8123)
	@$(VENV)/bin/argraph serve --port $(PORT)

test: $(VENV)/.installed-dev parts modules ## run every test
	@$(VENV)/bin/python -m pytest $(ARGS)

lint: $(VENV)/.installed-dev modules ## format, lint, types, import contracts
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	@if [ -x node_modules/.bin/tsc ]; then node_modules/.bin/tsc; \
	else echo "The browser modules are not type-checked: TypeScript is not there." >&2; fi

parts: $(VENV)/bin/python ## bring in the browser parts that package.json names
	@$(VENV)/bin/python hatch_build.py

modules: ## bring in what the browser's modules and pages are checked with; after the parts, which remove it
	@if ! command -v $(NPM) >/dev/null; then fault="npm is not installed"; \
	elif ! $(NPM) install --ignore-scripts --no-package-lock --no-audit --no-fund --loglevel=error; then fault="npm failed"; fi; \
	if [ -n "$$fault" ]; then echo "Browser modules and pages are not fully checked: $$fault." >&2; [ -z "$(CI)" ]; fi

clean: ## forget the environment and caches
	rm -rf $(VENV) node_modules src/argraph/app/static/yasgui dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "argraph needs Python 3.11 or newer; name one with: make PYTHON=python3.11 …")'
	@echo "Creating the environment in $(VENV) …"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing argraph; the first time this takes a minute or two …"
	@$(PIP) install --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing argraph and what its tests need …"
	@$(PIP) install --constraint constraints.txt --editable '.[dev]'
	@touch $@ $(VENV)/.installed
