import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
os.environ.setdefault("WAYMARK_DOOR", "both")

# As in manage.py: what is loaded stays, and a process that is forked from this one shares it.
gc.disable()
django = get_wsgi_application()

from press.serving import Press  # noqa: E402  (needs Django's settings)

application = Press(django)
gc.freeze()
gc.enable()
