# Everything runs in a virtual environment of its own, .venv, made on first use.
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
# A release whose build for the CPU is at hand; the package itself takes any from 2.1.
TORCH ?= torch==2.13.0

# make compare DATA=log.csv STUDENT=pupil ORDER=when SKILL=topic CORRECT=right \
#     ITEM=problem ARGS="--threshold 0.5 --drop-missing"
# Without DATA, a made-up class; columns that are not named are guessed. ARGS are further
# options, as python -m sktrace compare --help lists them.
DATA ?=
STUDENT ?=
ORDER ?=
SKILL ?=
CORRECT ?=
ITEM ?=
ARGS ?=
PEERS ?=
LOG = $(if $(DATA),"$(DATA)") $(if $(STUDENT),--student "$(STUDENT)") \
	$(if $(ORDER),--order "$(ORDER)") $(if $(SKILL),--skill "$(SKILL)") \
	$(if $(CORRECT),--correct "$(CORRECT)") \
	$(if $(ITEM),--item "$(ITEM)") $(ARGS)

.PHONY: demo compare test lint format examples docs oldest newest bare bench-peers \
	fuzz clean

demo: $(VENV)/.ready
	$(BIN)/python -m sktrace trace $(LOG)

compare: $(VENV)/.ready
	$(BIN)/python -m sktrace compare $(LOG)

test: $(VENV)/.ready
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist worksteal

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo

format: $(VENV)/.ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

examples: $(VENV)/.ready
	set -e; for example in examples/plot_*.py; do \
		echo "== $$example"; MPLBACKEND=agg $(BIN)/python $$example; done

# Fails at any warning. An example runs again when its own file has changed; after a
# change of the package, remove docs/gallery and docs/_made to run them all.
docs: $(VENV)/.docs-ready
	rm -rf docs/api
	OMP_NUM_THREADS=1 MPLBACKEND=agg $(BIN)/python -m sphinx --fail-on-warning \
		--keep-going --builder html docs docs/_build/html
	@echo "open docs/_build/html/index.html"

# The tests with the floors of pyproject.toml, or with the newest releases; what works
# without any extra. Each has an environment of its own, of gigabytes.
oldest newest: $(VENV)/.nox-ready
	$(BIN)/nox --envdir $(VENV)/nox --session $@

bare: $(VENV)/.nox-ready
	TORCH="$(TORCH)" $(BIN)/nox --envdir $(VENV)/nox --session $@

# sktrace beside pyKT, Keras, pyBKT, lme4 and scikit-learn, each in an environment of its
# own under .bench; hours. make bench-peers PEERS="--log 2015 --peer logistic sktrace-pfa"
bench-peers: $(VENV)/.ready
	$(BIN)/python benchmarks/peers.py $(PEERS)

$(VENV)/.nox-ready: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet nox
	touch $@

$(VENV)/.docs-ready: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --editable ".[docs]"
	touch $@

$(VENV)/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet $(TORCH)
	$(BIN)/python -m pip install --quiet --editable ".[report,data,test,lint]"
	touch $@

# Frames of all types against plain ones, for hours: make fuzz FRAMES=100000
FRAMES ?= 2000
fuzz: $(VENV)/.ready
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.fuzz --frames $(FRAMES)

clean:
	rm -rf $(VENV) build dist docs/_build docs/api docs/gallery docs/_made
