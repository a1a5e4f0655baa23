# Everything here works from a fresh clone; the first target that needs the tools installs them.
PYTHON ?= python3
ENVIRONMENT ?= environments/sandbox.yaml
BIN := .venv/bin
CDK := node_modules/.bin/cdk
KEEP ?=

export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export AWS_EC2_METADATA_DISABLED := true
# Where traffic is inspected, the certificates that the system trusts are the ones that count.
export UV_SYSTEM_CERTS := true

.DEFAULT_GOAL := help
.PHONY: help install demo test check bench synth local-up local-down lock schema snapshots matrix controls pictures browser clean

help: ## Show this help
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: $(BIN)/.dev $(CDK) ## Install everything, development tools included

demo: $(BIN)/.demo $(CDK) ## Deploy the sandbox to the local cloud and provision every product (KEEP=1 leaves it up)
	@$(BIN)/mlgov local demo --environment $(ENVIRONMENT) $(if $(KEEP),--keep)

test: $(BIN)/.dev $(CDK) ## Run every test, on all processors
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile

check: $(BIN)/.dev ## Lint, format, types and the floors of the architecture
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/mypy

bench: $(BIN)/.dev $(CDK) ## Measure synthesis, round trips and template sizes; prints JSON
	@$(BIN)/python -m benchmarks

synth: $(BIN)/.demo $(CDK) ## Synthesize one environment
	@$(CDK) synth --quiet -c environment=$(ENVIRONMENT)

local-up: $(BIN)/.demo ## Start the local cloud
	@$(BIN)/mlgov local up

local-down: $(BIN)/.demo ## Stop the local cloud
	@$(BIN)/mlgov local down

lock: $(BIN)/.dev ## Resolve the dependencies anew
	@$(PIP_COMPILE) requirements/bootstrap.in -o requirements/bootstrap.txt
	@$(PIP_COMPILE) pyproject.toml requirements/build.in --extra app --extra local -o requirements/demo.txt
	@$(PIP_COMPILE) pyproject.toml requirements/build.in --extra app --extra evidence --extra local --extra dev \
		-c requirements/demo.txt -o requirements/dev.txt

schema: $(BIN)/.demo ## Write the JSON schemas of the files of environments and organization
	@$(BIN)/python -m stacks.environment.schema

snapshots: $(BIN)/.dev ## Accept the synthesized templates as the new snapshots
	@$(BIN)/python -m pytest tests/stacks/test_snapshots.py --snapshot-update

matrix: $(BIN)/.dev ## Write the page of the access matrix
	@$(BIN)/python -m tests.access_matrix.page

controls: $(BIN)/.dev ## Write the pages of the controls
	@$(BIN)/mlgov controls --docs docs/controls

pictures: $(BIN)/.dev ## Draw the pictures of both environments
	@$(BIN)/python -m tests.diagram.pictures

browser: $(BIN)/.dev ## Look at the evidence page in Chromium (Debian: apt-get install chromium)
	@MLGOV_BROWSER=$$(command -v chromium) $(BIN)/python -m pytest tests/browser

clean: ## Remove what was built and installed
	rm -rf .venv node_modules cdk.out dist build .local-cloud .mypy_cache .ruff_cache .pytest_cache

# Addresses of registries never reach a lock file; hashes do.
PIP_COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate
UV_INSTALL = $(BIN)/uv pip install --quiet --compile-bytecode --require-hashes -r

$(BIN)/uv: requirements/bootstrap.txt
	@echo "Making the virtual environment"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/bootstrap.txt
	@touch $@

$(BIN)/.demo: $(BIN)/uv requirements/demo.txt pyproject.toml
	@echo "Installing the pinned dependencies"
	@$(UV_INSTALL) requirements/demo.txt
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(BIN)/.dev: $(BIN)/.demo requirements/dev.txt
	@echo "Installing the pinned development tools"
	@$(UV_INSTALL) requirements/dev.txt
	@touch $@

$(CDK): package-lock.json
	@echo "Installing the pinned CDK command line"
	@npm ci --silent
	@touch $@
