"""Databases named in the environment: the primary, and a replica for the public site if there is one."""

import os
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured


def from_environment() -> dict[str, Any]:
    """Return Django's DATABASES.

    Raises ImproperlyConfigured.
    """
    named = {"default": "DATABASE_URL", "replica": "WAYMARK_REPLICA_URL"}
    return {alias: parsed(name, os.environ[name]) for alias, name in named.items() if os.environ.get(name)}


def parsed(name: str, url: str) -> Any:
    try:
        return dj_database_url.parse(url, engine="core.postgresql", conn_max_age=60, conn_health_checks=True)
    except (dj_database_url.ParseError, dj_database_url.UnknownSchemeError):
        # Without the address: it may hold a password.
        raise ImproperlyConfigured(
            f"{name} is no address of a database, such as postgres://waymark@db/waymark, or, of several servers, "
            "postgres://waymark@/waymark?host=db1,db2&port=5432,5432"
        ) from None
