# Relais. « make » seul montre l’aide. Rien ne s’installe hors du dossier .venv.

PY := .venv/bin/python
PIP := $(PY) -m pip install --quiet --quiet --no-input --disable-pip-version-check --require-hashes

# Un .venv interrompu, ou dont le Python a disparu, est refait.
$(shell $(PY) -c pass 2>/dev/null || rm -f .venv/.made-stamp .venv/.run-stamp .venv/.dev-stamp)

.DEFAULT_GOAL := help
.PHONY: help run tour test check mutants bench clean

help: ## cette aide
	@echo "Relais — API de l’intervenant social en commissariat et en gendarmerie"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/.run-stamp ## démarre Relais avec sa base de données et des données fictives ; Ctrl-C pour arrêter
	@exec $(PY) -m app.cli run

tour: .venv/.run-stamp ## fait visiter l’API, requête par requête
	@exec $(PY) -m app.cli tour

test: check ## tous les contrôles, puis tous les tests
	@echo "Tests…"
	@$(PY) -m pytest -n 2 --dist loadfile

check: .venv/.dev-stamp ## mise en forme, style, types et frontières entre modules, sans les tests
	@echo "Mise en forme…"
	@$(PY) -m ruff format --check --quiet .
	@echo "Style…"
	@$(PY) -m ruff check --quiet .
	@echo "Types…"
	@$(PY) -m mypy
	@echo "Frontières entre modules…"
	@$(PY) -c "from importlinter.cli import lint_imports_command as check; check()"

mutants: .venv/.dev-stamp ## affaiblit les règles d’accès une à une : les tests doivent s’en apercevoir
	@exec $(PY) -m tests.access.mutants

bench: .venv/.dev-stamp ## mesure les temps de réponse
	@exec $(PY) -m benchmarks.run

clean: ## efface .venv et les caches ; les données (.relais) restent
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .grimp_cache .hypothesis build dist *.egg-info
	@find app tests benchmarks alembic -type d -name __pycache__ -prune -exec rm -rf {} +

.venv/.made-stamp:
	@for python in python3.13 python3.12 python3.11 python3; do \
		if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "Création de l’environnement .venv avec $$python…"; \
			rm -rf .venv && "$$python" -m venv .venv && touch $@ && exit 0; \
			echo "La création de .venv avec $$python a échoué." >&2; exit 1; \
		fi; \
	done; \
	echo "Relais demande Python 3.11 ou plus récent, avec son module venv, et ne le trouve pas ici." >&2; \
	echo "Sous Debian ou Ubuntu : apt install python3 python3-venv" >&2; \
	exit 1

.venv/.run-stamp: requirements/run.txt | .venv/.made-stamp
	@echo "Installation des paquets (une minute environ la première fois)…"
	@$(PIP) -r requirements/run.txt
	@touch $@

# Installe aussi tout ce que demande run.txt.
.venv/.dev-stamp: requirements/dev.txt requirements/run.txt | .venv/.made-stamp
	@echo "Installation des paquets et des outils de contrôle (une minute environ la première fois)…"
	@$(PIP) -r requirements/dev.txt
	@touch .venv/.run-stamp $@
