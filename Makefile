# Two commands are all that most people need: `make demo` and `make test`. `make check` is for those who change the code.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# Everything that is installed lies in the project's own folder.
export UV_CACHE_DIR ?= $(CURDIR)/.tools/cache
export UV_PYTHON_INSTALL_DIR ?= $(CURDIR)/.tools/python
export UV_PROJECT_ENVIRONMENT ?= $(CURDIR)/.venv
export VIRTUAL_ENV :=
export PYTHONDONTWRITEBYTECODE ?= 1
# Compiled once: a demonstration is five processes, and a run of the tests some hundred, that would each compile Django and Wagtail.
export UV_COMPILE_BYTECODE ?= 1
RUN := $(UV_PROJECT_ENVIRONMENT)/bin
# Tests that start browsers and servers share the cores: as many workers as there are, four at most.
WORKERS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); echo $$((n > 4 ? 4 : n)))

.PHONY: help install demo test check mutants fix messages catalogues lock image

help: ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

install: ## everything the project needs, into its own folder
	@uv=$$(command -v uv || ls .tools/uv 2>/dev/null || true); \
	if [ -z "$$uv" ]; then \
	  python=$$(command -v python3 || true); \
	  [ -n "$$python" ] || { echo "Neither uv nor python3 is here: install one of them."; exit 1; }; \
	  uv=$$($$python scripts/get_uv.py); fi; \
	"$$uv" sync --frozen --quiet || "$$uv" sync --frozen

demo: install catalogues ## start the demonstration site and stay with it until Ctrl-C (PORT=8000, WAYMARK_VAR=var)
	@WAYMARK_DEMO=1 exec $(RUN)/python manage.py demo

test: install catalogues ## run the whole test suite, browser journeys included
	@$(RUN)/python scripts/find_browser.py
	@PYTEST_PLUGINS=tests.support.coverage $(RUN)/pytest -n $(WORKERS) --dist loadgroup $(ARGS)

check: install catalogues ## everything that must hold before a change lands, tests apart
	@$(RUN)/python scripts/check.py

mutants: install catalogues ## change a module, one thing at a time, and see whether its tests notice (MODULE="freshness coverage", or faults)
	@uv=$$(command -v uv || echo .tools/uv); "$$uv" run --frozen --all-groups python scripts/mutants.py $(MODULE) $(ARGS)

fix: install ## put code and templates into shape
	@$(RUN)/ruff check --fix . ; $(RUN)/ruff format .
	@git ls-files '*.html' | xargs $(RUN)/djade --target-version 6.1 || true

messages: install ## collect the strings to translate (needs gettext)
	@$(RUN)/python scripts/messages.py

catalogues: install ## compile the translations
	@$(RUN)/python scripts/compile_catalogues.py

lock: ## newest versions of everything, locked
	@uv=$$(command -v uv || echo .tools/uv); "$$uv" lock --upgrade

image: ## build the container image
	@$$(command -v docker || command -v podman) build -t waymark .
