# Everything here makes its own .venv from the lock and touches nothing outside the checkout.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check
# uv is twenty times faster; where it is not to be had, or not set up for this machine's index, pip does the same.
UV = $(BIN)/uv pip install --quiet --python $(BIN)/python
export GX_ANALYTICS_ENABLED := false
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export DAGSTER_DISABLE_TELEMETRY := yes

.PHONY: refresh test test-full test-spark test-cluster test-dev test-year test-faults test-pages audit lint bench dev lock clean

refresh: $(VENV)/.ready
	$(BIN)/carequartile refresh

# Four to five minutes on two cores: a sample of everything. The files are tried in the order of tests/conftest.py.
TEST := $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder
test: $(VENV)/.ready
	$(BIN)/ruff check .
	$(TEST) -m "not full and not spark and not cluster and not dev and not year and not faults and not pages"

# Everything but Spark, its cluster, Dagster's daemon, the year, the faults and the browser; REST=1 leaves out what
# `make test` runs.
test-full: $(VENV)/.ready
	$(TEST) -m "$(if $(REST),full and )not spark and not cluster and not dev and not year and not faults and not pages"

test-spark: $(VENV)/.ready-spark
	$(BIN)/python -m pytest -m spark

# A real standalone cluster on loopback; half an hour or more on two cores, so not in .ci/run.
# CLUSTER_PLACEMENTS=1000000 for more than 100,000 placements.
test-cluster: $(VENV)/.ready-spark
	$(BIN)/python -m pytest -m cluster -s

test-dev: $(VENV)/.ready
	$(BIN)/python -m pytest -m dev

# Twelve months of landings with Dagster's daemon running, each in about a minute. As root it fills a disk too.
test-year: $(VENV)/.ready
	$(BIN)/python -m pytest -m year

# Needs Chromium on the path.
test-pages: $(VENV)/.ready
	$(BIN)/python -m pytest -m pages

# Hours of trials: FAULTS="--kills 20 --mutations 500" for fewer. As root it fills disks too.
test-faults: $(VENV)/.ready
	$(BIN)/python -m pytest -m faults
	$(BIN)/python tests/harness/trials.py $(FAULTS)

# Known weaknesses of the locked packages; needs the internet. Exceptions are listed, dated, in SECURITY.md.
audit: $(VENV)/.ready
	$(PYTHON) -m venv .venv-audit
	.venv-audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit
	.venv-audit/bin/pip-audit --disable-pip --strict -r requirements.lock
	.venv-audit/bin/pip-audit --disable-pip --strict -r requirements-spark.lock

# sqlfluff compiles every model as dbt would: some minutes. It skips macros, since a macro alone is not SQL.
lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/sqlfluff lint --processes 2 dbt_project/models dbt_project/macros dbt_project/analyses dbt_project/tests

bench: $(VENV)/.ready
	$(BIN)/python tests/harness/bench.py

# Dagster keeps its own state under the home too, so that nothing lands in the user's folders. ARGS goes to dagster dev.
dev: $(VENV)/.ready
	home="$${CAREQUARTILE_HOME:-.carequartile}" && mkdir -p "$$home/dagster" "$$home/landing" && \
	cp orchestration/service/dagster.yaml "$$home/dagster/" && home="$$(cd "$$home" && pwd)" && \
	echo "Landing folder: $$home/landing" && \
	CAREQUARTILE_HOME="$$home" DAGSTER_HOME="$$home/dagster" exec $(BIN)/dagster dev $(ARGS)

$(VENV)/.ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Carequartile needs Python 3.11 or newer; say which with make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) uv || true
	$(UV) --compile-bytecode --require-hashes -r requirements.lock || $(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	$(BIN)/python -c 'from orchestration.transform import load_manifest; load_manifest()'
	touch $@

$(VENV)/.ready-spark: $(VENV)/.ready requirements-spark.lock
	$(UV) --require-hashes -r requirements-spark.lock || $(PIP) --require-hashes -r requirements-spark.lock
	touch $@

# Names, versions and hashes only: which index to ask is the machine's business, not the project's.
lock: $(VENV)/.ready
	$(BIN)/uv pip compile --quiet --no-strip-extras --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --python-version 3.11 --universal --group dev pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --no-strip-extras --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --python-version 3.11 --universal --group dev --extra spark pyproject.toml -c requirements.lock -o requirements-spark.lock

# The home is left: it holds the key that snapshots are pseudonymised with, and what was landed may not be had again.
clean:
	rm -rf $(VENV) .venv-audit dbt_project/target
	@if [ -e .carequartile ]; then echo "The home .carequartile is left as it is; delete it by hand to lose what it holds."; fi

# The picture of a page in README, from the embedded default. Needs Chromium on the path.
.PHONY: screenshots
screenshots: $(VENV)/.ready
	$(BIN)/python tests/harness/screenshots.py

# After a model, a rule or a published column came or went: writes the graph and the published columns that tests compare
# with. Read the difference before you commit it.
.PHONY: snapshots
snapshots: $(VENV)/.ready
	UPDATE_SNAPSHOTS=1 $(BIN)/python -m pytest -q tests/assets/test_graph.py tests/models/test_dictionary.py \
		-k "as_reviewed or taken_away"

# Writes the tables of the documentation that are read from the code: questions, commands, layouts, published tables.
.PHONY: docs
docs: $(VENV)/.ready
	$(BIN)/python docs/generate.py
