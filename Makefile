# `make demo` sets everything up and runs the demo, `make test` runs the tests; while you work:
# `make unit fmt check`.
PYTHON ?= python3
BIN := .venv/bin
# For two cores: one test in three waits for another process.
JOBS := -n 3 --dist loadgroup
# Hundreds of processes of ours are started; each would compile us anew.
COMPILED := PYTHONDONTWRITEBYTECODE=

.PHONY: demo unit test test-crash bench fmt check house pictures locale settings lock clean

# Never Azure, and nothing but the defaults, whatever .env says and whatever is exported: the demo
# cannot spend money, nor fail by it.
SETTINGS := (AGENT|AZURE|EMULATOR|FINE_TUNED|FINE_TUNING|OPENAI|TRAIN|VALIDATION)_[A-Z_]+
demo: .venv/.installed
	@env $$(env | sed -nE 's/^($(SETTINGS))=.*/-u \1/p') \
		AGENT_LANGUAGE="$$AGENT_LANGUAGE" AGENT_ENV_FILE=/dev/null AGENT_HOME=. \
		AGENT_PROVIDER=emulator AGENT_DEPLOY=auto \
		$(BIN)/python -m agent run --project tienda --until ANALYZED

# What to run after every change: no emulator, no network, no copies of the whole house.
unit: .venv/.installed-dev
	@$(BIN)/python -m pytest -q -n 2 --dist loadgroup -m "not slow and not linter" tests/unit

test: .venv/.installed-dev
	@$(COMPILED) $(BIN)/python -m pytest -q $(JOBS) -m "not slow"

test-crash: .venv/.installed-dev
	@$(COMPILED) $(BIN)/python -m pytest -q $(JOBS) tests/crash
	@$(COMPILED) $(BIN)/python -m pytest -q $(JOBS) -m slow tests/e2e tests/contract tests/unit

# The product beside its rivals, its floors and itself as it was; half an hour and more. One script:
# make bench ONLY=moves; fewer rounds: ROUNDS=3
bench: .venv/.installed-dev
	@$(BIN)/python -m tests.bench --install $(ONLY) $(if $(ROUNDS),--rounds $(ROUNDS))

# Rewrites the files; `check` only looks at them.
fmt: .venv/.installed-dev
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

check: .venv/.installed-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/python -m mypy
	@$(BIN)/lint-imports

# Draws the rooms and their imports anew in docs/design.md.
house: .venv/.installed-dev
	@$(BIN)/python docs/house.py

# Takes the pictures of the report in docs/ anew; needs an installed Chromium.
pictures: .venv/.installed-dev
	@$(BIN)/python docs/pictures.py

# After a change of what the program says: new sentences go into the catalogues, and they are
# compiled.
locale: .venv/.installed-dev
	@$(BIN)/python .ci/catalogue.py

# .env.example and the tables of docs/settings.md, from the declarations in agent/settings/declared.
settings: .venv/.installed
	@$(BIN)/python -m agent.settings.pages

COMPILE = $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11

# The locks hold for every platform and every Python the project supports.
lock: .venv/.installed-dev
	@$(BIN)/pip install --quiet uv
	@$(COMPILE) --extra emulator --extra data pyproject.toml .ci/build.in \
		-o requirements.lock
	@$(COMPILE) --extra emulator --extra data --extra dev pyproject.toml .ci/build.in \
		-c requirements.lock -o requirements-dev.lock
	@$(COMPILE) --extra azure --extra data --extra notify --extra postgres --extra temporal \
		pyproject.toml .ci/build.in -c requirements-dev.lock -o docs/deploy/requirements.lock
	@$(COMPILE) tests/bench/rivals.in -o tests/bench/rivals.txt

PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
NEWER := Python 3.11 or newer is needed; this is

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "$(NEWER) " \
		+ sys.version.split()[0] + ". Try: make PYTHON=python3.12 ...")'
	@$(PYTHON) -m venv .venv

.venv/.installed: .venv/bin/python requirements.lock pyproject.toml
	@echo "Installing the locked packages into .venv (once) ..."
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/.installed-dev: .venv/.installed requirements-dev.lock
	@echo "Installing the locked test tools into .venv (once) ..."
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

clean:
	@rm -rf .venv build *.egg-info
