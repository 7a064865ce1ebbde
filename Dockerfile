# One image for everything: `public`, `private`, `web` (both), `worker`, `scheduler` and any command of manage.py
# (see docs/operators/first-steps.md).
# `make pins` renews the digests behind the names of the images: do so before you build for others.

FROM docker.io/library/python:3.13-slim-trixie@sha256:9d2e5553305c7c7b0097999bb17187c69b921ccd6bc9d40e4bb5ebe652c00285 AS build
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never PYTHONDONTWRITEBYTECODE=1
RUN pip install --no-cache-dir --root-user-action=ignore uv==0.13.9
WORKDIR /app
# Dependencies rarely change: a separate layer.
COPY pyproject.toml uv.lock README.md ./
RUN uv sync --frozen --all-extras --no-default-groups --no-install-project --no-cache
COPY . .
RUN uv sync --frozen --all-extras --no-default-groups --no-cache \
 && .venv/bin/python scripts/compile_catalogues.py \
 && DJANGO_SETTINGS_MODULE=config.settings.production WAYMARK_STATIC=/app/static WAYMARK_VAR=/tmp/var \
    WAYMARK_SECRET_KEY="$(python -c 'import secrets; print(secrets.token_hex(40))')" DATABASE_URL=postgres://nobody@localhost/none \
    WAYMARK_PUBLIC_URL=https://www.example.org WAYMARK_PRIVATE_URL=https://private.example.org WAYMARK_MAIL_HOST=mail.example.org \
    .venv/bin/python manage.py collectstatic --noinput -v 0 \
 && rm -rf tests bench docs .ci /tmp/var

FROM docker.io/library/python:3.13-slim-trixie@sha256:9d2e5553305c7c7b0097999bb17187c69b921ccd6bc9d40e4bb5ebe652c00285
# RES_OPTIONS: two attempts of one second at a name server that times out, not two of five.
# No request is served meanwhile.
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 RES_OPTIONS="timeout:1 attempts:2" \
    DJANGO_SETTINGS_MODULE=config.settings.production WAYMARK_STATIC=/app/static WAYMARK_VAR=/var/lib/waymark \
    HOST=0.0.0.0 WAYMARK_HEALTH_PORT=8010
# For backups: age, and the programs of PostgreSQL from its own archive, which must not be older than the server
# (compose.yaml).
RUN apt-get update && apt-get install -y --no-install-recommends age ca-certificates colord-data gnupg postgresql-common \
 && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
 && apt-get install -y --no-install-recommends postgresql-client-18 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /var/lib/waymark --create-home --shell /usr/sbin/nologin waymark
COPY --from=build /app /app
WORKDIR /app
USER waymark
VOLUME /var/lib/waymark
# 8000 is the port of the site. 8010 has health checks and metrics: /healthz, /readyz, and in the scheduler /metrics
# (docs/operators/monitoring.md). Do not publish it.
EXPOSE 8000 8010
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-IS", "/app/scripts/probe.py"]
ENTRYPOINT ["/app/scripts/container.sh"]
CMD ["web"]
