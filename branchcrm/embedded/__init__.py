"""A private PostgreSQL and Valkey for `make run` and `make test`; production brings its own (docker-compose.yml).

    python -m branchcrm.embedded --data DIR -- CMD…

starts both in DIR on free ports of 127.0.0.1, sets DATABASE_URL, REDIS_URL and the secrets for CMD,
and stops both when CMD ends. Whoever dies first, nothing is left running: every child asks the
kernel for a signal on its parent's death. DATABASE_URL or REDIS_URL in the environment switch the
respective service off.
"""
