#!/bin/sh
# The entry point of the image: web, worker, clock, or any manage.py command.
set -eu
case "${1:-web}" in
  # Two workers with one thread each are fastest. There is no access log: nothing about a visitor is recorded.
  web) exec granian --interface wsgi --host 0.0.0.0 --port "${PORT:-8000}" --workers "${WAYMARK_WORKERS:-2}" --blocking-threads 1 \
         --respawn-failed-workers --log-level warning config.wsgi:application ;;
  worker) exec python manage.py db_worker --verbosity 0 ;;
  clock) exec python manage.py clock ;;
  *) exec python manage.py "$@" ;;
esac
