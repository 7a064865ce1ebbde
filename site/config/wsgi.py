import os

from django.core.wsgi import get_wsgi_application

from core.loading import collector_at_rest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
os.environ.setdefault("WAYMARK_DOOR", "both")

with collector_at_rest():
    django = get_wsgi_application()

    from press.serving import Press  # needs Django's settings

application = Press(django)
