# Two commands: `make run` and `make test`. Everything else they need, they do by themselves.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
WANTED := $(shell cat pyproject.toml Makefile 2>/dev/null | cksum | cut -d' ' -f1)
STAMP  := $(VENV)/installed-$(WANTED)
OUT    := out
WORKERS ?= 2

.PHONY: run test demo check setup models clean help
.DEFAULT_GOAL := help

help:
	@echo "make run     set up, then answer calls; prints the address of the browser telephone"
	@echo "make demo    play a recorded caller and print the conversation"
	@echo "make test    set up, then all tests"
	@echo "make check   ruff, mypy --strict and all tests"
	@echo "Models and data stand in PERMANENCE_HOME (now: $${PERMANENCE_HOME:-$$HOME/.permanence})"

$(STAMP):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "Python 3.11 or newer is needed: install it, or run make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "Python's venv module is missing: run apt-get install python3-venv" >&2; exit 1; }
	@command -v npm >/dev/null \
	  || echo "npm is missing: needed only where the model hub cannot be reached (apt-get install npm)" >&2
	@echo "Installing the dependencies (about 1.5 GB, once)…"
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]' \
	  || { echo "The dependencies could not be installed: read the lines above, then run make again." >&2; exit 1; }
	@rm -f $(VENV)/installed-*
	@touch $@

models: $(STAMP)
	@$(BIN)/permanence models pull --all-defaults en-joe

setup: $(STAMP)
	@$(BIN)/permanence setup

run: setup
	@$(BIN)/permanence serve

demo: setup
	@$(BIN)/permanence demo --record $(OUT)/demo.wav --json $(OUT)/demo.json

# Most of the tests wait for a call to go on at its own pace: two at a time take half as long. Those
# marked so have the machine to themselves, first; that there is none among ARGS (5) is no fault.
test: models
	@$(BIN)/python -m pytest -m alone $(ARGS) || test $$? -eq 5
	@$(BIN)/python -m pytest -m "not alone" --numprocesses $(WORKERS) --dist loadfile $(ARGS)

check: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(MAKE) --no-print-directory test

clean:
	@rm -rf $(VENV) $(OUT) build *.egg-info .mypy_cache .ruff_cache .pytest_cache
