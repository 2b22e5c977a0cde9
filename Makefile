# Two commands do everything: `make demo` and `make test`. Each makes its own environment where there is none.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test coverage properties lint validation calibration certify criteria benchmarks clean

demo: $(READY)
	rm -rf demo
	$(BIN)/refractory simulate hamd --subjects 200 --seed 1 --out demo/simulated_hamd_study
	$(BIN)/refractory run demo/simulated_hamd_study/study.toml --out demo/simulated_hamd_report
	$(BIN)/refractory run examples/progabide/study.toml --out demo/progabide_report
	$(BIN)/python examples/diminishing_returns/report.py demo/diminishing_returns
	@echo
	@echo "Open in a browser:"
	@echo "  $(CURDIR)/demo/simulated_hamd_report/report.html"
	@echo "  $(CURDIR)/demo/progabide_report/report.html"
	@echo "  $(CURDIR)/demo/diminishing_returns/report.html"

# A worker a processor, and one thread a worker; a file stays with one worker, which need not draw its studies twice.
test: $(READY)
	POLARS_MAX_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile

coverage: $(READY)
	$(BIN)/python -m pytest -n auto --cov --cov-report=term

# What holds for every criterion, on many more drawn studies than `make test` asks.
properties: $(READY)
	EXAMPLES=25 $(BIN)/python -m pytest -n auto tests/outcomes/test_properties.py

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

validation: $(READY)
	$(BIN)/python -m tests.reference.validation

calibration: $(READY)
	$(BIN)/python -m tests.calibration

certify: $(READY)
	$(BIN)/python -m tests.certify

criteria: $(READY)
	$(BIN)/python -m tests.criteria_page

benchmarks: $(READY)
	$(BIN)/python -m benchmarks.replication
	$(BIN)/python -m benchmarks.blocks
	$(BIN)/python -m benchmarks.diary
	$(BIN)/python -m benchmarks.survival

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; name one with make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) demo .pytest_cache .mypy_cache .ruff_cache .coverage
