#!/bin/sh
# What a container of the image does: one of web, worker, clock, or any command of manage.py.
set -eu
case "${1:-web}" in
  # Two workers of one thread each answer fastest; there is no access log, for nothing about a visitor is written down.
  web) exec granian --interface wsgi --host 0.0.0.0 --port "${PORT:-8000}" --workers "${WAYMARK_WORKERS:-2}" --blocking-threads 1 \
         --respawn-failed-workers --log-level warning config.wsgi:application ;;
  worker) exec python manage.py db_worker --verbosity 0 ;;
  clock) exec python manage.py clock ;;
  *) exec python manage.py "$@" ;;
esac
