# Most people need two commands only: `make demo` and `make test`.
# `make check` is for those who change the code.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# Everything is installed inside the project folder.
export UV_CACHE_DIR ?= $(CURDIR)/.tools/cache
export UV_PYTHON_INSTALL_DIR ?= $(CURDIR)/.tools/python
export UV_PROJECT_ENVIRONMENT ?= $(CURDIR)/.venv
export VIRTUAL_ENV :=
# Compile once, our own modules included: the demonstration runs five processes, and the tests some hundred.
# Otherwise each of them would compile Django and Wagtail.
export UV_COMPILE_BYTECODE ?= 1
# uv compiles the packages that it installs; Python compiles our modules.
# Containers often set this variable, which would disable that.
export PYTHONDONTWRITEBYTECODE :=
RUN := $(UV_PROJECT_ENVIRONMENT)/bin
# A worker for each core, and two at least.
WORKERS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); echo $$((n > 2 ? n : 2)))
# The advisories of osv.dev for PyPI, which the operator fetches (`make advisories`).
ADVISORIES ?= var/advisories.zip
PYTEST := "$(RUN)"/pytest -n $(WORKERS) --dist loadgroup

.PHONY: help install server demo test test-all quick rehearsal check mutants fix messages catalogues generate lock image pins sbom audit advisories

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

install: ## install everything into the project folder
	@uv=$$(command -v uv || ls .tools/uv 2>/dev/null || true); \
	if [ -z "$$uv" ]; then \
	  python=$$(command -v python3 || true); \
	  [ -n "$$python" ] || { echo "Neither uv nor python3 was found: install one of them."; exit 1; }; \
	  uv=$$("$$python" scripts/get_uv.py); fi; \
	if ! "$$uv" sync --frozen --check --quiet 2>/dev/null; then \
	  echo "Installing Python and the packages of uv.lock into .venv (the first time this takes some minutes) …"; \
	  "$$uv" sync --frozen; fi

server: ## install what a server needs: no tools, no tests, no database of the demonstration
	@UV_NO_DEFAULT_GROUPS=1 $(MAKE) --no-print-directory install catalogues

demo: install catalogues ## run the demonstration site until Ctrl-C (PORT=8000, PRIVATE_PORT=8001, WAYMARK_VAR=var)
	@port=$${PORT:-8000}; PRIVATE_PORT=$${PRIVATE_PORT:-$$((port + 1))} WAYMARK_DEMO=1 exec "$(RUN)"/python manage.py demo

test: install catalogues ## run the tests that need neither a browser nor separate programs (ARGS="tests/helpline -k card")
	@PYTEST_PLUGINS=tests.support.coverage $(PYTEST) -m "pure or db" $(ARGS)

test-all: install catalogues ## run the whole test suite, browser journeys included
	@"$(RUN)"/python scripts/find_browser.py
	@$(PYTEST) -m "not rehearsal" $(ARGS)

quick: install catalogues ## run the tests of what has changed since the branch left main, and 250 others
	@PYTEST_PLUGINS=tests.support.quick $(PYTEST) -m "pure or db" $(ARGS)

rehearsal: install catalogues ## run two machines, a replica, S3 and a mirror together, and kill each in turn (some minutes; before a release)
	@"$(RUN)"/pytest -p no:xdist -m rehearsal

check: install catalogues ## run every check that must pass before a change lands, except the tests
	@"$(RUN)"/python scripts/check.py

mutants: install catalogues ## change a module, one thing at a time, and check that its tests fail (MODULE="freshness coverage", or faults)
	@uv=$$(command -v uv || echo .tools/uv); "$$uv" run --frozen --all-groups python scripts/mutants.py $(MODULE) $(ARGS)

fix: install ## format code and templates
	@"$(RUN)"/ruff check --fix . ; "$(RUN)"/ruff format .
	@git ls-files '*.html' | xargs "$(RUN)"/djade --target-version 6.1 || true

messages: install ## collect the strings to translate (needs gettext)
	@"$(RUN)"/python scripts/messages.py

catalogues: install ## compile the translations
	@"$(RUN)"/python scripts/compile_catalogues.py

generate: install ## write the files that are generated from a table in the code: style sheets of filters, pages of the manuals, alert rules
	@"$(RUN)"/python scripts/generate.py

lock: ## upgrade and lock all dependencies
	@uv=$$(command -v uv || echo .tools/uv); "$$uv" lock --upgrade

image: ## build the container image
	@$$(command -v docker || command -v podman) build -t waymark .

pins: install ## write the digests of the images into Dockerfile and compose.yaml (needs docker or skopeo)
	@"$(RUN)"/python scripts/pin_images.py

audit: ## report known vulnerabilities of a server's packages, from var/advisories.zip or, without it, from osv.dev (each night; fails if there are any)
	@uv=$$(command -v uv || echo .tools/uv); if [ -f "$(ADVISORIES)" ]; then \
	  "$$uv" export --frozen --offline --all-extras --no-default-groups --no-hashes --no-emit-project -q | "$(RUN)"/python scripts/audit.py "$(ADVISORIES)"; \
	else "$$uv" audit --frozen --no-default-groups --preview-features audit-command $(ARGS); fi

advisories: ## fetch the advisories for `make audit`, some 30 MB; copy the file to where there is no internet
	@mkdir -p "$$(dirname "$(ADVISORIES)")"
	@curl -fsSL --proto '=https' -o "$(ADVISORIES).part" https://storage.googleapis.com/osv-vulnerabilities/PyPI/all.zip && mv "$(ADVISORIES).part" "$(ADVISORIES)"

sbom: install ## list the components of the site, as CycloneDX (sbom.json)
	@uv=$$(command -v uv || echo .tools/uv); "$$uv" export --frozen --all-extras --no-default-groups --preview-features sbom-export --format cyclonedx1.5 -q -o sbom.json
	@echo "sbom.json"
