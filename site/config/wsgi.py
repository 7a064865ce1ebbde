import os

from django.core.wsgi import get_wsgi_application

from core.background.processes import collector_at_rest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
os.environ.setdefault("WAYMARK_SITE", "both")

with collector_at_rest():
    django = get_wsgi_application()

    # Both need Django's settings.
    from core.postgresql import replica
    from operations.monitoring.health import monitor_site
    from prerender.serving import PrerenderServer

replica.start_monitoring()
application = monitor_site(PrerenderServer(django))
