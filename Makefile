# make env | demo | test | bench: each works alone on a fresh clone with Python >= 3.11 and pip.
PYTHON ?= python3
BIN := .venv/bin
OUT ?= out

.PHONY: env demo test bench clean

env: .venv/.ready

.venv/.ready: pyproject.toml .ci/constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c .ci/constraints.txt -e '.[torch,dev]'
	touch $@

# The main job on real data: is this trained network shallow, and are these two connected?
demo: env
	$(BIN)/skipscape demo --out $(OUT) --force $(ARGS)

test: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest $(ARGS)

bench: env
	$(BIN)/python -m pytest tests/bench --benchmark-only --benchmark-sort=name $(ARGS)

clean:
	rm -rf .venv out .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
