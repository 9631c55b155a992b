# The commands of this project; each sets up what it needs.
#   make test            everything that must pass before a change lands
#   make demo            the whole station with simulated hardware (HEADLESS=1: by script, no display)
#   make bench           the figures, beside their peers
#   make guide-loop      simulated patients guided into each view (hours; RUNS=5 VIEWS="basal" RATE=7.5)
#   make vm-test         an installed station in a virtual machine (root, QEMU; VM_ARGS="--cuts 1000")
#   make format          put the code into its one shape

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PYTEST_ARGS ?=
VM_ARGS ?=
# Three at a time whatever the machine has: they wait as much as they compute, and some keep real
# time. A file's tests stay together; tests/conftest.py says which files come first.
PARALLEL = -n 3 --dist loadfile --no-loadscope-reorder
# Hundreds of tests start a process each: what is compiled once is kept beside the modules.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup test lint unit format demo bench guide-loop vm-test

setup:
	@scripts/setup $(VENV) $(PYTHON)

test: lint unit

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

unit: setup
	$(BIN)/python -m pytest $(PARALLEL) $(PYTEST_ARGS)

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

demo: setup
	$(BIN)/python -m provisioning.demo $(if $(HEADLESS),--headless)

bench: setup
	$(BIN)/python -m tests.benchmarks

guide-loop: setup
	$(BIN)/python -m tests.guided $(if $(RUNS),--runs $(RUNS)) $(if $(VIEWS),--views $(VIEWS)) \
	  $(if $(RATE),--rate $(RATE))

vm-test: setup
	$(BIN)/python -m tests.vm $(VM_ARGS)
