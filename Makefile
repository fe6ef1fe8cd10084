# Needs Python 3.11, make and git; everything else comes from the package registries.
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv/bin/python
.PHONY: help run stop status logs reset migrate test lint format types browser firefox screenshots bench soak protos runtime development

help: ## What there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: runtime ## Start the portal with stand-ins for every outside system; Ctrl-C ends all of it
	@exec $(VENV) -m tools.run

stop: runtime ## End what `make run` started
	@$(VENV) -m tools.control stop

status: runtime ## Which processes run, and whether the portal is ready
	@$(VENV) -m tools.control status

logs: runtime ## Follow the logs of a running portal
	@$(VENV) -m tools.control logs

reset: runtime ## Stop, and forget the demo's data and secrets
	@$(VENV) -m tools.control reset

migrate: runtime ## Bring the database to the newest schema
	@$(VENV) -m tools.control migrate

test: development ## Lint, types and every test, in a real browser too
	@$(VENV) -m tools.check

lint: development ## Lint only
	@$(VENV) -m tools.check lint

types: development ## Types only
	@$(VENV) -m tools.check types

browser: development ## The browser tests only
	@$(VENV) -m tools.check browser

firefox: development ## The pages whose first data stands in the HTML, in Firefox; by hand, it is no part of `make test`
	@$(VENV) -m tools.firefox_check

format: development ## Put every file into the house format
	@$(VENV) -m ruff check . --fix-only --quiet && $(VENV) -m ruff format .

screenshots: development ## Every screen, two widths, light and dark, both languages, into screenshots/
	@$(VENV) -m tools.screenshots

bench: development ## Time the pages side by side with a bare Reflex app
	@$(VENV) -m bench.page_load

soak: development ## Ten thousand lives of sign-ups and of orders, with crashes; five hundred workers killed; then a portal under mixed load, its memory and errors watched
	@$(VENV) -m bench.sequences
	@$(VENV) -m bench.fulfilment
	@$(VENV) -m bench.events
	@$(VENV) -m bench.soak

protos: development ## The Pub/Sub messages in Python, from their .proto
	@$(VENV) -m tools.generate_pubsub

runtime:
	@$(PYTHON) tools/bootstrap.py run

development:
	@$(PYTHON) tools/bootstrap.py dev
