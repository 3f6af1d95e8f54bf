# make env | demo | test (lint, then tests) | thorough | bench | mutants | forgeries | notes: each works alone on a fresh clone with Python >= 3.11 and pip.
# make formal | formal-check: the Coq proofs; needs coqc (Debian: coq), no Python package.
# make theorem CERT=path.cert DATA=digits [START=A.npz END=B.npz]: a certificate as a theorem, closed by Coq.
PYTHON ?= python3
BIN := .venv/bin
OUT ?= out

.PHONY: env demo test lint tests thorough bench mutants forgeries notes formal formal-check theorem extracted clean

env: .venv/.ready

.venv/.ready: pyproject.toml .ci/constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c .ci/constraints.txt -e '.[torch,onnx,dev]'
	touch $@

# The main job on real data: is this trained network shallow, and are these two connected?
demo: env
	$(BIN)/skipscape demo --out $(OUT) --force $(ARGS)

test: lint tests

lint: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports & layers=$$!; $(BIN)/mypy && wait $$layers

tests: env
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal -m "not slow" $(ARGS)

# The tests that `make test` leaves out, by hand.
thorough: env
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal -m slow $(ARGS)

bench: env
	$(BIN)/python -m pytest tests/bench --benchmark-only --benchmark-sort=name $(ARGS)

# How much of the checker the tests hold fast: a fixed sample of its mutants against them (half an hour; goes on where it stopped).
mutants: env
	nice $(BIN)/python tests/support/mutants.py --out $(OUT)/mutants.jsonl $(ARGS)

# False certificates with every digest right, put to both checkers, 100,000 for each question (hours; goes on where it stopped).
forgeries: env
	mkdir -p $(OUT)
	nice $(BIN)/python tests/support/forgeries.py --out $(OUT)/forgeries.jsonl $(ARGS)
	$(BIN)/python tests/support/forgeries.py --out $(OUT)/forgeries.jsonl --show

# The notes: generated parts refreshed, everything checked, one HTML page that needs no network.
notes: env
	$(BIN)/python proofs_notes/notes.py --out $(OUT)/notes.html $(ARGS)

# Every proof compiled, no hole, definitions, statements and axioms equal to the committed golden files.
formal:
	$(PYTHON) proofs_notes/formal/formal.py $(ARGS)

# The same, and the compiled files once more through coqchk, a checker of its own.
formal-check:
	$(PYTHON) proofs_notes/formal/formal.py --coqchk $(ARGS)

# A certificate as a theorem that Coq closes: written, read back by a second program, compiled, its axioms printed.
theorem: env
	mkdir -p $(OUT)/theorem
	$(BIN)/skipscape export $(CERT) --data $(DATA) --coq $(OUT)/theorem/Theorem.v --force
	$(BIN)/skipscape export $(CERT) --data $(DATA) --verify $(OUT)/theorem/Theorem.v $(if $(START),--start $(START)) $(if $(END),--end $(END))
	$(PYTHON) proofs_notes/formal/theorem.py $(OUT)/theorem/Theorem.v

# The same check in seconds, by the program that Coq's extraction makes of it (needs zarith): a verdict, no theorem.
extracted: env
	mkdir -p $(OUT)/theorem
	$(BIN)/skipscape export $(CERT) --data $(DATA) --coq $(OUT)/theorem/Theorem.v --force
	$(BIN)/skipscape export $(CERT) --data $(DATA) --verify $(OUT)/theorem/Theorem.v $(if $(START),--start $(START)) $(if $(END),--end $(END))
	$(PYTHON) proofs_notes/formal/extracted.py $(OUT)/theorem/Theorem.v

clean:
	cd proofs_notes/formal && rm -f */*.vo */*.vok */*.vos */*.glob */.*.aux .stamps.json .lia.cache .nia.cache .nra.cache
	rm -rf .venv out .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
