#!/bin/sh
# The entry point of the image: public, private, web (both sites in one), worker, scheduler, or any manage.py command.
set -eu
what="${1:-web}"
case "$what" in
  # Two workers with one thread each are fastest. There is no access log: nothing about a visitor is recorded.
  public|private|web) WAYMARK_SITE="$what"
       [ "$what" != web ] || WAYMARK_SITE=both
       export WAYMARK_SITE WAYMARK_WORKERS="${WAYMARK_WORKERS:-2}"
       # The logs of granian itself, in the format of the site's logs.
       [ "${WAYMARK_LOG_FORMAT:-plain}" != json ] || export GRANIAN_LOG_CONFIG="$(dirname "$0")/granian-json-log.json"
       # Behind a web server on this machine; the image sets HOST=0.0.0.0, for a container has its own addresses.
       exec granian --interface wsgi --host "${HOST:-127.0.0.1}" --port "${PORT:-8000}" --workers "$WAYMARK_WORKERS" --blocking-threads 1 \
         --respawn-failed-workers --log-level warning config.wsgi:application ;;
  worker) exec python manage.py worker ;;
  scheduler) exec python manage.py scheduler ;;
  *) exec python manage.py "$@" ;;
esac
