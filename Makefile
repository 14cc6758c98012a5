# make demo    install, build the sandbox city, load, screen, report, start the application on it
# make demo-stop   stop the demo's application; make demo-serve starts it again, in the foreground
# make test    the tests, but for those marked slow
# make test-slow  the tests marked slow: cities over seeds and days, kills, random bills, the tutorial
# make check   format, lint, types, import rules, SQL style, generated docs
# make bench   figures of speed and memory against other tools (bench/; SIZE=1000000)
# make bench-web   times of the application with 1,000,000 findings, on SQLite and PostgreSQL
.DEFAULT_GOAL := help
.PHONY: help install demo demo-stop demo-serve postgres browser test test-slow check bench bench-load bench-web docs format vendor lock clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DEMO ?= demo
CUSTOMERS ?= 20000
SIZE ?= 100000
PEERS := .venv-bench
AS_OF ?= 2026-10-15

help:
	@sed -n 's/^# \(make\)/\1/p' Makefile

$(INSTALLED): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "需要 Python 3.11 或更新版本 / Python 3.11 or newer is needed (make PYTHON=python3.12 …)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "无法创建虚拟环境：Debian/Ubuntu 请先 apt-get install python3-venv / cannot make a virtual environment"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

install: $(INSTALLED)

demo: $(INSTALLED)
	@BIN=$(BIN) DEMO=$(DEMO) CUSTOMERS=$(CUSTOMERS) AS_OF=$(AS_OF) bash scripts/demo.sh

demo-stop:
	@DEMO=$(DEMO) bash scripts/demo-stop.sh

demo-serve: $(INSTALLED)
	@test -d $(DEMO)/data || { echo "先运行 make demo / run make demo first"; exit 1; }
	@JICHA_AS_OF=$(AS_OF) $(BIN)/jicha serve $(DEMO)/data --port 0

# PostgreSQL's programs for the tests, which start a server of their own
postgres:
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || \
	  { command -v apt-get >/dev/null && SUDO=$$(test $$(id -u) = 0 || echo sudo) && $$SUDO apt-get update -qq && \
	    $$SUDO apt-get install -y -qq --no-install-recommends postgresql; } || \
	  { echo "测试需要 PostgreSQL 的 initdb 和 postgres，请先安装 / the tests need PostgreSQL's initdb and postgres: install them"; exit 1; }

# Chromium and fonts for the tests marked browser, gettext for the one of translations; without them those are skipped, loudly
browser:
	@{ command -v chromium && command -v msgfmt && fc-list :lang=zh | grep -q .; } >/dev/null 2>&1 || \
	  { command -v apt-get >/dev/null && SUDO=$$(test $$(id -u) = 0 || echo sudo) && $$SUDO apt-get update -qq && \
	    $$SUDO apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk fontconfig gettext; } || \
	  echo "没有 chromium：浏览器测试将被跳过 / no chromium: the browser tests will be skipped"

test: $(INSTALLED) postgres browser
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow" --durations=25 --durations-min=5
	$(BIN)/jicha rules test

test-slow: $(INSTALLED) postgres browser
	$(BIN)/python -m pytest -n 2 --dist worksteal -m slow --durations=25

check: $(INSTALLED)
	$(BIN)/ruff format --check src tests bench scripts
	$(BIN)/ruff check src tests bench scripts
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --disable-progress-bar src/jicha_catalog
	$(BIN)/python scripts/reference.py --check

format: $(INSTALLED)
	$(BIN)/ruff format src tests bench scripts
	$(BIN)/ruff check --fix src tests bench scripts

docs: $(INSTALLED)
	$(BIN)/python scripts/reference.py

# the peers have an environment of their own, so that a normal installation stays small
$(PEERS)/.installed: bench/requirements.txt pyproject.toml
	@test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r bench/requirements.txt
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

bench: $(PEERS)/.installed
	$(PEERS)/bin/python bench/million.py --size $(SIZE) $(if $(FOLDER),--folder $(FOLDER))

bench-load: $(INSTALLED)
	$(BIN)/python bench/load.py
	$(BIN)/python bench/city.py

# imports, pages with people at work, exports; PostgreSQL of its own unless JICHA_DATABASE_URL names an empty database
bench-web: $(INSTALLED)
	$(BIN)/python bench/web/run.py $(if $(FOLDER),--folder $(FOLDER))

# the vendored front end again from its packages, compared with static/vendor/vendor.toml; needs npm
vendor: $(INSTALLED)
	$(BIN)/python scripts/vendor.py

lock: $(INSTALLED)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --extra dev pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --extra bench pyproject.toml -o bench/requirements.txt

clean:
	rm -rf $(VENV) $(PEERS) $(DEMO) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
