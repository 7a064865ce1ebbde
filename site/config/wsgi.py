import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
os.environ.setdefault("WAYMARK_DOOR", "both")

django = get_wsgi_application()

from press.serving import Press  # noqa: E402  (needs Django's settings)

application = Press(django)
