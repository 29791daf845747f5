# The commands of branchcrm; README.md says what each is for.
PYTHON ?= python3
PORT ?= 8000
DATA ?= .data
# exec: no shell between make and the supervisor, so that it sees make die
PRIVATE = .venv/bin/python -m branchcrm.embedded --with-parent
TESTING = CRM_SECURE=0 CRM_PLAIN_STATIC=1 CRM_FAST_HASHER=1
export PYTHON

.PHONY: run test setup reset bench bench-large lock
.SILENT:

run: setup
	echo "• private PostgreSQL and Valkey in $(DATA)"
	exec env CRM_SECURE=0 PORT=$(PORT) CRM_DATA_DIR=$(DATA) CRM_MAIL_DIR=$(DATA)/mail $(PRIVATE) --data $(DATA) -- .venv/bin/python manage.py launch

test: setup
	scripts/browser
	exec env $(TESTING) $(PRIVATE) --careless --data .test-data -- sh -c 'scripts/check && .venv/bin/python -m pytest -n 2 --dist loadfile'

setup:
	scripts/setup

reset:
	scripts/reset $(DATA)

bench: setup
	exec env CRM_SECURE=0 $(PRIVATE) --data .bench-data -- .venv/bin/python -m bench

bench-large: setup
	exec env CRM_SECURE=0 $(PRIVATE) --data .bench-data -- .venv/bin/python -m bench --large

# After a change of dependencies in pyproject.toml. Hashes and versions only: the lock file names no address.
lock:
	.venv/bin/uv pip compile --quiet --universal --generate-hashes --no-header --group private --group dev \
	  --python-version 3.11 pyproject.toml -o requirements.lock
