#!/bin/sh
# The entry point of the image: public, desk, web (both doors in one), worker, clock, or any manage.py command.
set -eu
what="${1:-web}"
case "$what" in
  # Two workers with one thread each are fastest. There is no access log: nothing about a visitor is recorded.
  public|desk|web) WAYMARK_DOOR="$what"
       [ "$what" != web ] || WAYMARK_DOOR=both
       export WAYMARK_DOOR
       exec granian --interface wsgi --host 0.0.0.0 --port "${PORT:-8000}" --workers "${WAYMARK_WORKERS:-2}" --blocking-threads 1 \
         --respawn-failed-workers --log-level warning config.wsgi:application ;;
  worker) exec python manage.py worker ;;
  clock) exec python manage.py clock ;;
  *) exec python manage.py "$@" ;;
esac
