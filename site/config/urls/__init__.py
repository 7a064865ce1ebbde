"""The URLconfs: one module for each site, which include those of the chosen apps (`settings.APPS`)."""

from django.conf import settings
from django.urls import URLPattern, URLResolver
from django.utils.module_loading import import_string


def patterns(path: str) -> list[URLPattern | URLResolver]:
    """Return the patterns at a path below `urls` of each chosen app, such as `public.localized`."""
    return [pattern for app in settings.APPS for pattern in import_string(f"{app}.urls.{path}")]
